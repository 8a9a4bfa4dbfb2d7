// What one does with the page: look, point, filter, search, open, go back, take along.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { dated } from "./support/corpora.mjs";
import { changed, clean, dataOf, folder, launch, open, PHONE, pointOf, report, shown, textOf, until } from "./support/page.mjs";

let browser, path, seeds;
before(async () => {
  browser = await launch();
  path = report(dated(), "dated.html");
  seeds = report("seeds", "seeds.html");
});
after(() => browser?.close());

/** The number before "of" in the filter bar, or all. */
const matching = async (page) => Number((await textOf(page, "#filters .count")).replace(/,/g, "").match(/^\d+/)[0]);
const fragment = (page) => page.evaluate(() => decodeURIComponent(location.hash.replace(/\+/g, " ")));
const settled = (page, count) => until(page, (count) => document.querySelector("#filters .count").textContent.startsWith(`${count} `), count);

test("the first screen says what there is", async () => {
  const page = await open(browser, path);
  const head = await page.evaluate(() => document.querySelector("header").innerText);
  const data = await dataOf(page);
  for (const fact of [/\b4\b/, /\b3\b/, new RegExp(`\\b${data.total}\\b`)]) assert.match(head, fact);
  assert.ok((await shown(page, "#findings a[href^='#']")) >= 2, "findings are links");
  assert.ok((await shown(page, "#themes-overview tr, #themes-overview li")) >= data.themes.length, "themes by size");
  await clean(page);
});

test("every link within the page leads somewhere", async () => {
  for (const file of [path, seeds]) {
    const page = await open(browser, file);
    const dead = await page.$$eval("a[href^='#']", (links) => links.map((link) => link.getAttribute("href")).filter((href) => !href.includes("=") && !document.getElementById(decodeURIComponent(href.slice(1)))));
    assert.deepEqual(dead, []);
    await clean(page);
  }
});

test("pointing at a paragraph shows its text, and the tip stays in the window", async () => {
  const page = await open(browser, path);
  const { paragraphs } = await dataOf(page);
  for (let index = 0; index < paragraphs.x.length; index++) {
    await page.mouse.move(...(await pointOf(page, index)));
    await until(page, () => !document.querySelector(".tip").hidden);
    const [text, inside] = await page.evaluate(() => {
      const box = document.querySelector(".tip").getBoundingClientRect();
      return [document.querySelector(".tip .text").textContent, box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight];
    });
    assert.equal(text, paragraphs.text[index]);
    assert.ok(inside, `the tip of ${index} is inside`);
    await page.mouse.move(2, 2);
    await until(page, () => document.querySelector(".tip").hidden);
  }
  await clean(page);
});

test("points are drawn where they are pointed at, in the colour of their theme", async () => {
  const page = await open(browser, path);
  const { paragraphs, themes } = await dataOf(page);
  const places = [];
  for (let index = 0; index < paragraphs.x.length; index++) places.push(await pointOf(page, index));
  const apart = await page.evaluate(
    (places, classes) => {
      const canvas = document.querySelector("#map .points");
      const { left, top, width } = canvas.getBoundingClientRect();
      const ratio = canvas.width / width;
      // Copies to read from: Chromium warns of many readings of a canvas that is drawn on.
      const [probe, copy] = [1, 2].map(() => document.createElement("canvas").getContext("2d", { willReadFrequently: true }));
      Object.assign(copy.canvas, { width: canvas.width, height: canvas.height });
      copy.drawImage(canvas, 0, 0);
      const style = getComputedStyle(document.documentElement);
      return places.map(([x, y], index) => {
        probe.fillStyle = style.getPropertyValue(`--${classes[index]}`);
        probe.fillRect(0, 0, 1, 1);
        const wanted = probe.getImageData(0, 0, 1, 1).data;
        const drawn = copy.getImageData(Math.round((x - left) * ratio), Math.round((y - top) * ratio), 1, 1).data;
        return Math.max(...[0, 1, 2].map((channel) => Math.abs(wanted[channel] - drawn[channel])));
      });
    },
    places,
    paragraphs.theme.map((theme) => (theme < 0 ? "tn" : themes[theme].colour < 0 ? "tx" : `t${themes[theme].colour}`)),
  );
  // A name or another point may stand over some.
  assert.ok(apart.filter((channel) => channel < 24).length >= apart.length * 0.7, `channels apart: ${apart}`);
  await clean(page);
});

