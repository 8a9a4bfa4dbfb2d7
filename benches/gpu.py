#!/usr/bin/env python3
"""Batches on an NVIDIA card, beside sentence-transformers, torch and faiss on the same card, in one run.

    cargo build --release --no-default-features --features cuda,parquet
    cargo build --release --no-default-features --features cuda,parquet --bench cards
    python3 benches/gpu.py --binary target/release/refrain --cards target/release/deps \\
        --corpus paragraphs.jsonl.gz --paragraphs 1000000

Only these files, models/ and the corpus need be carried to a machine with a card; it needs torch, sentence-transformers and
pyarrow, and faiss-gpu for its row. The corpus is JSON lines, gzipped or not, each with a "text" and perhaps an "outlet", as
paragraphs of AllSides' articles have it; it is repeated, each copy under other ids, until it has as many lines. Refrain and the peer are each run once untimed before
they are timed: the first run finishes the kernels. Rates are of what was really written and read: refrain's paragraphs by
the manifest and tokens by its own count, the peer's tokens by its tokenizer, which cuts long texts that refrain reads in
windows. What is embedded is first held against sentence-transformers in 32 bits. Prints Markdown, to be committed under
benches/runs/ with the card's name.
"""

import argparse
import gzip
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
# Lines of the untimed runs.
WARM_UP = 20_000
# Queries of one of torch's products: their scores, for a million rows, are 8 GB.
CHUNK = 2_048


def corpus(source, path, count):
    """Writes the corpus, repeated to a number of lines: the path."""
    data = Path(source).read_bytes()
    text = (gzip.decompress(data) if source.endswith(".gz") else data).decode()
    # Not splitlines: a text may hold other characters that end lines.
    lines = [json.loads(line) for line in text.split("\n")[:count] if line.strip()]
    with path.open("w") as out:
        for at in range(count):
            one = lines[at % len(lines)]
            article = {"id": f"{at}", "outlet": one.get("outlet", "none"), "text": one["text"]}
            out.write(json.dumps(article, ensure_ascii=False) + "\n")
    return path


def texts_of(path):
    with path.open() as lines:
        return [json.loads(line)["text"] for line in lines]


def refrain(options, path, precision):
    """Embeds to Parquet: the shards, seconds, paragraphs, tokens, and what was said of where the time went."""
    out = path.with_name(f"{path.stem}-{precision}")
    command = [options.binary, "embed", path, "-o", out, "--model", options.model, "--device", options.device]
    begun = time.time()
    run = subprocess.run([*map(str, command), "-v", "--precision", precision], stderr=subprocess.PIPE, text=True)
    seconds = time.time() - begun
    if run.returncode:
        sys.exit(run.stderr)
    said = [line for line in run.stderr.split("\n") if "tokens" in line or "model " in line]
    tokens = int(re.search(r"([\d,]+) tokens,", run.stderr).group(1).replace(",", ""))
    written = json.loads((out / "_manifest.json").read_text())["totals"]["paragraphs"]
    return out, seconds, written, tokens, said


def peer_tokens(options, path):
    """The tokens that sentence-transformers reads: long texts are cut."""
    model, texts, tokens = SentenceTransformer(options.model, device="cpu"), texts_of(path), 0
    for start in range(0, len(texts), 10_000):
        cut = model.tokenizer(texts[start : start + 10_000], truncation=True, max_length=model.max_seq_length)
        tokens += sum(map(len, cut["input_ids"]))
    return tokens


