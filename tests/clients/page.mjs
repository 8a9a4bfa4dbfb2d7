// The search page of a running `refrain serve LIBRARY`, in headless Chromium: asked, filtered, followed, on a desktop and
// on a phone, light and dark. Exits 1 where something is not as it should be.
//
//     (cd src/report/html/page && npm ci)
//     refrain serve news.refrain --port 8765 &
//     node tests/clients/page.mjs http://127.0.0.1:8765 "a question" [FOLDER FOR PICTURES]
//
// CHROMIUM names another browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../src/report/html/page/package.json", import.meta.url));
const { default: puppeteer } = await import(require.resolve("puppeteer-core"));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [base = "http://127.0.0.1:8765", question = "Who pays for the data centres?", folder] = process.argv.slice(2);

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"],
});

async function open(path, { width, height, dark }) {
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) faults.push(`asked ${request.url()}`);
  });
  await page.setViewport({ width, height, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  await page.goto(`${base}/${path}`, { waitUntil: "networkidle0" });
  return { page, faults };
}

const answered = (page) => page.waitForFunction(() => / ms$/.test(document.getElementById("said").textContent), { timeout: 20000 });
const hits = (page) => page.$$eval("#hits > li", (items) => items.map((item) => ({
  outlet: item.querySelector(".outlet").textContent, text: item.querySelector(".text").textContent,
  marks: item.querySelectorAll("mark").length, elsewhere: item.querySelector(".elsewhere .outlet")?.textContent,
})));

async function asks() {
  const { page, faults } = await open("", { width: 1280, height: 900, dark: false });
  await page.waitForFunction(() => document.getElementById("outlet").options.length > 1);
  await page.type("#query", question);
  await page.keyboard.press("Enter");
  await answered(page);
  const found = await hits(page);
  assert.ok(found.length > 0 && found.length <= 10);
  assert.ok(found.some((hit) => hit.marks > 0), "no word is marked");
  assert.ok(found.every((hit) => hit.elsewhere === undefined || hit.elsewhere !== hit.outlet), "elsewhere is not elsewhere");
  assert.ok(found.some((hit) => hit.elsewhere), "nothing elsewhere");
  assert.equal(new URL(page.url()).searchParams.get("q"), question);

  // A filter asks again at once, and the address keeps it.
  const outlet = found[0].outlet;
  await page.$eval("#filters", (filters) => (filters.open = true));
  await page.select("#outlet", outlet);
  await page.waitForFunction((outlet) => [...document.querySelectorAll("#hits > li > .head .outlet")].every((one) => one.textContent === outlet), {}, outlet);
  assert.equal(new URL(page.url()).searchParams.get("outlet"), outlet);
  await page.goBack();
  await page.waitForFunction(() => document.getElementById("outlet").value === "");

  // Themes are offered where the library keeps some.
  const theme = await page.$eval("#theme", (themes) => themes.options[1]?.value);
  if (theme) {
    await page.select("#theme", theme);
    await page.waitForFunction(() => / shut out by filters /.test(document.getElementById("said").textContent));
    assert.equal(new URL(page.url()).searchParams.get("theme"), theme);
    await page.select("#theme", "");
    await answered(page);
  }

  // Words alone, and a question that has none.
  await page.click('input[value="lexical"]');
  await page.$eval("#query", (query) => (query.value = "qqqzzzxxx"));
  await page.click('button[type="submit"]');
  await page.waitForFunction(() => document.getElementById("said").textContent.startsWith("Nothing in"));

  // What is refused is said.
  await page.$eval("#query", (query) => (query.value = "<img src=x onerror=alert(1)>"));
  await page.$eval("#from", (from) => (from.value = "2026-02-02"));
  await page.$eval("#to", (to) => (to.value = "2026-01-01"));
  await page.click('button[type="submit"]');
  await page.waitForSelector("#said.wrong");
  assert.match(await page.$eval("#said", (said) => said.textContent), /no day is from 2026-02-02 to 2026-01-01/);
  assert.deepEqual(faults.filter((fault) => !/status of 422/.test(fault)), []);
  await page.close();
}

/** A field that is wrong and hidden is shown and said; a day beyond the library's is a question; an empty one is said. */
async function corrects() {
  const { page, faults } = await open("", { width: 1280, height: 900, dark: false });
  await page.waitForFunction(() => document.getElementById("outlet").options.length > 1);
  const said = () => page.$eval("#said", (line) => line.textContent);
  await page.click('button[type="submit"]');
  assert.match(await said(), /^Write what to look for/);
  await page.type("#query", question);
  await page.$eval("#k", (k) => (k.value = 1000));
  assert.equal(await page.$eval("#filters", (filters) => filters.open), false);
  await page.click('button[type="submit"]');
  assert.match(await said(), /expected a whole number from 1 to 100/);
  assert.deepEqual(await page.evaluate(() => [document.getElementById("filters").open, document.activeElement.id]), [true, "k"]);
  await page.$eval("#k", (k) => (k.value = 10));
  await page.$eval("#from", (from) => (from.value = "1950-01-01"));
  await page.click('button[type="submit"]');
  await answered(page);
  assert.equal(new URL(page.url()).searchParams.get("from"), "1950-01-01");
  assert.deepEqual(faults, []);
  await page.close();
}

/** What an old link asks for and the library has no more is said, and left out. */
async function outdates() {
  const stale = "outlet=Nobody's+Gazette&theme=t99999&kind=story&from=yesterday&mode=best&k=many";
  const { page, faults } = await open(`?q=${encodeURIComponent(question)}&${stale}`, { width: 1280, height: 900, dark: false });
  await answered(page);
  const said = await page.$eval("#dropped", (line) => (line.hidden ? "" : line.textContent));
  for (const part of ["outlet “Nobody's Gazette”", "theme “t99999”", "kind “story”", "from “yesterday”", "by “best”", "how many “many”"]) {
    assert.ok(said.includes(part), `no ${part} in: ${said}`);
  }
  assert.ok((await hits(page)).length > 0);
  await page.click('button[type="submit"]');
  await answered(page);
  assert.equal(await page.$eval("#dropped", (line) => line.hidden), true);
  assert.deepEqual(faults, []);
  await page.close();
}

/** "More like this" asks for the paragraph itself, which is then the first. */
async function follows() {
  const { page, faults } = await open(`?q=${encodeURIComponent(question)}`, { width: 1280, height: 900, dark: false });
  await answered(page);
  const [first] = await hits(page);
  await page.click("#hits button.plain");
  await page.waitForFunction((text) => document.getElementById("query").value.trim() === text.trim() && / ms$/.test(document.getElementById("said").textContent), {}, first.text);
  await answered(page);
  // What is asked by is no answer to itself, and the address can be sent on.
  assert.ok((await hits(page)).every((hit) => hit.text !== first.text));
  const asked = new URL(page.url()).searchParams;
  assert.ok(/:\d+$/.test(asked.get("paragraph")) && !asked.has("q"), page.url());
  await page.type("#query", "!");
  await page.keyboard.press("Enter");
  await answered(page);
  assert.ok(new URL(page.url()).searchParams.get("q").endsWith("!"), page.url());
  assert.deepEqual(faults, []);
  await page.close();
}

async function looks() {
  for (const [name, width, height] of [["desktop", 1280, 900], ["phone", 390, 844]]) {
    for (const dark of [false, true]) {
      const { page, faults } = await open(`?q=${encodeURIComponent(question)}`, { width, height, dark });
      await answered(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name}: ${wide} pixels too wide`);
      // Run by the driver, which the page's policy does not bind.
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), []);
      assert.deepEqual(faults, []);
      if (folder) await page.screenshot({ path: join(folder, `${name}-${dark ? "dark" : "light"}.png`) });
      await page.close();
    }
  }
}

try {
  for (const check of [asks, corrects, outdates, follows, looks]) {
    await check();
    console.log(`ok ${check.name}`);
  }
} finally {
  await browser.close();
}
