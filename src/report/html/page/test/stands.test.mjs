// What must hold of the page however it is read: without a script, on a phone, on paper, by a screen reader, and with
// text that would do harm.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { dated, EVIL, hostile } from "./support/corpora.mjs";
import { clean, dataOf, DESK, launch, open, PHONE, report, shown, textOf } from "./support/page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser, path, seeds, evil;
before(async () => {
  browser = await launch();
  path = report(dated(), "stands.html");
  seeds = report("seeds", "stands-seeds.html");
  evil = report(hostile(), "hostile.html");
});
after(() => browser?.close());

test("without a script all that Rust wrote is shown, and nothing that needs one", async () => {
  const page = await open(browser, seeds, { script: false });
  for (const id of ["findings", "themes-overview", "themes", "only", "method"]) assert.ok(await shown(page, `#${id}`), id);
  const hidden = await page.$$eval("main [hidden]", (elements) => elements.map((element) => element.id));
  assert.deepEqual(hidden, ["filters", "map", "paragraphs"]);
  const links = await page.$$eval("nav a", (links) => links.filter((link) => link.checkVisibility()).map((link) => link.hash.slice(1)));
  assert.ok(links.length > 3 && !links.includes("map"));
  await page.close();
});

test("if the data cannot be read the page stays as it was written", async () => {
  const page = await open(browser, seeds, { script: false });
  const html = (await page.content()).replace(/("application\/json"[^>]*>)\{/, "$1{,");
  await page.close();
  const broken = await browser.newPage();
  const thrown = [];
  broken.on("pageerror", (error) => thrown.push(error.message));
  await broken.setContent(html);
  assert.deepEqual(thrown, []);
  assert.equal(await broken.evaluate(() => document.documentElement.classList.contains("js")), false);
  assert.ok(await shown(broken, "#themes"));
  await broken.close();
});

test("nothing is wider than a phone", async () => {
  for (const file of [path, seeds, evil]) {
    for (const fragment of ["", "#p=1"]) {
      const page = await open(browser, file, { viewport: PHONE, fragment });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= PHONE.width, `${wide} wide`);
      await clean(page);
    }
  }
});

test("it prints, with what was folded", async () => {
  const page = await open(browser, seeds);
  const pdf = await page.pdf({ format: "A4" });
  assert.equal(Buffer.from(pdf.subarray(0, 5)).toString(), "%PDF-");
  const pages = Buffer.from(pdf).toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g).length;
  assert.ok(pages >= 2 && pages < 60, `${pages} pages`);
  await page.emulateMediaType("print");
  assert.equal(await shown(page, "#filters, #map .tools, #paragraphs, button.more"), 0);
  assert.ok(await shown(page, "#map .points"), "the map is printed");
  const folded = await page.evaluate(() => {
    dispatchEvent(new Event("beforeprint"));
    return document.querySelectorAll(".list > [hidden]").length;
  });
  assert.equal(folded, 0);
  const shut = () => page.$$eval("main details:not(.choose), footer details", (all) => all.filter((details) => !details.open).length);
  const before = await page.evaluate(() => (dispatchEvent(new Event("afterprint")), 0)).then(shut);
  assert.ok(before > 0, "folded again after printing");
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await shut(), 0);
  assert.equal(await page.$$eval("#filters details[open]", (open) => open.length), 0);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.equal(await shut(), before);
  await clean(page);
});

test("light and dark are different, and both reach the map", async () => {
  const colours = [];
  for (const scheme of ["light", "dark"]) {
    const page = await open(browser, path, { scheme });
    colours.push(await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, document.querySelector("#map .points").toDataURL()]));
    if (scheme === "light") {
      const before = colours[0][1];
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
      await page.waitForFunction((before) => document.querySelector("#map .points").toDataURL() !== before, {}, before);
    }
    await clean(page);
  }
  assert.notEqual(colours[0][0], colours[1][0]);
  assert.notEqual(colours[0][1], colours[1][1]);
});

for (const [width, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
  for (const scheme of ["light", "dark"]) {
    test(`axe finds nothing serious: ${width}, ${scheme}`, async () => {
      for (const [file, fragment] of [[path, ""], [path, "#q=mackerel&p=4"], [seeds, ""], [seeds, "#p=2"]]) {
        const page = await open(browser, file, { viewport, scheme, fragment });
        // Details hide from axe what they hold.
        await page.evaluate(() => document.querySelectorAll("main details, header details, footer details").forEach((details) => (details.open = true)));
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        assert.deepEqual(serious.map(({ id, nodes }) => [id, nodes.slice(0, 3).map((node) => [node.html.slice(0, 160), node.any[0]?.message])]), [], `${file}${fragment}`);
        await clean(page);
      }
    });
  }
}

test("hostile text is shown as text", async () => {
  const page = await open(browser, evil);
  const { paragraphs, articles, outlets } = await dataOf(page);
  assert.ok(paragraphs.text.some((text) => text.includes("<img src=x onerror=")) && outlets.every((name) => name.includes("</script>")));
  assert.ok(articles.every(({ url }) => url === null || /^https?:/.test(url)));
  for (let index = 0; index < paragraphs.text.length; index++) {
    await page.evaluate((index) => (location.hash = `p=${index}`), index);
    await page.waitForFunction((text) => document.querySelector(".panel blockquote")?.textContent === text, {}, paragraphs.text[index]);
  }
  await page.focus("#map .points");
  await page.keyboard.press("ArrowRight");
  await page.type("#words", "onerror script");
  await page.waitForSelector(".results mark");
  const made = await page.evaluate(() => ({
    images: document.querySelectorAll("img, iframe, object, embed, base, form").length,
    scripts: document.querySelectorAll("script").length,
    handlers: [...document.querySelectorAll("*")].filter((element) => [...element.attributes].some(({ name }) => name.startsWith("on"))).length,
    links: [...document.querySelectorAll("a[href]")].filter(({ href }) => !/^(https?|file):/.test(href)).length,
    turned: /[\u202A-\u202E\u2066-\u2069]/.test(document.body.innerText),
  }));
  assert.deepEqual(made, { images: 0, scripts: 2, handlers: 0, links: 0, turned: false });
  assert.ok((await textOf(page, "main")).includes(EVIL.slice(0, 30)), "literally");
  await clean(page);
});

test("the policy lets no other script or style run", async () => {
  const page = await open(browser, seeds);
  const ran = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.body.append(style);
    await new Promise((next) => setTimeout(next, 50));
    return { ran: window.ran ?? false, gone: !document.body.checkVisibility(), refused: window.refused.length };
  });
  assert.deepEqual(ran, { ran: false, gone: false, refused: 2 });
  await page.close();
});

test("the same corpus gives the same bytes", () => {
  assert.deepEqual(readFileSync(seeds), readFileSync(report("seeds", "again.html")));
});

test("the page of the five seeds stays under 400 KB", () => {
  assert.ok(readFileSync(seeds).length < 400_000);
});