test("a click on the map opens the paragraph, and its neighbours lead on", async () => {
  const page = await open(browser, path);
  const data = await dataOf(page);
  await page.mouse.click(...(await pointOf(page, 3)));
  await page.waitForSelector("dialog.panel[open]");
  assert.equal(await textOf(page, ".panel blockquote"), data.paragraphs.text[3]);
  assert.equal(await fragment(page), "#p=3");
  const next = data.paragraphs.near[3][0];
  assert.equal(await textOf(page, ".panel .near .cosine"), (data.paragraphs.near[3][1] / 1000).toFixed(2));
  await page.click(".panel .near a");
  await until(page, (text) => document.querySelector(".panel blockquote").textContent === text, data.paragraphs.text[next]);
  await page.click("#others");
  const own = data.outlets[data.articles[data.paragraphs.article[next]].outlet];
  const names = await page.$$eval(".panel .near .from bdi", (names) => names.map((name) => name.textContent));
  assert.ok(names.length > 0 && !names.includes(own), "other outlets only");
  await page.goBack();
  await until(page, (text) => document.querySelector(".panel blockquote").textContent === text, data.paragraphs.text[3]);
  await page.keyboard.press("Escape");
  await until(page, () => !document.querySelector("dialog.panel").open);
  assert.equal(await page.evaluate(() => document.activeElement.className), "points", "the focus is back on the map");
  await clean(page);
});

test("previous and next go through the article, and stop at its ends", async () => {
  const page = await open(browser, path, { fragment: "#p=0" });
  const { paragraphs } = await dataOf(page);
  assert.ok(await page.$eval(".panel .bar button:nth-child(1)", (button) => button.disabled));
  await page.click(".panel .bar button:nth-child(2)");
  await until(page, (text) => document.querySelector(".panel blockquote").textContent === text, paragraphs.text[1]);
  await clean(page);
});

test("outlet, theme and kind filter what is listed, and hide what has no match", async () => {
  const page = await open(browser, path);
  const data = await dataOf(page);
  const outletOf = (index) => data.articles[data.paragraphs.article[index]].outlet;
  const herald = data.outlets.indexOf("Herald");
  const exclusives = await shown(page, "article.exclusive");
  await page.click("#filters .choose:nth-of-type(1) summary");
  await page.evaluate((at) => document.querySelectorAll("#filters .choose")[0].querySelectorAll("input[type=checkbox]")[at].click(), herald);
  await settled(page, data.paragraphs.row.filter((_, index) => outletOf(index) === herald).length);
  assert.equal(await fragment(page), "#outlet=Herald");
  assert.ok((await shown(page, "article.exclusive")) < exclusives, "exclusives of others are hidden");
  const visible = await page.$$eval("article.exclusive:not([hidden])", (items) => items.flatMap((item) => item.dataset.rows.split(" ").map(Number)));
  assert.ok(visible.length > 0 && visible.every((index) => outletOf(index) === herald));
  assert.match(await textOf(page, "#only .shown"), /^Showing \d+ of the \d+ listed here$/);
  const listed = await page.$$eval("article.exclusive", (items) => items.map((item) => Number(item.dataset.rows)));
  assert.equal(await textOf(page, "#only .shown"), `Showing ${listed.filter((index) => outletOf(index) === herald).length} of the ${listed.length} listed here`, "of exclusives, not of omissions");
  await page.click("#filters .clear");
  await settled(page, data.paragraphs.row.length);
  assert.equal(await page.evaluate(() => location.hash), "");
  const theme = data.themes.findIndex((theme) => /comet/.test(theme.name));
  await page.evaluate((at) => document.querySelectorAll("#map .legend ul:first-child button")[at].click(), data.themes[theme].colour);
  await settled(page, data.themes[theme].members.length);
  assert.deepEqual(await page.$$eval("article.theme", (items) => items.filter((item) => item.checkVisibility()).map((item) => Number(item.dataset.theme))), [theme]);
  assert.equal(await shown(page, "article.group"), 0, "no group of that theme");
  await clean(page);
});

