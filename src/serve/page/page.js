// The search page: asks /nearest and shows what it answers. Everything that came from articles is set as text, never as
// markup; the address bar holds the question, so that it can be kept and sent on.
"use strict";

const at = (id) => document.getElementById(id);
const form = at("form");
const fields = ["from", "to", "outlet", "theme", "kind"];
const names = { from: "from", to: "to", outlet: "outlet", theme: "theme", kind: "kind", k: "how many", mode: "by" };
let asking = null;
/** The paragraph whose like is looked for, as "article:number", in place of the text in the form. */
let like = null;
/** How long to wait before a library that is gone is asked for again, in milliseconds. */
const PATIENCE = 5000;

function made(tag, kind, ...inside) {
  const one = document.createElement(tag);
  if (kind) one.className = kind;
  one.append(...inside);
  return one;
}

async function asked(path, options) {
  const answer = await fetch(path, options);
  const body = await answer.json();
  if (!answer.ok) throw new Error(typeof body.error === "string" ? body.error : `the server answered ${answer.status}`);
  return body;
}

const counted = (count, one, more) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

async function introduce() {
  try {
    const { refrain, model_id: model } = await asked("info");
    const library = refrain.library;
    if (!library) {
      at("about").textContent = `${model}; no library is served here`;
      form.hidden = true;
      return;
    }
    if (library.error) {
      at("about").textContent = library.name;
      at("query").value ||= new URLSearchParams(location.search).get("q") ?? "";
      say(library.error, true);
      setTimeout(introduce, PATIENCE);
      return;
    }
    const parts = [
      library.name, counted(library.articles, "article", "articles"), counted(library.paragraphs, "paragraph", "paragraphs"),
      counted(library.outlets.length, "outlet", "outlets"),
    ];
    at("about").textContent = parts.join(" · ");
    document.title = `${library.name} – refrain`;
    at("outlet").append(...library.outlets.map((name) => new Option(name, name)));
    at("theme").append(...library.themes.map(({ id, name, paragraphs }) => new Option(`${name} (${paragraphs})`, id)));
    if (!library.themes.length) {
      at("theme").disabled = true;
      at("theme").options[0].text = "none kept yet";
      at("theme").title = "refrain themes finds the themes of a library and keeps them";
    }
    at("kind").append(...library.kinds.map((name) => new Option(name.replaceAll("_", " "), name)));
    if (library.dates) {
      // Said, not enforced: a day beyond them is a question like any other.
      at("dated").textContent = `Its articles are dated ${library.dates[0]} to ${library.dates[1]}.`;
      at("dated").hidden = false;
    }
    recall();
  } catch (error) {
    say(error.message, true);
  }
}

function say(what, wrong = false) {
  at("said").textContent = what;
  at("said").classList.toggle("wrong", wrong);
}

/** Sets a field to what a link asks for; what that was, where the field has no such value. */
function set(field, name, wanted, otherwise) {
  field.value = wanted ?? otherwise;
  if (wanted === null || field.value === wanted) return [];
  field.value = otherwise;
  return [`${names[name]} “${wanted}”`];
}

/** The form as the address has it, and the answer to what it asks. What it asks for and is not here is said. */
function recall() {
  const held = new URLSearchParams(location.search);
  at("query").value = held.get("q") ?? "";
  like = held.get("paragraph");
  const gone = fields.flatMap((name) => set(at(name), name, held.get(name) || null, ""));
  gone.push(...set(at("k"), "k", held.get("k"), "10"));
  gone.push(...set(form.elements.namedItem("mode"), "mode", held.get("mode"), "hybrid"));
  at("elsewhere").checked = held.get("elsewhere") !== "no";
  at("dropped").textContent = `Left out, for this library has none of it: ${gone.join(", ")}`;
  at("dropped").hidden = !gone.length;
  if (fields.some((field) => at(field).value)) at("filters").open = true;
  if (like || at("query").value.trim()) search();
  else clear();
}

function clear() {
  at("hits").replaceChildren();
  say("");
}

function keep() {
  const kept = new URLSearchParams(like ? { paragraph: like } : { q: at("query").value.trim() });
  for (const field of fields) if (at(field).value) kept.set(field, at(field).value);
  const mode = form.elements.namedItem("mode").value;
  if (mode !== "hybrid") kept.set("mode", mode);
  if (at("k").value !== "10") kept.set("k", at("k").value);
  if (!at("elsewhere").checked) kept.set("elsewhere", "no");
  const address = `?${kept}`;
  if (address !== location.search) history.pushState(null, "", address);
}

/** The first field that cannot be asked with, and why. */
function fault() {
  if (!like && !at("query").value.trim()) return ["query", "Write what to look for: a question, a claim, or a paragraph"];
  const unfinished = ["from", "to"].find((id) => at(id).validity.badInput);
  if (unfinished) return [unfinished, `The day “${unfinished}” is not finished: expected day, month and year, or nothing`];
  const count = at("k");
  if (!count.value || !count.validity.valid) return ["k", "How many paragraphs: expected a whole number from 1 to 100"];
  return null;
}

