#!/usr/bin/env python3
"""The rows that the pair score is fitted on: features of labelled pairs, as `refrain eval duplicates --judged` gives them.

    python benches/judge_rows.py --refrain target/release/refrain FOLDER        writes benches/judge_rows.csv.xz

FOLDER holds mrpc, pan_paraphrase, paws_wiki (each with pairs.jsonl.gz: text1, text2, label 1 or 0) and stsb (pairs.jsonl.gz or
another .jsonl.gz: text1, text2, score 0 to 5, of which 4 and more are the same). Of PAN every third pair is taken, of PAWS every
second; 193 texts of MRPC stand beside themselves. Pairs that share a text, in any chain, are in one of five folds. Vectors
are those of the bundled model in 32 bits. Standard library only.
"""

import argparse
import gzip
import json
import lzma
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

OUT = Path(__file__).resolve().parent / "judge_rows.csv.xz"
STEPS = {"mrpc": 1, "pan_paraphrase": 3, "paws_wiki": 2, "stsb": 1}
FOLDS, ITSELF = 5, 193


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--refrain", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    lines, names = [], None
    for name, step in STEPS.items():
        pairs = read(options.folder / name)
        rows = judged(options.refrain, pairs)
        names = names or list(rows[0]["features"])
        folds = folded(pairs)
        lines += [line(name, pair, folds[at], rows[at]) for at, pair in enumerate(pairs)][::step]
        if name == "mrpc":
            alike = [{**pair, "text2": pair["text1"], "label": 1} for pair in pairs[:: len(pairs) // ITSELF][:ITSELF]]
            itself = [line("itself", pair, -1, row) for pair, row in zip(alike, judged(options.refrain, alike))]
    text = "\n".join([",".join(["set", "id", "fold", "label", *names]), *lines, *itself]) + "\n"
    options.out.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def read(folder):
    file = sorted(folder.glob("*.jsonl.gz"))[0]
    with gzip.open(file, "rt", encoding="utf-8") as found:
        pairs = [json.loads(one) for one in found]
    return [{**pair, "label": int(pair["score"] >= 4) if "score" in pair else int(pair["label"])} for pair in pairs]


def judged(refrain, pairs):
    with tempfile.TemporaryDirectory() as folder:
        labels, out = Path(folder) / "pairs.jsonl", Path(folder) / "judged.jsonl"
        labels.write_text("\n".join(json.dumps({key: pair[key] for key in ("text1", "text2", "label")}) for pair in pairs))
        command = [refrain, "eval", "duplicates", "--labels", labels, "--judged", out, "-o", Path(folder) / "scores.json"]
        subprocess.run([str(part) for part in command], check=True)
        return [json.loads(one) for one in out.read_text().splitlines()]


def folded(pairs):
    """The fold of each pair: pairs joined by a text are one lot, and the largest lots are dealt out first."""
    home = {}

    def root(text):
        while home.setdefault(text, text) != text:
            home[text] = home[home[text]]
            text = home[text]
        return text

    for pair in pairs:
        a, b = root(pair["text1"].lower()), root(pair["text2"].lower())
        home[max(a, b)] = min(a, b)
    lots = [root(pair["text1"].lower()) for pair in pairs]
    sizes, fold, load = Counter(lots), {}, [0] * FOLDS
    for lot in sorted(sizes, key=lambda lot: (-sizes[lot], lot)):
        fold[lot] = load.index(min(load))
        load[fold[lot]] += sizes[lot]
    return [fold[lot] for lot in lots]


def line(name, pair, fold, row):
    values = (f"{value:.3f}".rstrip("0").rstrip(".") for value in row["features"].values())
    number = str(pair.get("id", "")).split("-")[-1]
    return ",".join([name, number, str(fold), str(pair["label"]), *(value if value != "-0" else "0" for value in values)])


if __name__ == "__main__":
    main()
