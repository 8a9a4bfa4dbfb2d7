#!/usr/bin/env python3
"""Pairs of paragraphs whose differences are known because they were made, as JSON lines.

    python benches/made_pairs.py PARAGRAPHS [--articles ARTICLES] [--count N] [--seed S] [--half 0|1] > pairs.jsonl

PARAGRAPHS is JSON lines with "id", "text" and "article" (also .gz); ARTICLES, where given, has "id" and "date". A pair is
a real paragraph and the same paragraph changed in one way, and says how: {"id", "label", "text1", "text2", "date1",
"date2", "differs": [{"kind", "left", "right"}]}. The label is what was done. "left" and "right" are the words that differ, or
null where one side lacks them. --half takes every second article, so that rules can be written on one half and measured on
the other. Standard library only; the same arguments give the same bytes.

    refrain eval duplicates --labels pairs.jsonl
"""

import argparse
import gzip
import json
import random
import re

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
SMALL = "two three four five six seven eight nine ten eleven twelve".split()
MONEY = re.compile(r"\$(\d[\d,]*(?:\.\d+)?)( (?:million|billion|trillion))?(?![\d,.]*\d)\b")
SHARE = re.compile(r"\b(\d[\d,]*(?:\.\d+)?)(\s?%| percent\b| per cent\b)")
NUMBER = re.compile(r"(?<![A-Z][a-z]{2} )(?<!Jan\. |Feb\. |Aug\. |Oct\. |Nov\. |Dec\. )(?<!Sept\. )(?<!June |July )(?<!uary |arch |pril |gust |mber |ober )(?<![\w$€£.,/:-])(?!1[89]\d\d\b|20\d\d\b)(\d[\d,]*(?:\.\d+)?)(?= [a-z]{3,})(?! (?:percent|million|billion|trillion|per)\b)")
SPELLED = re.compile(r"\b(" + "|".join(SMALL) + r")\b(?= [a-z]{4,})")
SPAN = re.compile(r"\b(\d{1,3}|" + "|".join(SMALL) + r")([ -])(seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b")
LENGTH = re.compile(r"\b(\d[\d,]*|" + "|".join(SMALL) + r") (miles|feet|acres|tons|votes|points|degrees|pounds|inches)\b")
YEAR = re.compile(r"(?<![\w$,./-])(19[5-9]\d|20[0-3]\d)(?![\w,./%-]\w)(?! (?:people|men|women))\b")
DAY = re.compile(r"\b(" + "|".join(MONTHS) + r"|Jan\.|Feb\.|Aug\.|Sept\.|Oct\.|Nov\.|Dec\.) (\d{1,2})\b(?!,?\d)")
MONTH = re.compile(r"\b(?<=in )(" + "|".join(MONTHS) + r")\b(?! \d)")
WEEKDAY = re.compile(r"\b(" + "|".join(DAYS) + r")\b(?! (?:Night|Morning|Times))")
AGO = re.compile(r"\b(last|next|this) (week|month|year)\b")
PERSON = re.compile(r"(?<!\bof )(?<=[a-z,] )((?:[A-Z][a-z]+ ){1,2}[A-Z][a-z]{2,})(?=(?:,|\.|’s|'s)? [a-z])")
LONE = re.compile(r"(?<!\bof )(?<=[a-z,] )([A-Z][a-z]{3,})(?=(?:’s|'s)? (?:said|told|was|is|has|had|will|would|in|on|to|who)\b)")
OPENERS = set("The This That These Those There They When While After Before But And However House Senate Republican Republicans "
              "Democrat Democrats Democratic President Congress American Americans Internet Christian Muslim Jewish".split())
VERB = re.compile(r"\b(is|was|are|were|will|would|can|could|should|has|have|had|does|did|do)\b(?! (?:not|never|n't|no|nothing|hardly|been no|"
                  r"only|just|\w+ not|I|you|he|she|it|we|they|the|a|an|his|her|their|this|that)\b)(?= [a-z]{3,})")