test("dates filter; articles without one are kept until a date is set", async () => {
  const page = await open(browser, path, { fragment: "#from=2026-01-06&to=2026-01-31" });
  const data = await dataOf(page);
  const inside = data.paragraphs.article.filter((article) => data.articles[article].date === "2026-01-07").length;
  assert.equal(await matching(page), inside);
  await page.click("#filters .clear");
  await settled(page, data.paragraphs.row.length);
  await clean(page);
});

test("exclusive and shared divide the paragraphs by the groups", async () => {
  const page = await open(browser, path, { fragment: "#only=exclusive" });
  const data = await dataOf(page);
  assert.equal(await matching(page), data.paragraphs.exclusive.filter(Boolean).length);
  await page.select("#filters select", "shared");
  await settled(page, new Set(data.groups.flat()).size);
  assert.equal(await shown(page, "article.exclusive"), 0);
  await clean(page);
});

test("a cell of the overlap shows what both outlets have", async () => {
  const page = await open(browser, path);
  const link = await page.$("#overlap a[href*='both=']");
  const both = new URLSearchParams((await link.evaluate((link) => link.hash)).slice(1)).getAll("both");
  const { outlets } = await dataOf(page);
  // Not by its place: what is above it may still be laid out.
  await link.evaluate((link) => link.click());
  await until(page, () => location.hash.includes("both="));
  const kept = await page.$$eval("article.group:not([hidden])", (groups) => groups.map((group) => group.dataset.outlets.split(" ").map(Number)));
  assert.ok(kept.length > 0 && kept.every((group) => both.every((name) => group.includes(outlets.indexOf(name)))));
  await clean(page);
});

