#!/usr/bin/env python3
"""Batches on an NVIDIA card, beside sentence-transformers and torch on the same card, in one run.

    cargo build --release --no-default-features --features cuda,parquet
    cargo build --release --no-default-features --features cuda,parquet --bench cards
    python3 benches/gpu.py --binary target/release/refrain --cards target/release/deps/cards-* \\
        --corpus articles.jsonl --paragraphs 1000000

Only these files, models/ and the corpus need be carried to a machine with a card; it needs torch, sentence-transformers and
pyarrow. The corpus is repeated, each copy under other ids, until it has as many paragraphs. What is embedded is first held
against sentence-transformers in 32 bits. Prints Markdown, to be committed under benches/runs/ with the card's name.
"""

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import torch
from sentence_transformers import SentenceTransformer

# Multiplications and additions a token of all-MiniLM-L6-v2 takes but for attention: six layers of 4 maps of 384 x 384 and
# 2 of 384 x 1536.
FLOP = 2 * 6 * (4 * 384 * 384 + 2 * 384 * 1536)


def corpus(source, folder, paragraphs):
    """Writes the corpus, repeated to a number of lines: its path."""
    lines = [json.loads(line) for line in Path(source).read_text().splitlines()]
    path = folder / "corpus.jsonl"
    with path.open("w") as out:
        for at in range(paragraphs):
            one = lines[at % len(lines)]
            article = {"id": f"{at}", "outlet": one.get("outlet", "none"), "text": one["text"]}
            out.write(json.dumps(article, ensure_ascii=False) + "\n")
    return path


def refrain(options, path, folder, more):
    """Embeds to Parquet: seconds, and what was said of where they went."""
    out = folder / ("shards" + "".join(more).replace("--", "-"))
    command = [options.binary, "embed", path, "-o", out, "--model", options.model, "--device", options.device, "-v", *more]
    begun = time.time()
    run = subprocess.run(list(map(str, command)), stderr=subprocess.PIPE, text=True)
    seconds = time.time() - begun
    if run.returncode:
        sys.exit(run.stderr)
    said = [line for line in run.stderr.splitlines() if "tokens" in line or "model " in line]
    tokens = int(re.search(r"(\d+) tokens,", run.stderr).group(1))
    return out, seconds, tokens, said


def sentence_transformers(options, path, folder, batch):
    """The same with sentence-transformers in f16: seconds."""
    begun = time.time()
    texts = [json.loads(line)["text"] for line in path.open()]
    model = SentenceTransformer(options.model, device=options.torch).half()
    vectors = model.encode(texts, batch_size=batch, normalize_embeddings=True, convert_to_numpy=True)
    flat = pa.array(vectors.astype(np.float32).reshape(-1))
    table = pa.table({"text": texts, "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])})
    parquet.write_table(table, folder / "peer.parquet", compression="zstd")
    return time.time() - begun


def fidelity(options, shards):
    """Cosines of the first vectors to sentence-transformers in 32 bits, of texts that fit the model."""
    table = parquet.read_table(shards / "part-00000.parquet", columns=["text", "vector"]).slice(0, 2000)
    texts, vectors = table["text"].to_pylist(), np.stack(table["vector"].to_numpy())
    model = SentenceTransformer(options.model, device=options.torch).float()
    # Longer ones are cut there, and embedded in windows here.
    short = [at for at, text in enumerate(texts) if len(model.tokenizer(text)["input_ids"]) <= model.max_seq_length]
    asked = model.encode([texts[at] for at in short], normalize_embeddings=True)
    cosines = (asked * vectors[short]).sum(axis=1)
    return len(short), cosines.mean(), cosines.min()


def neighbours(options, rows, centroids):
    """torch's 10 nearest and nearest centroids: seconds, in 32 bits without and with TF32."""
    points = torch.nn.functional.normalize(torch.randn(rows, 384, device=options.torch) + 0.15, dim=1)
    times = {}
    for name, tf32 in [("f32", False), ("TF32", True)]:
        torch.backends.cuda.matmul.allow_tf32 = tf32
        for what, others, k in [("10 nearest", points, 10), (f"nearest of {centroids}", points[:centroids], 1)]:
            for _ in range(2):
                wait(options)
                begun = time.time()
                for start in range(0, rows, 8192):
                    (points[start : start + 8192] @ others.T).topk(k, dim=1)
                wait(options)
            times[f"torch matmul + topk, {name}, {what}"] = time.time() - begun
    return times


def wait(options):
    if options.torch == "cuda":
        torch.cuda.synchronize()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--cards", help="the executable of `cargo build --bench cards`")
    parser.add_argument("--corpus", required=True, help="JSON lines with text and outlet")
    parser.add_argument("--model", default="models/all-MiniLM-L6-v2")
    parser.add_argument("--paragraphs", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--centroids", type=int, default=1_000)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--torch", default="cuda", help="where the peers run")
    options = parser.parse_args()
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else "no card"
    print(f"# Batches on {card}\n\nPython {platform.python_version()}, torch {torch.__version__}. `{' '.join(sys.argv)}`\n")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        path = corpus(options.corpus, folder, options.paragraphs)
        print("| | seconds | paragraphs a second | tokens a second | TFLOP/s in products |\n|---|---|---|---|---|")
        notes = []
        for precision in ["f16", "bf16", "f32"]:
            shards, seconds, tokens, said = refrain(options, path, folder, ["--precision", precision])
            notes += said
            rate = tokens / seconds
            print(f"| refrain {precision} | {seconds:.1f} | {options.paragraphs / seconds:.0f} | {rate:.0f} | {rate * FLOP / 1e12:.1f} |")
            count, mean, least = fidelity(options, shards)
            notes.append(f"{precision}: cosine to sentence-transformers in 32 bits on {count} texts: mean {mean:.7f}, least {least:.7f}")
        for batch in [256, 1024]:
            seconds = sentence_transformers(options, path, folder, batch)
            print(f"| sentence-transformers f16, batches of {batch} | {seconds:.1f} | {options.paragraphs / seconds:.0f} | {tokens / seconds:.0f} | |")
        print("\n" + "\n".join(f"- {note}" for note in notes))
    print("\n| exact neighbours | seconds |\n|---|---|")
    for name, seconds in neighbours(options, options.rows, options.centroids).items():
        print(f"| {name} | {seconds:.3f} |")
    if options.cards:
        run = subprocess.run([options.cards, str(options.rows), str(options.centroids)], capture_output=True, text=True)
        print("\n```text\n" + run.stdout + run.stderr + "```")


if __name__ == "__main__":
    main()
