// Writes ../built from the sources here: the script, the style sheet, their hashes and the licences of what is bundled.
// `node build.mjs --check` writes nothing and fails where ../built is not what the sources give.
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, "..", "built");

const options = { absWorkingDir: here, bundle: true, minify: true, write: false, charset: "utf8", legalComments: "none", target: ["es2020", "safari15"] };

async function script() {
  const result = await build({ ...options, entryPoints: ["src/main.ts"], format: "iife", metafile: true });
  const code = result.outputFiles[0].text;
  // Either would end or change the element that the script stands in.
  if (/<\/script|<!--/i.test(code)) throw new Error("the script holds </script or <!--");
  return { code, packages: packagesOf(result.metafile) };
}

async function style() {
  const sheets = ["src/base.css", "src/explore.css"];
  const texts = await Promise.all(sheets.map((sheet) => readFile(join(here, sheet), "utf8").catch(() => "")));
  const result = await build({ ...options, stdin: { contents: texts.join("\n"), loader: "css" } });
  const code = result.outputFiles[0].text;
  if (/<\/style|<!--|@import|url\((?!["']?data:)/i.test(code)) throw new Error("the style sheet ends its element or asks for a file");
  return code;
}

const packagesOf = (metafile) => [...new Set(Object.keys(metafile.inputs).flatMap((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []))].sort();

async function licences(packages) {
  const texts = await Promise.all(packages.map(licence));
  return `The script of the page holds these packages, bundled by src/report/html/page/build.mjs (npm run build).\n\n${texts.join("\n")}`;
}

async function licence(name) {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  if (!file) throw new Error(`${name} has no licence file`);
  const text = (await readFile(join(folder, file), "utf8")).replace(/\r\n/g, "\n").trim();
  return `== ${name} ${version} (${license})\n\n${text}\n`;
}

const hash = (text) => createHash("sha256").update(text, "utf8").digest("base64");

const { code, packages } = await script();
const sheet = await style();
const files = { "page.js": code, "page.css": sheet, "hashes.txt": `${hash(code)}\n${hash(sheet)}\n`, "LICENSES.txt": await licences(packages) };
for (const [name, text] of Object.entries(files)) {
  const path = join(built, name);
  if (!process.argv.includes("--check")) await writeFile(path, text);
  else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    console.error(`${path} is not what the sources give: run npm run build, and commit what it writes`);
    process.exitCode = 1;
  }
}
console.log(`page.js ${(code.length / 1024).toFixed(1)} KiB, page.css ${(sheet.length / 1024).toFixed(1)} KiB, of ${packages.join(", ")}`);