NOT = re.compile(r"\b(is|was|are|were|will|would|could|should|has|have|had|does|did|do) not (?=[a-z])|\b(is|was|are|were|would|could|should|has|have|had|does|did|do)n['’]t (?=[a-z])|\bcannot (?=[a-z])|\b(?:never) (?=[a-z])")
SAID = re.compile(r"\b(was|were|is|are|has|had) ([a-z]{3,}ed)\b")
HEDGED = re.compile(r"\b(allegedly|reportedly|apparently|possibly|probably) |\b(may|might) (?=(?:be|have|not|[a-z]+)\b)")
MODAL = re.compile(r"\bwill (?=(?:be|have|take|make|[a-z]{3,})\b)")
FILLER = re.compile(r"\b(?:also|very|really|just|still|now|already|recently|later|then|simply|quite|even) ")
WORDINGS = [("said", "stated"), ("about", "regarding"), ("because", "since"), ("while", "as"), ("big", "large"), ("however", "yet"),
            ("many", "numerous"), ("help", "assist"), ("began", "started"), ("but", "yet"), ("show", "reveal"), ("shows", "reveals"),
            ("use", "employ"), ("according to", "as per"), ("although", "though"), ("get", "obtain"), ("attempt", "try"), ("largely", "mostly")]
TURNED = [("likely", "unlikely"), ("able to", "unable to"), ("possible", "impossible"), ("legal", "illegal"), ("agreed to", "refused to"), ("denied", "admitted"),
          ("rejected", "accepted"), ("failed to", "managed to"), ("clear", "unclear"), ("fair", "unfair"), ("confirmed", "denied"), ("approved", "rejected")]
KINDS = ("date", "name", "negation", "hedge")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paragraphs", nargs="?")
    parser.add_argument("--articles")
    parser.add_argument("--count", type=int, default=3000, help="paragraphs that are changed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", type=int, choices=(0, 1))
    options = parser.parse_args()
    dates = {row["id"]: row.get("date") for row in rows(options.articles)} if options.articles else {}
    chance = random.Random(options.seed)
    texts = [row for row in rows(options.paragraphs) if 25 <= len(row["text"].split()) <= 110]
    if options.half is not None:
        order = {article: at for at, article in enumerate(sorted({row["article"] for row in texts}))}
        texts = [row for row in texts if order[row["article"]] % 2 == options.half]
    chance.shuffle(texts)
    Maker(chance, texts[: options.count], texts[options.count : 2 * options.count], dates).write()