def sentence_transformers(options, path, batch):
    """The same with sentence-transformers in f16, from JSON lines to Parquet: seconds."""
    begun = time.time()
    texts = texts_of(path)
    model = SentenceTransformer(options.model, device=options.torch).half()
    vectors = model.encode(texts, batch_size=batch, normalize_embeddings=True, convert_to_numpy=True)
    flat = pa.array(vectors.astype(np.float32).reshape(-1))
    table = pa.table({"text": texts, "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])})
    parquet.write_table(table, path.with_name("peer.parquet"), compression="zstd")
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
    return f"{len(short)} texts: mean {cosines.mean():.7f}, least {cosines.min():.7f}"


def embedding(options, folder):
    """Prints the table of batches, and what was said beside it."""
    path = corpus(options.corpus, folder / "all.jsonl", options.paragraphs)
    few = corpus(options.corpus, folder / "few.jsonl", min(WARM_UP, options.paragraphs))
    peak = " share of peak |" if options.peak_tflops else ""
    print(f"| | seconds | paragraphs a second | tokens a second | TFLOP/s in products |{peak}")
    print("|---|---|---|---|---|" + ("---|" if peak else ""))
    notes = []

    def row(name, seconds, paragraphs, tokens):
        tflops = tokens / seconds * FLOP / 1e12
        share = f" {100 * tflops / options.peak_tflops:.1f} % |" if peak else ""
        rates = f"{paragraphs / seconds:.0f} | {tokens / seconds:.0f} | {tflops:.1f}"
        print(f"| {name} | {seconds:.1f} | {rates} |{share}", flush=True)

    for precision in ["f16", "bf16", "f32"]:
        refrain(options, few, precision)
        shards, seconds, written, tokens, said = refrain(options, path, precision)
        row(f"refrain {precision}", seconds, written, tokens)
        notes += [*said, f"{precision}: cosine to sentence-transformers in 32 bits on {fidelity(options, shards)}"]
    tokens = peer_tokens(options, path)
    for batch in [256, 1024]:
        sentence_transformers(options, few, batch)
        name = f"sentence-transformers f16, batches of {batch}"
        row(name, sentence_transformers(options, path, batch), options.paragraphs, tokens)
    print("\n" + "\n".join(f"- {note}" for note in notes))


def timed(work):
    """Seconds of the second run: the first takes memory and chooses kernels."""
    for _ in range(2):
        begun = time.time()
        work()
        seconds = time.time() - begun
    return seconds


def with_torch(options, queries, rows, k):
    """The k nearest of each query among all rows, on this machine when it returns."""
    found = [(queries[at : at + CHUNK] @ rows.T).topk(k, dim=1) for at in range(0, len(queries), CHUNK)]
    return [(scores.cpu(), places.cpu()) for scores, places in found]


def peers_neighbours(options, points):
    """Seconds of the peers, each from this machine's memory and back; torch also with all rows on the card already. A
    row's own is found too and thrown away, therefore 11 for 10."""
    times = {}
    upload = lambda array: torch.from_numpy(array).to(options.torch)
    here, few = upload(points), upload(points[: options.centroids])
    for name, tf32 in [("f32", False), ("TF32", True)]:
        torch.backends.cuda.matmul.allow_tf32 = tf32
        for what, array, others, k in [("10 nearest", points, here, 11), ("centroids", points[: options.centroids], few, 1)]:
            whole = lambda: with_torch(options, upload(points), upload(array), k)
            times[f"torch matmul + topk, {name}, {what}"] = timed(whole)
            times[f"torch matmul + topk, {name}, {what}, rows on the card"] = timed(lambda: with_torch(options, here, others, k))
    del here, few
    try:
        import faiss

        def search():
            index = faiss.GpuIndexFlatIP(faiss.StandardGpuResources(), points.shape[1])
            index.add(points)
            index.search(points, 11)

        times[f"faiss {faiss.__version__} GpuIndexFlatIP, 10 nearest"] = timed(search)
    except (ImportError, AttributeError) as missing:
        print(f"faiss-gpu is left out: {missing}\n")
    return times


def cards(folder):
    """The executable of `cargo build --bench cards`: itself, or the newest in its folder."""
    path = Path(folder)
    found = [path] if path.is_file() else [file for file in path.glob("cards-*") if file.suffix in ("", ".exe")]
    return max(found, key=lambda file: file.stat().st_mtime, default=None) or sys.exit(f"no cards-* in {folder}")


def neighbours(options, folder):
    """Prints what exact neighbours and nearest centroids take, of the same rows for all."""
    random = np.random.default_rng(42)
    points = random.standard_normal((options.rows, 384), dtype=np.float32) + np.float32(0.15)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    np.save(folder / "rows.npy", points)
    print(f"\n{options.rows} rows, {options.centroids} centroids; refrain's figures go from this machine's memory and back.\n")
    times = peers_neighbours(options, points)
    print("| exact neighbours | seconds |\n|---|---|")
    print("\n".join(f"| {name} | {seconds:.3f} |" for name, seconds in times.items()), flush=True)
    if options.cards:
        # What torch keeps would be missing here.
        torch.cuda.empty_cache()
        command = [cards(options.cards), folder / "rows.npy", options.centroids]
        run = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        print("\n```text\n" + run.stdout + run.stderr + "```")


def machine(options):
    """Prints the card, its driver, and what was run."""
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else "no card"
    try:
        query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        driver = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        driver = "unknown"
    print(f"# Batches on {card}\n\nDriver {driver}, Python {platform.python_version()}, torch {torch.__version__}.")
    print(f"`{' '.join(sys.argv)}`\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--cards", help="the executable of `cargo build --bench cards`, or its folder")
    parser.add_argument("--corpus", required=True, help="JSON lines with text, gzipped or not")
    parser.add_argument("--model", default="models/all-MiniLM-L6-v2")
    parser.add_argument("--paragraphs", type=int, default=1_000_000, help="lines that are embedded")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--centroids", type=int, default=1_000)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--torch", default="cuda", help="where the peers run")
    parser.add_argument("--peak-tflops", type=float, help="the card's dense f16 peak, to print shares of it")
    parser.add_argument("--folder", help="where corpora and shards are written for the time of the run")
    options = parser.parse_args()
    machine(options)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        embedding(options, Path(folder))
        neighbours(options, Path(folder))


if __name__ == "__main__":
    main()
