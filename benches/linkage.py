#!/usr/bin/env python3
"""Which linkage joins near-duplicates into groups: single, average or complete.

Groups of known truth are made from real paragraphs (a JSON lines file with `text`, and `article` or `outlet`): of each of a
sample, up to eight versions as outlets make them, each from the text or from another version (a sentence dropped, cut to a
part, sentences reordered, words replaced by others of the corpus, a lead put before). Beside them stand their
nearest strangers: paragraphs of the same articles. Likeness is cosine plus TF-IDF cosine, as in Refrain. Scored by B-cubed over
all paragraphs, at several thresholds.

    pip install numpy scikit-learn sentence-transformers
    python benches/linkage.py paragraphs.jsonl.gz --model models/all-MiniLM-L6-v2
"""

import argparse
import gzip
import json
import random
import re
from collections import Counter, defaultdict

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.feature_extraction.text import TfidfVectorizer


def read(path):
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    with opened as lines:
        return [json.loads(line) for line in lines]


def sentences(text):
    return [part for part in re.split(r"(?<=[.!?”\"])\s+(?=[A-Z“\"])", text) if part]


def version(text, words, chance):
    """One of the things an outlet does to a text."""
    parts = sentences(text)
    kind = chance.randrange(5)
    if kind == 0 and len(parts) > 2:
        del parts[chance.randrange(len(parts))]
        return " ".join(parts)
    if kind == 1 and len(parts) > 1:
        return " ".join(parts[: max(1, len(parts) * 2 // 3)])
    if kind == 2 and len(parts) > 1:
        chance.shuffle(parts)
        return " ".join(parts)
    if kind == 3:
        return "WASHINGTON (Wire) — " + text
    replaced = [chance.choice(words) if chance.random() < 0.12 and word.islower() else word for word in text.split()]
    return " ".join(replaced)


def corpus(records, groups, chance):
    by_article = defaultdict(list)
    for record in records:
        if 25 <= len(record["text"].split()) <= 120:
            by_article[record.get("article") or record.get("outlet")].append(record["text"])
    articles = [texts for texts in by_article.values() if len(texts) >= 6]
    words = [word for texts in articles[:200] for text in texts for word in text.split() if word.islower()]
    texts, truth = [], []
    for group, article in enumerate(chance.sample(articles, groups)):
        base = max(article, key=lambda text: len(sentences(text)))
        made = [base]
        for _ in range(chance.randrange(1, 9)):
            made.append(version(chance.choice(made), words, chance))
        texts += made
        truth += [group] * len(made)
        strangers = [text for text in article if text != base][:6]
        texts += strangers
        truth += [-len(texts) - at for at in range(len(strangers))]
    return texts, truth


def likeness(texts, model):
    from sentence_transformers import SentenceTransformer

    rows = SentenceTransformer(model).float().encode(texts, normalize_embeddings=True, batch_size=64)
    terms = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    return rows @ rows.T + (terms @ terms.T).toarray()


def bcubed(truth, found):
    both, classes, clusters = Counter(zip(truth, found)), Counter(truth), Counter(found)
    precision = sum(n * n / clusters[f] for (_, f), n in both.items()) / len(truth)
    recall = sum(n * n / classes[t] for (t, _), n in both.items()) / len(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paragraphs")
    parser.add_argument("--model", default="models/all-MiniLM-L6-v2")
    parser.add_argument("--groups", type=int, default=250)
    parser.add_argument("--seed", type=int, default=42)
    arguments = parser.parse_args()
    texts, truth = corpus(read(arguments.paragraphs), arguments.groups, random.Random(arguments.seed))
    like = likeness(texts, arguments.model)
    apart = np.clip(2 - (like + like.T) / 2, 0, None)
    np.fill_diagonal(apart, 0)
    print(f"{len(texts):,} paragraphs, {arguments.groups} groups; B-cubed precision / recall / F1 x 100")
    print("| threshold | " + " | ".join(["single", "average", "complete"]) + " |\n|---|---|---|---|")
    trees = {name: linkage(squareform(apart, checks=False), name) for name in ["single", "average", "complete"]}
    for threshold in [0.9, 1.0, 1.1, 1.2, 1.3]:
        cells = []
        for tree in trees.values():
            found = fcluster(tree, 2 - threshold, "distance")
            cells.append(" / ".join(f"{100 * score:.1f}" for score in bcubed(truth, found)))
        print(f"| {threshold} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
