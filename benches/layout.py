"""The theme map against umap-learn, on the same vectors.

    python benches/layout.py --refrain target/release/refrain --shards FOLDER [--out results.md]

FOLDER is one that `refrain embed -o FOLDER` wrote. Refrain lays it out as `refrain themes FOLDER -o paragraphs.parquet` does; its time is that
of the whole command, themes and their names among it. umap-learn gets the vectors, the cosine and a seed; else its defaults.

    pip install numpy pyarrow scikit-learn umap-learn

trust: scikit-learn's trustworthiness at 15 neighbours, among 4,000 rows drawn by chance. kept: the share of a row's 15
nearest vectors that are among its 15 nearest places. same theme: the share of a row's 15 nearest places that have its theme.
"""

import argparse
import os
import platform
import subprocess
import tempfile
import time
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from sklearn.manifold import trustworthiness  # noqa: E402
from sklearn.neighbors import NearestNeighbors  # noqa: E402

K = 15
SAMPLE = 4_000


def vectors(folder):
    table = pq.read_table(sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".parquet")))
    flat = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False).astype(np.float32)
    return flat.reshape(table.num_rows, -1), dict(zip(table["id"].to_pylist(), range(table.num_rows)))


def refrain(binary, folder):
    with tempfile.TemporaryDirectory() as kept:
        path = os.path.join(kept, "paragraphs.parquet")
        begun = time.time()
        subprocess.run([binary, "themes", folder, "-o", path], check=True, stderr=subprocess.DEVNULL)
        seconds = time.time() - begun
        return pq.read_table(path), seconds


def umap_learn(rows):
    import umap

    begun = time.time()
    places = umap.UMAP(metric="cosine", random_state=1).fit_transform(rows)
    return places, time.time() - begun


def near(rows, sample, metric):
    found = NearestNeighbors(n_neighbors=K + 1, metric=metric).fit(rows).kneighbors(rows[sample], return_distance=False)
    return [[other for other in line if other != row][:K] for row, line in zip(sample, found)]


def scores(rows, places, themes):
    sample = np.random.default_rng(0).permutation(len(rows))[:SAMPLE]
    trust = trustworthiness(rows[sample], places[sample], n_neighbors=K, metric="cosine")
    true, shown = near(rows, sample, "cosine"), near(places, sample, "euclidean")
    kept = np.mean([len(set(a) & set(b)) / K for a, b in zip(true, shown)])
    themed = [(row, line) for row, line in zip(sample, shown) if themes[row] is not None]
    same = np.mean([np.mean([themes[other] == themes[row] for other in line]) for row, line in themed]) if themed else 0
    return trust, kept, same


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--refrain", required=True)
    arguments.add_argument("--shards", required=True)
    arguments.add_argument("--out")
    arguments = arguments.parse_args()
    rows, index = vectors(arguments.shards)
    table, seconds = refrain(arguments.refrain, arguments.shards)
    # What an outlet repeats takes no part.
    rows = rows[[index[name] for name in table["id"].to_pylist()]]
    themes = table["theme"].to_pylist()
    places = np.column_stack([table["x"].to_numpy(), table["y"].to_numpy()])
    lines = ["| layout | rows | trust | kept | same theme | seconds |", "|---|---|---|---|---|---|"]
    peer, peer_seconds = umap_learn(rows)
    for name, places, seconds in [
        ("refrain", places, seconds),
        (f"umap-learn {version('umap-learn')}", peer, peer_seconds),
    ]:
        trust, kept, same = scores(rows, places, themes)
        lines.append(f"| {name} | {len(rows):,} | {trust:.3f} | {kept:.3f} | {same:.3f} | {seconds:.1f} |")
    lines.append(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, scikit-learn {version('scikit-learn')}")
    page = "\n".join(lines) + "\n"
    print(page)
    if arguments.out:
        with open(arguments.out, "w") as out:
            out.write(page)


if __name__ == "__main__":
    main()