test("a rectangle drawn on the map filters, and Escape takes it back", async () => {
  const page = await open(browser, path);
  const { paragraphs } = await dataOf(page);
  const left = paragraphs.x.indexOf(Math.min(...paragraphs.x));
  const [x, y] = await pointOf(page, left);
  await page.$eval("#map .select", (button) => button.click());
  await page.mouse.move(x - 14, y - 14);
  await page.mouse.down();
  await page.mouse.move(x + 14, y + 14, { steps: 4 });
  await page.mouse.up();
  await until(page, () => location.hash.includes("in="));
  const [x0, y0, x1, y1] = (await fragment(page)).match(/in=([-\d,]+)/)[1].split(",").map(Number);
  const inside = paragraphs.x.filter((x, at) => x >= x0 && x <= x1 && paragraphs.y[at] >= y0 && paragraphs.y[at] <= y1).length;
  assert.ok(inside > 0 && inside < paragraphs.x.length && paragraphs.x[left] >= x0 && paragraphs.x[left] <= x1);
  assert.equal(await matching(page), inside);
  await page.focus("#map .points");
  await page.keyboard.press("Escape");
  await settled(page, paragraphs.x.length);
  await page.keyboard.down("Shift");
  await page.mouse.move(x - 14, y - 14);
  await page.mouse.down();
  await page.mouse.move(x + 14, y + 14, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await until(page, () => location.hash.includes("in="));
  await clean(page);
});

test("search finds words by their beginning, whatever their case, and marks them", async () => {
  const page = await open(browser, path);
  const { paragraphs } = await dataOf(page);
  await page.type("#words", "MACKER crate");
  const hits = paragraphs.text.filter((text) => /macker/i.test(text) && /crate/i.test(text)).length;
  assert.ok(hits > 0);
  await settled(page, hits);
  assert.equal(await shown(page, ".results li"), hits);
  const marks = await page.$$eval(".results mark", (marks) => marks.map((mark) => mark.textContent.toLowerCase()));
  assert.ok(marks.includes("mackerel") && marks.includes("crate"));
  assert.match(await fragment(page), /q=MACKER crate/);
  await page.$eval("#words", (field) => (field.value = ""));
  await page.type("#words", "zzzz");
  await settled(page, 0);
  await clean(page);
});

test("deep links of each kind show their view on a fresh load, and are written as they were read", async () => {
  const first = await open(browser, path);
  const data = await dataOf(first);
  await clean(first);
  const theme = encodeURIComponent(data.themes[0].name).replace(/%20/g, "+");
  const views = [`theme=${theme}`, "outlet=Herald&outlet=Courier", "kind=body", "from=2026-01-06", "to=2026-01-06", "q=comet", "only=shared", "both=Herald&both=Courier", "in=-10000%2C-10000%2C0%2C10000", `theme=${theme}&outlet=Herald&q=bridge`];
  for (const view of views) {
    const page = await open(browser, path, { fragment: `#${view}` });
    const count = await matching(page);
    const all = data.paragraphs.row.length;
    assert.ok(view === "kind=body" ? count === all : count > 0 && count < all, `${view}: ${count} of ${all}`);
    // Opening a panel and closing it writes the fragment anew.
    await page.evaluate(() => document.querySelector(".results a.open").click());
    await page.keyboard.press("Escape");
    await until(page, (view) => location.hash === `#${view}`, view);
    await clean(page);
  }
});

test("what the data does not have is ignored in a link", async () => {
  for (const fragment of ["#outlet=Nobody&theme=none+such&p=99999&in=1,2&only=other&from=yesterday&at=nowhere", "#in=,,,", "#in=1,,2,3", "#from=2025-99-99&to=2025-02-30"]) {
    const page = await open(browser, path, { fragment });
    assert.equal(await matching(page), (await dataOf(page)).paragraphs.row.length, fragment);
    assert.equal(await shown(page, "dialog.panel"), 0);
    assert.ok(!(await shown(page, "#filters .clear")), fragment);
    await clean(page);
  }
});

test("a search that another supersedes says nothing later", async () => {
  const page = await open(browser, path);
  const all = (await dataOf(page)).paragraphs.row.length;
  await page.evaluate(() => {
    // As for very many paragraphs: the search rests after each.
    let now = 0;
    performance.now = () => (now += 50);
    const { setTimeout } = window;
    window.setTimeout = (does, milliseconds = 40) => setTimeout(does, milliseconds);
  });
  await page.evaluate(() => (location.hash = "q=comet"));
  await new Promise((next) => setTimeout(next, 60));
  await page.evaluate(() => (location.hash = "top"));
  await new Promise((next) => setTimeout(next, 300));
  assert.match(await textOf(page, "#paragraphs .said"), new RegExp(`^${all} paragraphs`));
  await page.evaluate(() => (location.hash = "q=mackerel"));
  await until(page, () => document.querySelector("#paragraphs .said").textContent === "Searching …");
  await until(page, () => / of /.test(document.querySelector("#paragraphs .said").textContent));
  await clean(page);
});

test("words are found beside characters beyond the first plane, and such characters themselves", async () => {
  const page = await open(browser, changed(path, "planes.html", ({ paragraphs }) => (paragraphs.text[0] = "Rain 🌧zither, \u{20BB7}\u{91CE}\u{5BB6} and 𝐛𝐨𝐥𝐝zinc.")));
  for (const [sought, count] of [["zith", 1], ["\u{20BB7}", 1], ["\u{91CE}", 1], ["rain", 1], ["zinc", 0]]) {
    await page.evaluate((sought) => (location.hash = `q=${encodeURIComponent(sought)}`), sought);
    await until(page, (sought) => document.querySelector("#paragraphs #words").value === sought, sought);
    await settled(page, count);
  }
  await clean(page);
});

test("an omission is kept by the outlets that lack it, and by what the others carry", async () => {
  const { outlets, articles, paragraphs } = JSON.parse(readFileSync(path, "utf8").match(/id="data"[^>]*>(.*?)<\/script>/s)[1]);
  const carrier = articles[paragraphs.article[0]].outlet;
  const [one, other] = [0, 1, 2].filter((outlet) => outlet !== carrier);
  const item = (id, rows, lacking) => `<li class="omission" id="${id}" data-rows="${rows}" data-outlets="${lacking}">${id}</li>`;
  const section = `<section class="filtered"><p class="shown" aria-live="polite"></p><ul class="list" data-page="20">${item("lacked", "0", other)}${item("elsewhere", "", `${one} ${other}`)}</ul></section>`;
  const file = changed(path, "omissions.html", () => {}, (html) => html.replace("<footer", `${section}<footer`));
  const of = (outlet) => `outlet=${encodeURIComponent(outlets[outlet])}`;
  const views = [["", true, true], [`#${of(carrier)}`, false, false], [`#${of(one)}`, false, true], [`#${of(other)}`, true, true], ["#q=bridge", true, false], ["#q=comet", false, false], [`#${of(other)}&q=bridge`, true, false], [`#${of(one)}&q=bridge`, false, false]];
  assert.match(paragraphs.text[0], /bridge/);
  for (const [fragment, ...wanted] of views) {
    const page = await open(browser, file, { fragment });
    assert.deepEqual([await shown(page, "#lacked"), await shown(page, "#elsewhere")].map(Boolean), wanted, fragment);
    assert.equal(await page.$$eval("p.shown[aria-live]", (said) => said.length), 0, "the filter bar alone tells");
    await clean(page);
  }
});

test("what was not looked for is not offered, nor said in a download", async () => {
  const file = changed(path, "unknown.html", (data) => {
    data.groups = null;
    data.paragraphs.exclusive = [];
  });
  const page = await open(browser, file, { fragment: "#only=shared" });
  assert.equal(await shown(page, "#filters select"), 0);
  assert.equal(await matching(page), (await dataOf(page)).paragraphs.row.length);
  const taken = await page.evaluate(() => {
    let blob;
    URL.createObjectURL = (made) => ((blob = made), "blob:none");
    HTMLAnchorElement.prototype.click = () => {};
    document.querySelector(".save-json").click();
    return blob.text();
  });
  for (const row of JSON.parse(taken)) assert.deepEqual([row.group, row.exclusive], [null, null]);
  await clean(page);
});

test("the panel says what of a group and of the nearest the page holds", async () => {
  const file = changed(path, "sampled.html", (data) => {
    data.total += 9;
    data.sizes = data.groups.map((group) => group.length + 2);
    data.groups[0] = data.groups[0].slice(0, 1);
    data.sizes[0] = 3;
    data.paragraphs.near = data.paragraphs.near.map((near) => near.slice(0, 4));
    data.paragraphs.near[1] = [];
    data.paragraphs.near_of = data.paragraphs.near.map(() => 10);
    data.themes.forEach((theme) => (theme.size = theme.members.length + 5));
  });
  const page = await open(browser, file);
  const { groups, themes } = await dataOf(page);
  await page.evaluate((index) => (location.hash = `p=${index}`), groups[0][0]);
  await page.waitForSelector("dialog.panel[open]");
  assert.match(await textOf(page, ".panel dl"), /1 of 3 passages on this page/);
  assert.match(await textOf(page, ".panel"), /2 of the 10 nearest are on this page/);
  await page.evaluate(() => (location.hash = "p=1"));
  await until(page, () => /None of the 10 nearest is on this page/.test(document.querySelector(".panel").textContent));
  await page.evaluate((name) => (location.hash = `theme=${encodeURIComponent(name)}`), themes[0].name);
  await settled(page, themes[0].members.length);
  assert.match(await textOf(page, "#paragraphs .said"), new RegExp(`${themes[0].members.length} here of ${themes[0].members.length + 5} in the theme`));
  await clean(page);
});

test("the keyboard selects a part of the map: what is zoomed to", async () => {
  const page = await open(browser, path);
  const { paragraphs } = await dataOf(page);
  assert.ok(await page.$eval("#map .visible", (button) => button.disabled), "all of the map is no filter");
  await page.focus("#map .points");
  await page.keyboard.press("ArrowRight");
  for (let presses = 0; presses < 3; presses++) await page.keyboard.press("+");
  await page.waitForSelector("#map .visible:not(:disabled)");
  await page.focus("#map .visible");
  await page.keyboard.press("Enter");
  await until(page, () => location.hash.includes("in="));
  const [x0, y0, x1, y1] = (await fragment(page)).match(/in=([-\d,]+)/)[1].split(",").map(Number);
  const inside = paragraphs.x.filter((x, at) => x >= x0 && x <= x1 && paragraphs.y[at] >= y0 && paragraphs.y[at] <= y1).length;
  assert.ok(x0 < x1 && y0 < y1 && inside < paragraphs.x.length);
  await settled(page, inside);
  await page.focus("#map .points");
  await page.keyboard.press("Escape");
  await settled(page, paragraphs.x.length);
  await clean(page);
});

test("Back undoes a step", async () => {
  const page = await open(browser, path);
  const all = (await dataOf(page)).paragraphs.row.length;
  await page.select("#filters select", "exclusive");
  await until(page, () => location.hash === "#only=exclusive");
  await page.select("#filters select", "shared");
  await until(page, () => location.hash === "#only=shared");
  await page.goBack();
  await until(page, () => location.hash === "#only=exclusive" && document.querySelector("#filters select").value === "exclusive");
  await page.goBack();
  await settled(page, all);
  await clean(page);
});

test("a link leads to its place in a page of many groups, whose heights are guessed", async () => {
  const many = (html) => {
    const group = (at) => `<article class="group" id="made-${at}" data-rows="0" data-outlets="0"><p>${"What is said here takes some room. ".repeat(10 + ((at * 37) % 90))}</p></article>`;
    const section = (id, from) => `<section id="${id}"><div class="list" data-page="1000">${Array.from({ length: 300 }, (_, at) => group(from + at)).join("")}</div></section>`;
    return html.replace(/<section[^>]*id="paragraphs"/, (paragraphs) => `${section("many", 1000)}${section("more", 2000)}${paragraphs}`);
  };
  const file = changed(path, "many.html", () => {}, many);
  const place = (page, id) => page.$eval(`#${id}`, (element) => element.getBoundingClientRect().top);
  const stays = async (page, id) => {
    await new Promise((next) => setTimeout(next, 800));
    const top = await place(page, id);
    assert.ok(top >= 0 && top < 120, `${id} at ${top}`);
  };
  for (const id of ["more", "made-1290", "paragraphs"]) {
    const page = await open(browser, file, { fragment: `#q=bridge&at=${id}` });
    await stays(page, id);
    await page.evaluate(() => (location.hash = "made-1100"));
    await stays(page, "made-1100");
    await page.evaluate((id) => (location.hash = id), id);
    await stays(page, id);
    await clean(page);
  }
});

test("a link to an item that a filter hides clears the filter and goes there", async () => {
  const page = await open(browser, path, { fragment: "#q=comet" });
  assert.equal(await shown(page, "#group-1"), 0);
  await page.evaluate(() => {
    const link = document.createElement("a");
    link.href = "#group-1";
    document.body.append(link);
    link.click();
  });
  await until(page, () => location.hash === "#group-1" && document.getElementById("group-1").checkVisibility());
  const top = await page.$eval("#group-1", (group) => group.getBoundingClientRect().top);
  assert.ok(top >= 0 && top < 400, `at ${top}`);
  await clean(page);
});

test("downloads hold all that matches, not only what is listed", async () => {
  const page = await open(browser, path);
  const session = await page.createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder });
  const { paragraphs, ...data } = await dataOf(page);
  const all = await saved(page, ".save-json", "refrain-paragraphs.json");
  assert.deepEqual(JSON.parse(all).map((row) => row.text), paragraphs.text);
  await page.select("#filters select", "exclusive");
  const kept = paragraphs.row.filter((_, index) => paragraphs.exclusive[index]);
  await settled(page, kept.length);
  const [header, ...rows] = readCsv(await saved(page, ".save-csv", "refrain-paragraphs.csv"));
  assert.deepEqual(header, ["row", "article", "outlet", "title", "date", "url", "place", "kind", "text", "theme", "group", "exclusive", "x", "y"]);
  assert.deepEqual(rows.map((row) => Number(row[0])), kept);
  for (const row of rows) {
    const index = paragraphs.row.indexOf(Number(row[0]));
    assert.equal(row[header.indexOf("text")], paragraphs.text[index]);
    assert.equal(row[header.indexOf("outlet")], data.outlets[data.articles[paragraphs.article[index]].outlet]);
    assert.equal(Number(row[header.indexOf("x")]), paragraphs.x[index] / 10000);
  }
  await clean(page);
});

