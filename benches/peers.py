#!/usr/bin/env python3
"""Refrain and sentence-transformers side by side: the same paragraphs, the same weights, in turns.

    python benches/peers.py --refrain target/release/refrain --model UPSTREAM

UPSTREAM is a folder of all-MiniLM-L6-v2 with 32-bit weights. The paragraphs are those of seeds/, four times over.
Every round runs each in turn, on as many threads, so that whatever else the machine does falls on both; the best
round counts. Refrain's time is that of a process less that of one that embeds a single paragraph; the rest is
start-up, which for Python is left out too. Needs sentence-transformers.
"""

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

SEEDS = sorted((Path(__file__).resolve().parent.parent / "seeds").glob("*.txt"))


def main() -> None:
    options = parse_arguments()
    lines = run(options.refrain, [str(path) for path in SEEDS], 1)[0].splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    model = SentenceTransformer(str(options.model), device="cpu").float().eval()
    print(f"{len(texts)} paragraphs, {options.times} times, {options.rounds} rounds; torch {torch.__version__}")
    print("| threads | refrain, paragraphs a second (CPU-second) | sentence-transformers f32 | ratio |")
    print("|---|---|---|---|")
    for threads in options.threads:
        ours, theirs = compare(options, model, texts, threads)
        rates = [f"{wall:.0f} ({cpu:.0f})" for wall, cpu in (ours, theirs)]
        print(f"| {threads} | {rates[0]} | {rates[1]} | {ours[0] / theirs[0]:.2f} |")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure refrain and sentence-transformers side by side.")
    parser.add_argument("--refrain", type=Path, required=True, metavar="BINARY")
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--times", type=int, default=4, help="how often each paragraph is embedded")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    return parser.parse_args()


def compare(options, model, texts, threads):
    """Paragraphs a second, and a CPU-second, of both: the best of all rounds."""
    many = texts * options.times
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        inputs = [write(Path(folder) / name, some) for name, some in (("one.jsonl", texts[:1]), ("many.jsonl", many))]
        ours, theirs = [], []
        for _ in range(options.rounds):
            one, all_of_them = (run(options.refrain, [path], threads)[1:] for path in inputs)
            ours.append([len(many) / (whole - start) for start, whole in zip(one, all_of_them)])
            theirs.append([len(many) / took for took in timed(lambda: model.encode(many, batch_size=32))])
    return [tuple(max(column) for column in zip(*rates)) for rates in (ours, theirs)]


def write(path: Path, texts) -> str:
    """One record a paragraph, as JSON lines."""
    records = ({"text": text, "outlet": "seeds", "id": str(at)} for at, text in enumerate(texts))
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def run(binary, paths, threads):
    """Output, wall and CPU seconds of `refrain embed`."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [str(binary), "embed", *paths, "--threads", str(threads)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return output, wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def timed(work):
    """Wall and CPU seconds of a call in this process."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu


if __name__ == "__main__":
    main()
