// Pages made by the built binary, opened in the installed Chromium from file://. Whatever a page logs, throws, asks for
// or is refused by its policy is kept; `clean` fails on any of it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../../../../..");
const refrain = process.env.REFRAIN_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "release/refrain");

/** A folder that is gone when the process ends. */
export const folder = mkdtempSync(join(tmpdir(), "refrain-page-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** The report on a corpus as a page; its path. */
export function report(input, name) {
  const path = join(folder, name);
  execFileSync(refrain, ["report", input, "-o", path], { cwd: root, stdio: ["ignore", "ignore", "pipe"], timeout: 120_000 });
  return path;
}

/** A copy of a page with other data, and other HTML if asked; its path. */
export function changed(path, name, change, html = (text) => text) {
  const copy = join(folder, name);
  const [before, json, after] = readFileSync(path, "utf8").split(/(?<=<script[^>]*id="data"[^>]*>)(.*?)(?=<\/script>)/s);
  const data = JSON.parse(json);
  change(data);
  writeFileSync(copy, html(before) + JSON.stringify(data).replace(/</g, "\\u003c") + after);
  return copy;
}

/** The browser: CHROMIUM, or the first of the usual names on PATH. */
export function chromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const found = process.env.PATH.split(delimiter).flatMap((place) => names.map((name) => join(place, name))).find(existsSync);
  assert.ok(found, "no Chromium: set CHROMIUM to one");
  return found;
}

/** A browser without a sandbox, which a container's root cannot have; it opens pages of ours alone. */
export const launch = () => puppeteer.launch({ executablePath: chromium(), args: ["--no-sandbox", "--force-color-profile=srgb"] });

export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true };

/** Opens a page. `faults` of the result gathers what must not happen. */
export async function open(browser, path, { fragment = "", viewport = DESK, scheme = "light", script = true } = {}) {
  const page = await browser.newPage();
  const faults = [];
  page.on("console", (message) => ["error", "warn", "warning"].includes(message.type()) && faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`thrown: ${error.message}`));
  page.on("dialog", (dialog) => (faults.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  await page.setRequestInterception(true);
  const own = pathToFileURL(path).href;
  page.on("request", (request) => {
    const url = request.url();
    if (url.split("#")[0] === own || /^(data|blob):/.test(url)) return request.continue();
    faults.push(`request: ${url}`);
    return request.abort();
  });
  await page.setViewport(viewport);
  await page.setJavaScriptEnabled(script);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
  await page.evaluateOnNewDocument(() => {
    window.refused = [];
    addEventListener("securitypolicyviolation", (event) => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(own + fragment);
  if (script) await page.waitForSelector("html[data-ready]", { timeout: 30_000 });
  page.faults = faults;
  return page;
}

/** Fails if the page did anything it must not, and closes it. */
export async function clean(page) {
  const refused = await page.evaluate(() => window.refused ?? []).catch(() => []);
  assert.deepEqual([...page.faults, ...refused.map((one) => `refused: ${one}`)], []);
  await page.close();
}

/** Waits until something is so in the page. */
export const until = (page, condition, ...values) => page.waitForFunction(condition, { timeout: 10_000 }, ...values);

/** The data that the page carries. */
export const dataOf = (page) => page.$eval("#data", (element) => JSON.parse(element.textContent));

/** The text of the first element that matches. */
export const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent);

/** How many elements match and are shown. */
export const shown = (page, selector) => page.$$eval(selector, (elements) => elements.filter((element) => element.checkVisibility()).length);

/** Where a paragraph's point is in the window: the page's own arithmetic is asked by pointing, so this is computed anew. */
export async function pointOf(page, index) {
  return page.evaluate(async (index) => {
    const { x, y } = JSON.parse(document.getElementById("data").textContent).paragraphs;
    const canvas = document.querySelector("#map .points");
    canvas.scrollIntoView({ block: "center" });
    // Lists that the browser had not laid out move the page once more; scrolling hides the tip, a frame later.
    for (let frames = 0, at = NaN; frames < 60 && at !== canvas.getBoundingClientRect().top; frames++) {
      at = canvas.getBoundingClientRect().top;
      await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    }
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const [x0, x1, y0, y1] = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
    const unit = Math.min((width - 36) / (x1 - x0), (height - 36) / (y1 - y0));
    return [left + width / 2 + (x[index] - (x0 + x1) / 2) * unit, top + height / 2 - (y[index] - (y0 + y1) / 2) * unit];
  }, index);
}