/** Presses a button and reads the file that comes. */
async function saved(page, selector, name) {
  // Not by its place: what is above it may still be laid out.
  await page.$eval(selector, (button) => button.click());
  for (let tries = 0; tries < 100; tries++) {
    try {
      return readFileSync(`${folder}/${name}`, "utf8");
    } catch {
      await new Promise((next) => setTimeout(next, 50));
    }
  }
  throw new Error(`${name} never came`);
}

/** RFC 4180, by its grammar. */
function readCsv(text) {
  const rows = [[]];
  for (const [whole, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    if (whole === "" && rows[rows.length - 1].length === 0) continue;
    rows[rows.length - 1].push(quoted === undefined ? plain : quoted.replace(/""/g, '"'));
    if (end === "\r\n") rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

test("the keyboard alone reaches the map, its points, a panel and back", async () => {
  const page = await open(browser, path);
  const { paragraphs } = await dataOf(page);
  const reached = new Set();
  for (let presses = 0; presses < 400; presses++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const { activeElement: at } = document;
      return at === document.body ? null : [at.id, at.className, at.tagName, at.textContent.slice(0, 12)].join(" ");
    });
    if (at === null) break;
    reached.add(at);
  }
  for (const part of [/skip/, /points CANVAS/, /select BUTTON/, /words INPUT/, /SUMMARY Outlet/, /save-csv/, /open A/]) {
    assert.ok([...reached].some((at) => part.test(at)), `Tab reaches ${part}`);
  }
  await page.focus("#map .points");
  await page.keyboard.press("ArrowRight");
  await until(page, () => document.querySelector("#map [aria-live]").textContent !== "");
  const first = await textOf(page, ".tip");
  // It may be the last on one side, not on both.
  for (const key of ["ArrowLeft", "ArrowRight"]) if ((await textOf(page, ".tip")) === first) await page.keyboard.press(key);
  assert.notEqual(await textOf(page, ".tip"), first);
  const second = await textOf(page, ".tip .text");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog.panel[open]");
  assert.equal(await textOf(page, ".panel blockquote"), second);
  assert.ok(paragraphs.text.includes(second));
  await page.keyboard.press("Escape");
  await until(page, () => document.activeElement.className === "points");
  await clean(page);
});

test("the wheel scrolls the page until the map was clicked, then zooms", async () => {
  const page = await open(browser, path);
  const [x, y] = await pointOf(page, 0);
  await page.mouse.move(x, y);
  const before = await page.evaluate(() => scrollY);
  await page.mouse.wheel({ deltaY: 120 });
  await until(page, (before) => scrollY > before, before);
  const pixels = () => page.$eval("#map .points", (canvas) => canvas.toDataURL().length);
  const whole = await pixels();
  const box = await (await page.$("#map .points")).boundingBox();
  await page.focus("#map .points");
  await page.mouse.move(box.x + box.width / 2, Math.max(box.y, 0) + 120);
  const stood = await page.evaluate(() => scrollY);
  await page.mouse.wheel({ deltaY: -400 });
  await until(page, (whole) => document.querySelector("#map .points").toDataURL().length !== whole, whole);
  assert.equal(await page.evaluate(() => scrollY), stood);
  await clean(page);
});

test("a finger shows first, and opens the second time", async () => {
  const page = await open(browser, path, { viewport: PHONE });
  const { paragraphs } = await dataOf(page);
  const [x, y] = await pointOf(page, 2);
  await page.touchscreen.tap(x, y);
  await until(page, () => !document.querySelector(".tip").hidden);
  assert.ok(paragraphs.text.includes(await textOf(page, ".tip .text")));
  assert.equal(await shown(page, "dialog.panel"), 0);
  await page.touchscreen.tap(x, y);
  await page.waitForSelector("dialog.panel[open]");
  await clean(page);
});