def rows(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


class Maker:
    """Changes paragraphs, each in every way that it allows, a few ways each."""

    def __init__(self, chance, texts, others, dates):
        self.chance, self.texts, self.dates = chance, texts, dates
        self.people = sorted({m[0] for row in others for m in names_in(row["text"]) if " " in m[0]})
        self.surnames = sorted({m.split()[-1] for m in self.people})

    def write(self):
        same = [self.exact, self.noise, self.dateline, self.sentence_dropped, self.cut_half, self.cut_third, self.reordered, self.other_form]
        changes = [self.figure, self.date, self.name, self.swap, self.negation_added, self.negation_removed, self.verb_turned, self.hedge_added, self.hedge_removed]
        for number, row in enumerate(self.texts):
            for make in (same[number % 7], self.other_form):
                self.put(row, make.__name__, make(row["text"]))
            for make in changes:
                made = make(row["text"])
                self.put(row, make.__name__, made)
                if made and self.chance.random() < 0.5:
                    self.put(row, make.__name__ + "+reworded", self.reworded(*made))

    def put(self, row, name, made):
        if not made or made[0] == row["text"] and name != "exact":
            return
        text, differs = made
        date = self.dates.get(row["article"])
        name = {"figure": "figure_changed", "date": "date_changed", "name": "name_changed", "swap": "names_swapped"}.get(name) or name.replace(
            "figure+", "figure_changed+").replace("date+", "date_changed+").replace("name+", "name_changed+").replace("swap+", "names_swapped+")
        record = {"id": f"{row['id']}/{name}", "label": name, "text1": row["text"], "text2": text,
                  "date1": date, "date2": date, "differs": [in_words(row["text"], text, *each) for each in differs]}
        print(json.dumps(record, ensure_ascii=False))

    # The same text.
    def exact(self, text):
        return text, []

    def noise(self, text):
        quotes = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "—": "-", "–": "-"})
        changed = text.translate(quotes).replace(", ", ",  ", 2)
        return (changed.upper() if self.chance.random() < 0.3 else changed), []

    def dateline(self, text):
        place, paper = self.chance.choice(["LONDON", "SEATTLE", "BEIRUT, Lebanon", "NEW YORK"]), self.chance.choice(["Reuters", "AP", "Wire"])
        return f"{place} ({paper}) — {text}", []

    def sentence_dropped(self, text):
        parts = sentences(text)
        if len(parts) < 3:
            return None
        del parts[self.chance.randrange(len(parts))]
        return " ".join(parts), []

    def cut_half(self, text):
        return self.cut(text, 2)

    def cut_third(self, text):
        return self.cut(text, 3)

    def cut(self, text, parts):
        words = text.split()
        return " ".join(words[: len(words) // parts]), []

    def reordered(self, text):
        parts = sentences(text)
        if len(parts) < 2 or min(len(part.split()) for part in parts) < 6:
            return None
        return " ".join(parts[1:] + parts[:1]), []

    def other_form(self, text):
        """The same facts, written as another desk would."""
        forms = [
            (r"\$(\d[\d.,]*) (million|billion|trillion)\b", lambda m: "US$" + m[1] + {"m": "m", "b": "bn", "t": "tn"}[m[2][0]]),
            (r"(\d) percent\b", lambda m: m[1] + "%"),
            (r"(\d)%", lambda m: m[1] + " percent"),
            (r"\b(Jan|Feb|Aug|Sept|Oct|Nov|Dec)\. (\d{1,2})\b", lambda m: next(name for name in MONTHS if name.startswith(m[1][:3])) + " " + m[2]),
            (r"\b(January|February|August|October|November|December) (\d{1,2})\b", lambda m: m[1][:3] + ". " + m[2]),
            (r"\b(is|was|did|does|has|had|would|could|should|were|are) not\b", lambda m: m[1] + "n't"),
            (r"\b(is|was|did|does|has|had|would|could|should|were|are)n['’]t\b", lambda m: m[1] + " not"),
            (r"\b(" + "|".join(SMALL[:9]) + r") (days|weeks|months|years|hours)\b", lambda m: f"{SMALL.index(m[1]) + 2} {m[2]}"),
            (r"\bU\.S\.(?= [a-z])", lambda m: "US"),
            (r"(?<=[a-z] )[A-Z][a-z]+ [A-Z][a-z]+(?= (?:said|told|has|had|was|will))", lambda m: m[0].split()[1] if not set(m[0].split()) & OPENERS else m[0]),
        ]
        for pattern, form in forms:
            text = re.sub(pattern, form, text)
        return text, []

    # One fact changed.
    def figure(self, text):
        found = [(kind, m) for kind, pattern in (("money", MONEY), ("percent", SHARE), ("time_span", SPAN), ("measure", LENGTH), ("count", NUMBER), ("count", SPELLED))
                 for m in pattern.finditer(text)]
        found = [(kind, m) for kind, m in found if not (kind == "count" and (SPAN.match(text, m.start()) or LENGTH.match(text, m.start()) or YEAR.match(text, m.start())
                                                                            or MONEY.match(text, m.start() - 1)))]
        if not found:
            return None
        kind, match = self.chance.choice(found)
        old = match[0]
        magnitude = kind == "money" and match[2] and self.chance.random() < 0.3
        if magnitude:
            new = old.replace(match[2].strip(), self.chance.choice([m for m in ("million", "billion", "trillion") if m not in match[2]]))
        elif kind == "time_span" and self.chance.random() < 0.3:
            unit = match[3].rstrip("s")
            other = self.chance.choice([u for u in ("hour", "day", "week", "month", "year") if u != unit])
            new = match[1] + match[2] + other + ("s" if match[3].endswith("s") else "")
        else:
            new = old.replace(match[1], self.other_number(match[1]), 1)
        return replaced(text, match.start(), match.end(), new, kind)

    def other_number(self, number):
        if number in SMALL:
            return self.chance.choice([other for other in SMALL if other != number])
        digits = [at for at, c in enumerate(number) if c.isdigit()]
        at = digits[0] if self.chance.random() < 0.5 else self.chance.choice(digits[:2])
        least = 1 if at == digits[0] else 0
        new = self.chance.choice([str(d) for d in range(least, 10) if str(d) != number[at]])
        return number[:at] + new + number[at + 1 :]

    def date(self, text):
        found = [(what, m) for what, pattern in (("year", YEAR), ("day", DAY), ("month", MONTH), ("weekday", WEEKDAY), ("ago", AGO)) for m in pattern.finditer(text)]
        found = [(what, m) for what, m in found if what != "year" or not re.match(r"\d+ [a-z]+s\b", text[m.start() :])]
        if not found:
            return None
        what, match = self.chance.choice(found)
        if what == "year":
            new = str(int(match[0]) + self.chance.choice([-3, -2, -1, 1, 2, 10]))
        elif what == "day" and self.chance.random() < 0.5:
            new = match[1] + " " + str(self.chance.choice([d for d in range(1, 29) if str(d) != match[2]]))
        elif what == "day":
            new = self.chance.choice([m for m in MONTHS if m[:3] != match[1][:3]]) + " " + match[2]
        elif what == "ago":
            new = match[1] + " " + self.chance.choice([u for u in ("week", "month", "year") if u != match[2]])
        else:
            new = self.chance.choice([d for d in (MONTHS if what == "month" else DAYS) if d != match[0]])
        return replaced(text, match.start(), match.end(), new, "date")

    def name(self, text):
        found = names_in(text)
        if not found:
            return None
        match = self.chance.choice(found)
        pool = self.people if " " in match[0] else self.surnames
        fit = [name for name in pool if not set(name.split()) & set(match[0].split())]
        return replaced(text, match.start(), match.end(), self.chance.choice(fit), "name")

    def swap(self, text):
        found = names_in(text)
        found.sort(key=lambda m: m.start())
        pairs = [(a, b) for a in found for b in found if a.end() + 12 < b.start() and not set(a[0].split()) & set(b[0].split())
                 and text.count(a[0]) == 1 and text.count(b[0]) == 1]
        if not pairs:
            return None
        a, b = self.chance.choice(pairs)
        changed = text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]
        shift = len(b[0]) - len(a[0])
        return changed, [("name", a.span(), (a.start(), a.start() + len(b[0]))), ("name", b.span(), (b.start() + shift, b.end()))]

    def negation_added(self, text):
        found = list(VERB.finditer(text))
        if not found:
            return None
        match = self.chance.choice(found)
        word = self.chance.choice([" not", " not", " never", " no longer", " by no means"])
        if word == " not" and self.chance.random() < 0.4 and match[0] not in ("will", "can"):
            new, start = match[0] + "n't", match.start()
        else:
            new, start = match[0] + word, match.end() + 1
        changed = text[: match.start()] + new + text[match.end() :]
        return changed, [("negation", None, (start, match.start() + len(new)))]

    def negation_removed(self, text):
        found = list(NOT.finditer(text))
        if not found:
            return None
        match = self.chance.choice(found)
        verb = match[1] or match[2] or ("can" if match[0].startswith("cannot") else "")
        start = match.start() if not match[1] else match.end(1) + 1
        changed = text[: match.start()] + (verb + " " if verb else "") + text[match.end() :]
        return changed, [("negation", (start, match.end() - 1), None)]

    def verb_turned(self, text):
        found = [(old, new, m) for old, new in TURNED for m in re.finditer(rf"\b{old}\b", text)]
        if not found:
            return None
        old, new, match = self.chance.choice(found)
        return replaced(text, match.start(), match.end(), new, "negation")

    def hedge_added(self, text):
        said, will = list(SAID.finditer(text)), list(MODAL.finditer(text))
        if not said and not will:
            return None
        match = self.chance.choice(said + will)
        if match.re is MODAL:
            new = self.chance.choice(["may ", "might ", "could "])
            return text[: match.start()] + new + text[match.end() :], [("hedge", None, (match.start(), match.start() + len(new) - 1))]
        new = self.chance.choice(["allegedly ", "reportedly ", "conceivably ", "seemingly ", "arguably ", "ostensibly "])
        at = match.start(2)
        return text[:at] + new + text[at:], [("hedge", None, (at, at + len(new) - 1))]

    def hedge_removed(self, text):
        found = list(HEDGED.finditer(text))
        if not found:
            return None
        match = self.chance.choice(found)
        new = "will " if match[2] else ""
        return text[: match.start()] + new + text[match.end() :], [("hedge", (match.start(), match.end() - 1), None)]

    # A change among other edits.
    def reworded(self, text, differs):
        """The changed text with a few words dropped or said otherwise, and perhaps a clause moved."""
        held = [span for _, _, span in differs if span] + [(0, 0)]
        edits = [(m.start(), m.end(), "") for m in FILLER.finditer(text)]
        for old, new in WORDINGS:
            edits += [(m.start(), m.end(), new) for m in re.finditer(rf"\b{old}\b", text)]
        self.chance.shuffle(edits)
        taken = []
        for start, end, new in edits[:4]:
            if all(end + 1 < a or start > b + 1 for a, b in held) and all(end < a or start > b for a, b, _ in taken):
                taken.append((start, end, new))
        if not taken:
            return None
        for start, end, new in sorted(taken, reverse=True):
            text = text[:start] + new + text[end:]
            move = len(new) - (end - start)
            shifted = lambda span: span and (span[0] + move, span[1] + move) if span and span[0] >= end else span
            differs = [(kind, left, shifted(right)) for kind, left, right in differs]
        parts = sentences(text)
        if len(parts) == 2 and all(len(part.split()) > 7 for part in parts) and self.chance.random() < 0.4 and " ".join(parts) == text:
            first = len(parts[0]) + 1
            turned = lambda span: span and ((span[0] - first, span[1] - first) if span[0] >= first else (span[0] + len(parts[1]) + 1, span[1] + len(parts[1]) + 1))
            text, differs = " ".join(parts[::-1]), [(kind, left, turned(right)) for kind, left, right in differs]
        return text, differs


def names_in(text):
    """Names that stand alone: no capital, "of" or "and" before them, so that they are whole."""
    found = [m for pattern in (PERSON, LONE) for m in pattern.finditer(text)]
    before = lambda m: (text[: m.start()].split() or [""])[-1]
    whole = lambda m: before(m)[:1].islower() and before(m) not in ("of", "and", "the", "for", "or") and not text[m.end() :].startswith((" of ", " and ", "-"))
    return [m for m in found if whole(m) and not set(m[0].split()) & OPENERS and not set(m[0].split()) & set(DAYS + MONTHS)]


def replaced(text, start, end, new, kind):
    return text[:start] + new + text[end:], [(kind, (start, end), (start, start + len(new)))]


def sentences(text):
    return re.split(r"(?<=[.!?][”\"]) (?=[A-Z“\"])|(?<=[a-z0-9][.!?]) (?=[A-Z“\"])", text)


def in_words(left, right, kind, a, b):
    words = lambda text, span: (span and " ".join(text[span[0] : span[1]].split())) or None
    return {"kind": kind if kind in KINDS else "figure", "left": words(left, a), "right": words(right, b)}


if __name__ == "__main__":
    main()
