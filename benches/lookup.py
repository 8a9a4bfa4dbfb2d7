#!/usr/bin/env python3
"""Looking up, beside faiss-cpu, in one run: the same vectors, the same questions, as many threads.

    cargo bench --bench lookup --no-run
    python benches/lookup.py --bench target/release/deps/lookup-HASH --refrain target/release/refrain --shards BATCH \\
        [--rows 10000 100000 1000000] [--library NEWS.refrain ...]

BATCH is a folder that `refrain embed -o` wrote; its vectors are taken in order, and where they end they come again with
noise: normal, of a tenth of a component's own spread, scaled back to length one. --grow makes a library of so many paragraphs in the same way of the last one named, in --scratch. Questions are sentences of the batch's
own texts, embedded by refrain, so that none is a row. Warm is in one process, each question by itself; cold is a new
process a question. Recall is the share of the true ten that are found. With --peer the same questions are embedded one by
one with sentence-transformers in 32 bits too. Needs faiss-cpu, numpy and pyarrow.
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time
import zlib
from contextlib import closing
from pathlib import Path

import faiss
import numpy as np
import pyarrow.parquet as pq

ASKED = 200
COLD = 20
K = 10


def main() -> None:
    options = parse_arguments()
    faiss.omp_set_num_threads(options.threads)
    os.environ["RAYON_NUM_THREADS"] = str(options.threads)
    vectors, texts = read(options.shards)
    questions = ask(texts)
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        scratch = Path(scratch)
        asked = embed(options.refrain, questions, scratch)
        for rows in options.rows:
            show({"vectors": compare(options, repeated(vectors, rows), asked, scratch)})
        if options.peer:
            show({"sentence_transformers": peer(options, questions)})
        libraries = [*options.library, *(grown(options.library[-1], rows, scratch) for rows in options.grow)]
        for library in libraries:
            show({"library": library, **whole(options, library, questions, scratch)})


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure looking up beside faiss-cpu.")
    parser.add_argument("--bench", type=Path, required=True, metavar="BINARY", help="the bench `lookup`, built")
    parser.add_argument("--refrain", type=Path, required=True, metavar="BINARY")
    parser.add_argument("--shards", type=Path, required=True, metavar="BATCH")
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--library", nargs="*", default=[], metavar="FILE")
    parser.add_argument("--grow", type=int, nargs="*", default=[], metavar="ROWS", help="make the last library larger")
    parser.add_argument("--peer", metavar="MODEL", help="the model's folder")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--hnsw", type=int, nargs="*", default=[32, 40, 64], metavar="N", help="M, efConstruction, efSearch")
    parser.add_argument("--scratch", type=Path, default=None)
    return parser.parse_args()


def read(shards: Path) -> tuple[np.ndarray, list[str]]:
    tables = [pq.read_table(path, columns=["text", "vector"]) for path in sorted(shards.glob("part-*.parquet"))]
    flat = [table.column("vector").combine_chunks().flatten().to_numpy(zero_copy_only=False) for table in tables]
    rows = sum(len(table) for table in tables)
    vectors = np.concatenate(flat).astype(np.float32).reshape(rows, -1)
    return vectors, [text for table in tables for text in table.column("text").to_pylist()]


def ask(texts: list[str]) -> list[str]:
    chosen = random.Random(1).sample(range(len(texts)), 4 * ASKED)
    sentences = [texts[row].split(". ")[-1].strip().replace("\n", " ") for row in chosen]
    return [one for one in sentences if 4 <= len(one.split()) <= 16][:ASKED]


def embed(refrain: Path, questions: list[str], scratch: Path) -> np.ndarray:
    lines = scratch / "questions.jsonl"
    lines.write_text("".join(json.dumps({"id": str(at), "text": one + " ."}) + "\n" for at, one in enumerate(questions)))
    subprocess.run([refrain, "embed", lines, "-o", scratch / "asked.npy"], check=True)
    return np.load(scratch / "asked.npy").astype(np.float32)


def repeated(vectors: np.ndarray, rows: int) -> np.ndarray:
    if rows <= len(vectors):
        return np.ascontiguousarray(vectors[:rows])
    random_state = np.random.default_rng(1)
    made = np.empty((rows, vectors.shape[1]), np.float32)
    for start in range(0, rows, len(vectors)):
        part = made[start : start + len(vectors)]
        part[:] = vectors[: len(part)]
        if start:
            part += random_state.normal(0, 0.1 / np.sqrt(vectors.shape[1]), part.shape).astype(np.float32)
            part /= np.linalg.norm(part, axis=1, keepdims=True)
    return made


def compare(options: argparse.Namespace, rows: np.ndarray, asked: np.ndarray, scratch: Path) -> dict:
    rows.tofile(scratch / "rows.f32")
    asked.tofile(scratch / "asked.f32")
    command = [options.bench, "vectors", scratch / "rows.f32", scratch / "asked.f32", str(rows.shape[1])]
    ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    (scratch / "rows.f32").unlink()
    flat = faiss.IndexFlatIP(rows.shape[1])
    flat.add(rows)
    timed, exact = each(flat, asked)
    found = {**ours, "faiss_flat": timed}
    del flat
    links, construction, search = options.hnsw
    graph = faiss.IndexHNSWFlat(rows.shape[1], links, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction, graph.hnsw.efSearch = construction, search
    start = time.perf_counter()
    graph.add(rows)
    made = time.perf_counter() - start
    timed, near = each(graph, asked)
    same = np.mean([len(set(a) & set(b)) / K for a, b in zip(exact, near)])
    return {**found, "faiss_hnsw": timed, "faiss_hnsw_recall": float(same), "faiss_hnsw_made_s": made}


def each(index: faiss.Index, asked: np.ndarray) -> tuple[dict, list]:
    times, found = [], []
    for question in asked:
        start = time.perf_counter()
        found.append(index.search(question[None], K)[1][0])
        times.append(1e3 * (time.perf_counter() - start))
    return spread(times), found


def peer(options: argparse.Namespace, questions: list[str]) -> dict:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(options.threads)
    model = SentenceTransformer(options.peer, device="cpu").float()
    times = []
    for question in questions[:COLD] + questions:
        start = time.perf_counter()
        model.encode(question)
        times.append(1e3 * (time.perf_counter() - start))
    return spread(times[COLD:])


def grown(library: str, rows: int, scratch: Path) -> str:
    """A copy whose articles come again, each time with other noise in their vectors, until there are so many paragraphs."""
    made = scratch / f"{rows}.refrain"
    shutil.copyfile(library, made)
    random_state = np.random.default_rng(1)
    with closing(sqlite3.connect(made)) as connection:
        taking_part = "SELECT count(*) FROM paragraph WHERE reason IS NULL"
        articles, paragraphs, held = (connection.execute(sql).fetchone()[0] for sql in ["SELECT max(id) FROM article", "SELECT max(id) FROM paragraph", taking_part])
        for turn in range(1, -(-rows // held)):
            columns = [row[1] for row in connection.execute("PRAGMA table_info(article)")]
            again = {"id": f"id + {turn * articles}", "key": f"key || ' {turn}'", "name": f"name || ' {turn}'"}
            chosen = ", ".join(again.get(column, column) for column in columns)
            connection.execute(f"INSERT INTO article ({', '.join(columns)}) SELECT {chosen} FROM article WHERE id <= {articles}")
            columns = [row[1] for row in connection.execute("PRAGMA table_info(paragraph)")]
            again = {"id": f"id + {turn * paragraphs}", "article": f"article + {turn * articles}"}
            chosen = ", ".join(again.get(column, column) for column in columns)
            connection.execute(f"INSERT INTO paragraph ({', '.join(columns)}) SELECT {chosen} FROM paragraph WHERE id <= {paragraphs}")
            vectors = connection.execute("SELECT article, vectors FROM embedding WHERE article <= ?", [articles]).fetchall()
            dim = json.loads(connection.execute("SELECT value FROM meta WHERE key = 'model'").fetchone()[0])["dim"]
            for article, blob in vectors:
                noisy = np.frombuffer(blob, np.float32).reshape(-1, dim)
                noisy = noisy + random_state.normal(0, 0.1 / np.sqrt(dim), noisy.shape).astype(np.float32)
                noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
                blob = noisy.astype(np.float32).tobytes()
                connection.execute("INSERT INTO embedding VALUES (?, ?, ?)", [article + turn * articles, blob, zlib.crc32(blob)])
            connection.commit()
    return str(made)


def whole(options: argparse.Namespace, library: str, questions: list[str], scratch: Path) -> dict:
    listed = scratch / "questions.txt"
    listed.write_text("\n".join(questions) + "\n")
    warm = json.loads(subprocess.run([options.bench, "library", library, listed], check=True, capture_output=True, text=True).stdout)
    cold = {}
    for mode in ["hybrid", "semantic", "lexical"]:
        times = []
        for question in questions[:COLD]:
            command = [options.refrain, "nearest", question, library, "-k", str(K), "--mode", mode, "--format", "json"]
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append(1e3 * (time.perf_counter() - start))
        cold[mode] = spread(times)
    return {"warm": warm, "cold": cold}


def spread(times: list[float]) -> dict:
    return {"p50": float(np.median(times)), "p99": float(np.percentile(times, 99)), "mean": float(np.mean(times))}


def show(found: dict) -> None:
    print(json.dumps(found, indent=1), flush=True)


if __name__ == "__main__":
    main()
