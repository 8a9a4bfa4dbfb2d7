"""Themes of labelled corpora: Refrain's default against BERTopic, EVoC, HDBSCAN and K-means given the true number.

    python benches/themes.py --refrain target/release/refrain --data DATA [--only ag_news banking77] [--out results.md]

DATA is a folder of `<set>/data.jsonl.gz` with `text` and `label` (and `category`). Every tool gets the same vectors:
those that `refrain eval themes --save-vectors` writes. Nothing is set by set; peers run with their defaults.

    pip install numpy scikit-learn bertopic evoc hdbscan umap-learn

Scores are x 100. A peer's outliers count as one cluster, as Refrain's unassigned do. K-means is given the true number
of labels (scikit-learn, three starts, the mean of three seeds); it rates the vectors, and no tool is told as much.
"""

import argparse
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import version

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402
from sklearn.cluster import HDBSCAN, KMeans  # noqa: E402
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score  # noqa: E402

SETS = {
    "wikiref220": ["label"],
    "ag_news": ["label"],
    "reuters21578": ["label"],
    "banking77": ["label"],
    "uci_news_stories": ["label", "category"],
    "stackoverflow_titles": ["label"],
}


def refrain(binary, path, fields, folder, flags=()):
    """The labels, the texts, the vectors, and Refrain's own result."""
    name = os.path.basename(os.path.dirname(path))
    vectors, assigned = os.path.join(folder, name + ".npy"), os.path.join(folder, name + ".jsonl")
    labels = [argument for field in fields for argument in ("--label-field", field)]
    common = [binary, "eval", "themes", "--labels", path, *labels, "--drop-duplicates", *flags]
    if not os.path.exists(vectors):
        subprocess.run([*common, "--save-vectors", vectors, "--format", "json"], check=True, stdout=subprocess.DEVNULL)
    begun = time.time()
    page = subprocess.run(
        [*common, "--vectors", vectors, "--assignments", assigned, "--format", "json"], check=True, stdout=subprocess.PIPE
    )
    seconds = time.time() - begun
    with open(assigned) as lines:
        records = [json.loads(line) for line in lines]
    return records, np.load(vectors), json.loads(page.stdout), seconds


def texts_of(path):
    """Texts as Refrain takes them: white space folded, a text seen before left out."""
    seen, texts = set(), []
    with gzip.open(path, "rt") as lines:
        for line in lines:
            text = " ".join(json.loads(line)["text"].split())
            if text and text not in seen:
                seen.add(text)
                texts.append(text)
    return texts


def scores(truth, found):
    return {
        "AMI": 100 * adjusted_mutual_info_score(truth, found),
        "ARI": 100 * adjusted_rand_score(truth, found),
        "V": 100 * v_measure_score(truth, found),
    }


def peers(texts, vectors):
    """Name, clusters (-1 for outliers) and seconds of each peer."""
    from bertopic import BERTopic
    from evoc import EVoC

    runs = {
        "BERTopic": lambda: BERTopic().fit_transform(texts, vectors)[0],
        "EVoC": lambda: EVoC().fit_predict(vectors),
        "HDBSCAN": lambda: HDBSCAN(copy=True).fit_predict(vectors.astype(np.float64)),
    }
    for name, run in runs.items():
        begun = time.time()
        yield name, np.asarray(run()), time.time() - begun


def kmeans(vectors, truth):
    number = len(set(truth))
    runs = [scores(truth, KMeans(number, n_init=3, random_state=seed).fit_predict(vectors)) for seed in range(3)]
    return {measure: float(np.mean([run[measure] for run in runs])) for measure in runs[0]}


def measured(binary, data, name, folder, with_peers):
    path = os.path.join(data, name, "data.jsonl.gz")
    records, vectors, page, seconds = refrain(binary, path, SETS[name], folder)
    rows = []
    # A row in no theme has no number: all of them are one cluster.
    found = np.array([record["number"] or 0 for record in records])
    themes = len(page["themes"]["list"])
    rows.append(("Refrain", found, themes, page["themes"]["unassigned"], seconds))
    if with_peers:
        texts = texts_of(path)
        assert len(texts) == len(vectors), (name, len(texts), len(vectors))
        for peer, clusters, taken in peers(texts, vectors):
            outliers = int((clusters == -1).sum())
            rows.append((peer, clusters, len(set(clusters.tolist()) - {-1}), outliers, taken))
    for at, field in enumerate(SETS[name]):
        truth = [record["labels"][field] for record in records]
        own = scores(truth, found)
        ours = page["scores"][at]
        assert abs(own["AMI"] / 100 - ours["adjusted_mutual_information"]) < 1e-3, (own, ours)
        for tool, clusters, number, outliers, taken in rows:
            yield name, field, len(set(truth)), tool, scores(truth, clusters), number, outliers / len(truth), taken
        if page["sub_theme_scores"]:
            part = page["sub_theme_scores"][at]
            values = {"AMI": part["adjusted_mutual_information"], "ARI": part["adjusted_rand"], "V": part["v_measure"]}
            values = {measure: 100 * value for measure, value in values.items()}
            yield name, field, len(set(truth)), "Refrain, sub-themes", values, page["themes"]["sub_themes"], 0, seconds
        if with_peers:
            begun = time.time()
            values = kmeans(vectors, truth)
            yield name, field, len(set(truth)), "K-means, true number", values, len(set(truth)), 0, (time.time() - begun) / 3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--refrain", default="target/release/refrain")
    parser.add_argument("--data", required=True)
    parser.add_argument("--only", nargs="*", default=list(SETS))
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--vectors", help="a folder to keep vectors in between runs")
    parser.add_argument("--out", help="a Markdown file for the table")
    arguments = parser.parse_args()
    lines = ["| set, field | labels | tool | AMI | ARI | V | found | outliers % | s |", "|---|--:|---|--:|--:|--:|--:|--:|--:|"]
    means = {}
    print("\n".join(lines), flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.vectors or temporary
        os.makedirs(folder, exist_ok=True)
        for name in arguments.only:
            for result in measured(arguments.refrain, arguments.data, name, folder, not arguments.no_peers):
                name, field, labels, tool, values, number, outliers, seconds = result
                means.setdefault(tool, []).append(values["AMI"])
                lines.append(
                    f"| {name}, {field} | {labels} | {tool} | {values['AMI']:.1f} | {values['ARI']:.1f} | {values['V']:.1f}"
                    f" | {number} | {100 * outliers:.0f} | {seconds:.0f} |"
                )
                print(lines[-1], flush=True)
    lines.append("\nMean AMI: " + ", ".join(f"{tool} {np.mean(values):.1f}" for tool, values in means.items()))
    tools = ["numpy", "scikit-learn", "bertopic", "evoc", "umap-learn", "hdbscan"]
    said = subprocess.run([arguments.refrain, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    lines.append(f"\n{said}; {platform.platform()}, {os.cpu_count()} cores; Python {platform.python_version()}; ")
    lines[-1] += ", ".join(f"{tool} {version(tool)}" for tool in tools) if not arguments.no_peers else "no peers"
    print("\n".join(lines[-2:]))
    if arguments.out:
        with open(arguments.out, "w") as out:
            out.write(f"`python benches/themes.py {' '.join(sys.argv[1:])}`\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
