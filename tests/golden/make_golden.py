#!/usr/bin/env python3
"""Makes the golden files in this folder: what sentence-transformers itself says of ~110 texts.

    python tests/golden/make_golden.py --model models/all-MiniLM-L6-v2 --upstream UPSTREAM

UPSTREAM is the unpacked upstream f32 model (models/make_bundled.py says where it comes from). Vectors are
computed in f32 on one CPU thread, one text at a time, so that no padding interferes. Needs
sentence-transformers; README.md beside this file says which versions made the committed files.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
SEEDS = HERE.parent.parent / "seeds"
LONGEST = 256  # tokens, [CLS] and [SEP] among them; longer texts are another test's business

ODD_TEXTS = [
    "Inflation",
    "Café déjà vu naïve Zürich São Paulo Ærøskøbing Łódź — 🚀🌍 👩‍🚀 東京で首脳会談、北京也发表声明 서울 Москва",
    "The\u00a0deal\u00a0is worth\u202f38\u2009billion\u00a0dollars, a spokes\u00adperson\u200b said\ufeff on\u2060 Monday\u200d.",
    "BREAKING: THE CENTRAL BANK RAISES RATES BY 0.25 PERCENT, ITS FIRST MOVE SINCE 2019!",
    "  “Don’t”—she said… it’s 3.5% (up from $1,200.00)\tand https://example.org/a_b?c=d&e#f @someone #tag  ",
    "Antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis " + "x" * 120,
    "e\u0301le\u0300ve — decomposed accents: A\u030angstro\u0308m, \u212bngström, \ufb01nance, ½, ①, Ⅳ, \u0130stanbul, straße",
]


def main() -> None:
    options = parse_arguments()
    torch.set_num_threads(1)
    bundled, upstream = (load(folder) for folder in (options.model, options.upstream))
    plain = plain_tokenizer(options.model)
    texts = seed_texts() + ODD_TEXTS + [filled_to(tokens, plain) for tokens in (LONGEST - 1, LONGEST)]
    tokens = [token_ids(bundled, text) for text in texts]
    refuse_surprises(texts, tokens, plain)
    write_json_lines(HERE / "texts.json", texts)
    write_json_lines(HERE / "tokens.json", tokens)
    np.save(HERE / "all-MiniLM-L6-v2.f16w.npy", vectors(bundled, texts))
    np.save(HERE / "all-MiniLM-L6-v2.f32.npy", vectors(upstream, texts))
    print(f"{len(texts)} texts, {sum(map(len, tokens))} tokens, longest {max(map(len, tokens))}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the golden texts, tokens and vectors.")
    parser.add_argument("--model", type=Path, required=True, metavar="DIR", help="the bundled f16 model")
    parser.add_argument("--upstream", type=Path, required=True, metavar="DIR", help="the upstream f32 model")
    return parser.parse_args()


def load(folder: Path) -> SentenceTransformer:
    """The model of `folder`, its weights as f32 whatever they are stored as."""
    return SentenceTransformer(str(folder), device="cpu").float().eval()


def vectors(model: SentenceTransformer, texts: list) -> np.ndarray:
    """Shape (texts, dim), f32, rows of length 1."""
    found = model.encode(texts, batch_size=1, normalize_embeddings=True, show_progress_bar=False)
    assert found.dtype == np.float32
    return np.ascontiguousarray(found)


# --- texts ------------------------------------------------------------------------------------------


def seed_texts() -> list:
    """Every line of the sample corpus with at least 20 characters, in order of file and line."""
    files = sorted(SEEDS.glob("*.txt"))
    lines = [line.strip() for file in files for line in file.read_text(encoding="utf-8").split("\n")]
    return [line for line in lines if len(line) >= 20]


def filled_to(length: int, tokenizer: Tokenizer) -> str:
    """Seed text cut and filled up so that it has exactly `length` tokens, [CLS] and [SEP] among them."""
    text = ""
    for word in " ".join(seed_texts()).split():
        if len(tokenizer.encode(f"{text} {word}".strip()).ids) > length:
            break
        text = f"{text} {word}".strip()
    return text + " the" * (length - len(tokenizer.encode(text).ids))


# --- tokens -----------------------------------------------------------------------------------------


def token_ids(model: SentenceTransformer, text: str) -> list:
    """What the model is given for `text`: [CLS], word pieces, [SEP]; neither cut nor padded."""
    return model.tokenizer(text, add_special_tokens=True, padding=False, truncation=False)["input_ids"]


def plain_tokenizer(folder: Path) -> Tokenizer:
    """tokenizer.json without the truncation and padding (both to 128) that upstream stored in it."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def refuse_surprises(texts: list, tokens: list, plain: Tokenizer) -> None:
    """No text is longer than the model's limit, and transformers and tokenizer.json agree."""
    for text, ids in zip(texts, tokens):
        assert len(ids) <= LONGEST, f"{len(ids)} tokens, more than {LONGEST}: {text[:60]}"
        assert ids == plain.encode(text).ids, f"tokenizer.json reads this differently: {text[:60]}"


def write_json_lines(path: Path, rows: list) -> None:
    """A JSON array, one row a line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