/** Whether the form can be asked with; else its fault is said, and shown wherever it lies. */
function usable() {
  const found = fault();
  for (const id of ["query", "from", "to", "k"]) at(id).setAttribute("aria-invalid", found?.[0] === id);
  if (!found) return true;
  const [id, what] = found;
  if (id !== "query") at("filters").open = true;
  at(id).focus();
  say(what, true);
  return false;
}

async function search() {
  asking?.abort();
  if (!usable()) return;
  asking = new AbortController();
  const mine = asking;
  const question = {
    ...(like ? { paragraph: like } : { query: at("query").value.trim() }), mode: form.elements.namedItem("mode").value,
    k: Number(at("k").value), elsewhere: at("elsewhere").checked,
  };
  for (const field of fields) if (at(field).value) question[field] = at(field).value;
  const filters = fields.filter((field) => at(field).value).length;
  at("filtered").textContent = filters ? ` (${filters})` : "";
  say("Searching …");
  const begun = performance.now();
  try {
    const answer = await asked("nearest", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), signal: mine.signal,
    });
    if (like) at("query").value = answer.query;
    show(answer, performance.now() - begun);
  } catch (error) {
    if (error.name === "AbortError") return;
    at("hits").replaceChildren();
    say(error.message, true);
  }
}

function show(answer, took) {
  const { paragraphs, shut_out: out, recall: found } = answer.searched;
  const parts = [`${answer.hits.length ? "Best of" : "Nothing in"} ${counted(paragraphs, "paragraph", "paragraphs")}`];
  if (out) parts.push(`${out.toLocaleString("en")} shut out by filters`);
  if (found) parts.push(`approximate: ${(100 * found).toFixed(1)} % of the true nearest`);
  parts.push(`${took.toFixed(0)} ms`);
  say(parts.join(" · "));
  at("hits").replaceChildren(...answer.hits.map(hit));
}

function hit(one) {
  const scores = [];
  if (one.cosine !== null) scores.push(`meaning ${one.cosine.toFixed(2)}`);
  if (one.words !== null) scores.push(`words ${one.words.toFixed(2)}`);
  const more = made("button", "plain", "More like this");
  more.type = "button";
  more.addEventListener("click", () => {
    like = `${one.article}:${one.place}`;
    at("query").value = one.text;
    form.requestSubmit();
    scrollTo({ top: 0 });
    at("query").focus();
  });
  const why = reasons(one.why, "asked");
  why.append(more);
  const item = made("li", "hit", head(one, `${one.rank}.`, scores.join(" + ")), marked(one.text, one.why.spans), why);
  if (one.elsewhere) {
    const other = one.elsewhere;
    const label = made("p", "label", "Nearest in another outlet");
    item.append(made("div", "elsewhere", label, head(other, "", `meaning ${other.cosine.toFixed(2)}`),
      marked(other.text, other.why.spans), reasons(other.why, "above")));
  }
  return item;
}

function head(one, rank, score) {
  const title = one.title ?? one.article;
  const named = /^https?:\/\//i.test(one.url ?? "") ? made("a", "", title) : made("span", "", title);
  if (named instanceof HTMLAnchorElement) {
    named.href = one.url;
    named.target = "_blank";
    named.rel = "noopener noreferrer";
  }
  const parts = [made("span", "outlet", one.outlet), named];
  if (rank) parts.unshift(made("span", "rank", rank));
  if (one.date) parts.push(made("time", "", one.date));
  parts.push(made("span", "", `¶${one.place}`), made("span", "score", score));
  return made("div", "head", ...parts);
}

/** The text with its ranges marked; they count bytes, as the server does. */
function marked(text, spans) {
  const bytes = new TextEncoder().encode(text);
  const part = (from, to) => new TextDecoder().decode(bytes.subarray(from, to));
  const whole = made("p", "text");
  let done = 0;
  for (const [from, to] of spans) {
    whole.append(part(done, from), made("mark", "", part(from, to)));
    done = to;
  }
  whole.append(part(done));
  return whole;
}

function reasons(why, there) {
  const parts = [];
  if (why.verdict) parts.push(made("span", "verdict", why.verdict));
  for (const one of why.differences) parts.push(made("span", "differs", `${one.here.value} (${there}: ${one.there.value})`));
  if (why.words.length) parts.push(made("span", "", `shared: ${why.words.join(", ")}`));
  return made("div", "why", ...parts);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  at("dropped").hidden = true;
  asking?.abort();
  if (!usable()) return;
  keep();
  search();
});
form.addEventListener("change", (event) => {
  if (event.target !== at("query") && at("query").value.trim()) form.requestSubmit();
});
at("query").addEventListener("input", () => {
  like = null;
});
at("query").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
addEventListener("popstate", recall);
introduce();
