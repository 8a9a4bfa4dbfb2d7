// How fast a page is: from opening it to being usable, a frame while the map moves, an answer while one types.
// Run: node benches/page.mjs PAGE.html  (npm ci in src/report/html/page first; CHROMIUM names another browser)
// Prints one JSON line. Frames are timed in the page, over 60 of them, with the map's own drawing forced to finish.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { dataOf, launch, open } from "../src/report/html/page/test/support/page.mjs";

const path = resolve(process.argv[2] ?? "");
const RUNS = 5;

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const round = (milliseconds) => Math.round(milliseconds * 10) / 10;

/** Milliseconds from the navigation until filters, map, list and panel work. */
async function ready(browser) {
  const page = await open(browser, path);
  const [readyAt, first] = await page.evaluate(() => [performance.getEntriesByName("refrain-ready")[0].startTime, performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0]);
  await page.close();
  return [readyAt, first];
}

/** Milliseconds a frame while one drags the map and zooms into it. */
async function frames(page) {
  await page.$eval("#map .points", (canvas) => (canvas.scrollIntoView({ block: "center" }), canvas.focus()));
  const { x, y, width, height } = await (await page.$("#map .points")).boundingBox();
  return page.evaluate(
    async (x, y) => {
      const canvas = document.querySelector("#map .points");
      const send = (type, more) => canvas.dispatchEvent(new (type === "wheel" ? WheelEvent : PointerEvent)(type, { bubbles: true, cancelable: true, isPrimary: true, pointerId: 1, clientX: x, clientY: y, ...more }));
      const next = () => new Promise((done) => requestAnimationFrame(done));
      const timed = async (step) => {
        const spent = [];
        for (let at = 0; at < 60; at++) {
          step(at);
          const from = performance.now();
          await next();
          // Reading a pixel waits until what was drawn is there.
          canvas.getContext("2d").getImageData(0, 0, 1, 1);
          spent.push(performance.now() - from);
        }
        return spent.reduce((sum, one) => sum + one, 0) / spent.length;
      };
      const zoom = await timed((at) => send("wheel", { deltaY: at < 30 ? -60 : 60, ctrlKey: true }));
      // A pointer that is not held by the browser cannot be captured, so moving is zooming a little, here and there.
      const pan = await timed((at) => send("wheel", { ctrlKey: true, clientX: x + at * 4, deltaY: at % 2 ? 1 : -1 }));
      return { zoom, pan };
    },
    x + width / 2,
    y + height / 2,
  );
}

/** Milliseconds from the first search's key to its answer (with the index), and from a later one's. */
async function searches(page) {
  const search = (words) =>
    page.evaluate(async (words) => {
      const field = document.getElementById("words");
      const said = document.querySelector("#paragraphs .said");
      field.value = words;
      const from = performance.now();
      const answered = new Promise((done) => new MutationObserver(() => said.textContent.startsWith("Searching") || done()).observe(said, { childList: true, characterData: true, subtree: true }));
      field.dispatchEvent(new Event("input"));
      await answered;
      return performance.now() - from;
    }, words);
  const first = await search("president");
  return { first, later: median([await search("elect"), await search("health care"), await search("court jus")]) };
}

const browser = await launch();
const opened = [];
for (let run = 0; run < RUNS; run++) opened.push(await ready(browser));
const page = await open(browser, path);
const { paragraphs } = await dataOf(page);
const { zoom, pan } = await frames(page);
const { first, later } = await searches(page);
console.log(
  JSON.stringify({
    browser: await browser.version(),
    page_mb: Math.round(statSync(path).size / 1e5) / 10,
    paragraphs: paragraphs.row.length,
    first_paint_ms: round(median(opened.map(([, first]) => first))),
    ready_ms: round(median(opened.map(([ready]) => ready))),
    frame_zoom_ms: round(zoom),
    frame_move_ms: round(pan),
    first_search_ms: round(first),
    later_search_ms: round(later),
  }),
);
await browser.close();
