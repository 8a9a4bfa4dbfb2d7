#!/usr/bin/env python3
"""What f16 weights cost: the vectors of the bundled model beside those of the upstream f32 model.

    python models/measure_f16.py --f32 UPSTREAM --f16 models/all-MiniLM-L6-v2 seeds/*.txt
    python models/measure_f16.py --f32 UPSTREAM --f16 models/all-MiniLM-L6-v2 --every 41 --limit 5000 news.jsonl.gz

A paragraph is a non-empty line of a text file, or the field "text" of a line of a .jsonl or .jsonl.gz
file; shorter ones than --at-least characters are left out. Both models compute in f32 on one CPU thread,
so that the weights are all that differs. Needs sentence-transformers (and with it torch and safetensors).
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer


def main() -> None:
    options = parse_arguments()
    torch.set_num_threads(1)
    texts = paragraphs(options)
    print_weights(options.f32, options.f16)
    print_vectors(unit_vectors(options.f32, texts), unit_vectors(options.f16, texts))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the vectors of the f32 and the f16 model.")
    parser.add_argument("--f32", type=Path, required=True, metavar="DIR", help="the upstream model folder")
    parser.add_argument("--f16", type=Path, required=True, metavar="DIR", help="the bundled model folder")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth paragraph")
    parser.add_argument("--limit", type=int, metavar="N", help="stop after N paragraphs")
    parser.add_argument("--at-least", type=int, default=20, metavar="N", help="characters of a paragraph")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help=".txt, .jsonl or .jsonl.gz")
    return parser.parse_args()


def paragraphs(options: argparse.Namespace) -> list:
    texts = [text for file in options.files for text in read_texts(file)]
    texts = [text for text in texts[:: options.every] if len(text) >= options.at_least]
    return texts[: options.limit]


def read_texts(file: Path) -> list:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        if ".jsonl" in file.suffixes:
            return [json.loads(line)["text"].strip() for line in lines]
        return [line.strip() for line in lines]


def unit_vectors(folder: Path, texts: list) -> np.ndarray:
    """Shape (texts, dim), each row of length 1; f32 arithmetic, shown as f64 for the sums below."""
    model = SentenceTransformer(str(folder), device="cpu").float().eval()
    vectors = model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
    vectors = vectors.astype(np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def print_weights(f32_folder: Path, f16_folder: Path) -> None:
    f32, f16 = (load_file(folder / "model.safetensors") for folder in (f32_folder, f16_folder))
    before = np.concatenate([f32[name].ravel() for name in f16])
    after = np.concatenate([f16[name].ravel() for name in f16]).astype(np.float32)
    print(f"weights {before.size}")
    print(f"largest absolute weight {np.abs(before).max():.6g}")
    print(f"largest absolute change of a weight {np.abs(before - after).max():.3g}")
    print(f"weights that became 0 {np.count_nonzero((after == 0) & (before != 0))}")


def print_vectors(f32: np.ndarray, f16: np.ndarray) -> None:
    cosines = (f32 * f16).sum(axis=1)
    print(f"paragraphs {len(cosines)}")
    print(f"smallest cosine {cosines.min():.9f}")
    print(f"mean cosine {cosines.mean():.9f}")
    print(f"largest absolute difference of a component {np.abs(f32 - f16).max():.3g}")
    between_f32, between_f16 = (cosines_between(vectors) for vectors in (f32, f16))
    print(f"largest change of the cosine of two paragraphs {np.abs(between_f32 - between_f16).max():.3g}")
    unchanged = between_f32.argmax(axis=1) == between_f16.argmax(axis=1)
    print(f"paragraphs with the same nearest other paragraph {unchanged.sum()} of {len(unchanged)}")


def cosines_between(vectors: np.ndarray) -> np.ndarray:
    """Shape (n, n); a paragraph is not its own neighbour, so the diagonal is lowest."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1.0)
    return cosines


if __name__ == "__main__":
    main()
