#!/usr/bin/env python3
"""What refrain's vectors are worth beside sentence-transformers' own, on labelled data: the same texts, the same weights.

    python benches/accuracy.py --refrain target/release/refrain --model UPSTREAM [--stsb FILE] [--xquad DIR] [--texts NAME=FILE ...]

UPSTREAM is a folder of all-MiniLM-L6-v2 with 32-bit weights. STS-B is JSON lines with text1, text2 and score (where a
row has a split, the dev split counts): Spearman's correlation of cosines with scores. XQuAD is a folder of corpus.jsonl,
queries.jsonl (id, text) and qrels.tsv (query, doc, score), each also as .gz: nDCG@10. --texts are JSON lines with a
"text": cosines to the reference. Texts are cut where the model's window ends, as the reference cuts them; refrain's own
way with long texts has a row of its own. The near-duplicates are those of seeds/. Needs sentence-transformers and scipy.
"""

import argparse
import gzip
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sentence_transformers import SentenceTransformer

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
PRECISIONS = ("f32", "bf16", "int8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what refrain's vectors are worth.")
    parser.add_argument("--refrain", type=Path, required=True, metavar="BINARY")
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--stsb", type=Path, metavar="FILE")
    parser.add_argument("--xquad", type=Path, metavar="DIR")
    parser.add_argument("--texts", nargs="*", default=[], metavar="NAME=FILE")
    parser.add_argument("--most", type=int, default=2000, help="texts of a set that are embedded")
    options = parser.parse_args()
    model = SentenceTransformer(str(options.model), device="cpu")
    reference = lambda texts: model.encode(texts, batch_size=32, normalize_embeddings=True)
    engines = {"sentence-transformers f32": reference}
    for precision in PRECISIONS:
        engines[f"refrain {precision}"] = lambda texts, precision=precision: ours(options.refrain, texts, precision)
    limit = lambda texts: cut(model, texts)
    whole = {"refrain f32, long texts in windows": engines["refrain f32"]}
    engines = {name: (lambda texts, engine=engine: engine(limit(texts))) for name, engine in engines.items()} | whole
    scores = {name: {} for name in engines}
    for name, engine in engines.items():
        if options.stsb:
            scores[name]["STS-B dev, Spearman"] = stsb(engine, options.stsb)
        if options.xquad:
            scores[name]["XQuAD, nDCG@10"] = xquad(engine, options.xquad)
    table(scores, "{:.3f}")
    for pair in options.texts:
        name, file = pair.split("=", 1)
        texts = limit([" ".join(row["text"].split()) for row in rows(Path(file))][: options.most])
        right, cosines = reference(texts), {}
        for precision in PRECISIONS:
            left = ours(options.refrain, texts, precision)
            same, apart = (left * right).sum(1), np.abs(left @ left.T - right @ right.T)
            found = {"mean cosine": same.mean(), "smallest": same.min(), "1st percentile": np.quantile(same, 0.01)}
            cosines[f"refrain {precision}"] = found | {"pair cosines, mean error": apart.mean(), "largest": apart.max()}
        print(f"\n{len(texts)} {name}, to sentence-transformers f32:")
        table(cosines, "{:.6f}")
    near_duplicates(options.refrain)


def cut(model, texts):
    """The part of each text that the model reads at once, which is all that sentence-transformers embeds."""
    encoded = model.tokenizer(texts, truncation=True, max_length=model.max_seq_length, return_offsets_mapping=True)
    return [text[: max(end for _, end in offsets)] for text, offsets in zip(texts, encoded["offset_mapping"])]


def ours(binary, texts, precision):
    """Unit vectors of `refrain embed`."""
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "texts.jsonl", Path(scratch) / "vectors.npy"
        records = ({"text": " ".join(text.split()), "outlet": "a", "id": str(at)} for at, text in enumerate(texts))
        source.write_text("".join(json.dumps(record) + "\n" for record in records))
        command = [binary, "embed", source, "-o", target, "--precision", precision]
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
        vectors = np.load(target)
    assert len(vectors) == len(texts), f"refrain gave {len(vectors)} vectors for {len(texts)} texts"
    return vectors


def stsb(engine, file):
    pairs = [row for row in rows(file) if row.get("split", "dev") == "dev"]
    left, right = engine([pair["text1"] for pair in pairs]), engine([pair["text2"] for pair in pairs])
    return 100 * spearmanr((left * right).sum(1), [pair["score"] for pair in pairs]).statistic


def xquad(engine, folder):
    corpus, queries = (list(rows(folder / f"{name}.jsonl")) for name in ("corpus", "queries"))
    wanted = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        query, document, score = line.split("\t")
        wanted.setdefault(query, {})[document] = float(score)
    cosines = engine([query["text"] for query in queries]) @ engine([document["text"] for document in corpus]).T
    gains = []
    for query, row in zip(queries, cosines):
        best = np.argsort(-row, kind="stable")[:10]
        good = wanted.get(query["id"], {})
        gain = lambda values: sum(value / np.log2(place + 2) for place, value in enumerate(values))
        gains.append(gain(good.get(corpus[at]["id"], 0) for at in best) / gain(sorted(good.values(), reverse=True)[:10]))
    return 100 * np.mean(gains)


def near_duplicates(binary):
    """The near-duplicate pairs of the sample corpus at each precision, beside those in 32 bits."""
    found = {}
    for precision in PRECISIONS:
        command = [binary, "duplicates", SEEDS, "--format", "json", "--precision", precision]
        done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
        pairs = json.loads(done.stdout)["coverage"]["pairs"]
        place = lambda side: (side["row"], *side["span"])
        found[precision] = {(place(pair["left"]), place(pair["right"])) for pair in pairs}
    print("\nNear-duplicate pairs of seeds/:")
    both = lambda precision: {"pairs": len(found[precision]), "gained": len(found[precision] - found["f32"]), "lost": len(found["f32"] - found[precision])}
    table({f"refrain {precision}": both(precision) for precision in PRECISIONS}, "{}")


def rows(file):
    """JSON lines, also of the same file with .gz behind."""
    packed = file if file.suffix == ".gz" else file.with_name(file.name + ".gz")
    with gzip.open(packed, "rt") if packed.exists() else open(file, encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def table(found, form):
    columns = list(dict.fromkeys(column for row in found.values() for column in row))
    print("| | " + " | ".join(columns) + " |\n" + "|---" * (len(columns) + 1) + "|")
    for name, row in found.items():
        print(f"| {name} | " + " | ".join(form.format(row[column]) for column in columns) + " |", flush=True)


if __name__ == "__main__":
    main()
