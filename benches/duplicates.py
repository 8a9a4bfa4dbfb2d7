#!/usr/bin/env python3
"""Near-duplicates at scale: Refrain beside SemHash, MinHash with LSH and community detection, in one run.

    python benches/duplicates.py --refrain target/release/refrain --corpus FOLDER --sizes 25000 50000 100000 208111

FOLDER holds the shards that `refrain embed CORPUS -o FOLDER` wrote: texts, outlets and vectors. Every engine runs on the
same first rows, in a process of its own; wall time and peak memory are those of the process less nothing (reading the rows
included; imports of the peers are told apart). "Found" is how many pairs of two outlets the engine calls duplicates, and
"in Refrain" the share of them whose two rows are a pair or in one group of Refrain's first mode. Pairs within one outlet, and of
paragraphs that Refrain sets aside as an outlet's boilerplate, are not counted: it does not report them on purpose. Of
clusters and of kept-and-dropped lists, the pairs counted are those of the cluster's or kept row with the others (a star).

Needs numpy and pyarrow; semhash, rensa, datasketch, sentence-transformers where they are installed: a peer that is missing
is left out, and said.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEERS = ("semhash", "rensa", "datasketch", "community")


def main() -> None:
    options = parse_arguments()
    if options.child:
        return child(options)
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        for size in options.sizes:
            compare(options, size, Path(scratch) / str(size))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Near-duplicates at scale, beside peers.")
    parser.add_argument("--refrain", type=Path, metavar="BINARY")
    parser.add_argument("--corpus", type=Path, required=True, metavar="FOLDER", help="shards that refrain embed wrote")
    parser.add_argument("--sizes", type=int, nargs="+", default=[25_000, 50_000, 100_000, 208_111])
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=PEERS)
    parser.add_argument("--threshold", type=float, default=0.7, help="Jaccard of word shingles for MinHash")
    parser.add_argument("--by", nargs="*", default=["statements", "paragraphs", "wording"], help="Refrain's modes")
    parser.add_argument("--scratch", type=Path, help="where temporary files go")
    parser.add_argument("--missing", type=Path, metavar="FILE", help="writes the pairs that Refrain does not have")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


# --- the runs ---------------------------------------------------------------------------------------


def compare(options, size, scratch):
    scratch.mkdir(parents=True)
    rows = write_rows(options.corpus, size, scratch)
    print(f"\n{len(rows)} paragraphs\n\n| engine | wall s | CPU s | peak MB | pairs of two outlets | in Refrain |")
    print("|---|---|---|---|---|---|")
    ours = {}
    modes = [mode for mode in options.by if options.refrain]
    for mode in modes:
        name, flags = f"refrain --by {mode}", ["--by", mode]
        command = [options.refrain, "duplicates", scratch / "shards", "--format", "json", *flags]
        spent, output = run(command, scratch / "found.json")
        if not output:
            print(f"| {name} | failed | | | | |")
            continue
        pairs, homes, ids = read_refrain(output)
        ours[name] = (pairs, homes, ids)
        row(name, spent, len(pairs), "")
    reference = next((ours[name] for name in ours if not name.endswith("wording")), None) or next(iter(ours.values()), None)
    for peer in options.peers:
        command = [sys.executable, __file__, "--corpus", scratch / "shards", "--child", peer]
        command += ["--out", scratch / "pairs.json", "--threshold", options.threshold]
        spent, output = run(command, scratch / "log")
        if output is None:
            print(f"| {peer} | failed or not installed | | | | |")
            continue
        found = json.loads((scratch / "pairs.json").read_text())
        pairs = {tuple(sorted(pair)) for pair in found["pairs"]}
        pairs = {(a, b) for a, b in pairs if rows[a]["outlet"] != rows[b]["outlet"]}
        missing, counted = absent(pairs, rows, reference)
        share = f"{100 * (1 - len(missing) / max(counted, 1)):.1f} %" if reference else ""
        row(f"{peer} (of it imports {found['imports']:.1f} s)", spent, counted, share)
        if options.missing and missing:
            tell(options.missing.with_suffix(f".{size}.{peer}.txt"), missing, rows)


def run(command, output):
    """Wall and CPU seconds and peak megabytes of a command, and where its output is; None where it failed."""
    start = time.perf_counter()
    with open(output, "wb") as sink, open(str(output) + ".err", "wb") as errors:
        process = subprocess.Popen([str(part) for part in command], stdout=sink, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    spent = (time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
    if process.returncode:
        sys.stderr.write(Path(str(output) + ".err").read_text()[-2000:])
    return spent, None if process.returncode else output


def row(name, spent, pairs, share):
    wall, cpu, peak = spent
    print(f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:.0f} | {pairs} | {share} |", flush=True)


def write_rows(corpus, size, scratch):
    """The first rows, as shards of their own, and as Python knows them."""
    import pyarrow.parquet as parquet

    shards = scratch / "shards"
    shards.mkdir()
    manifest = json.loads((corpus / "_manifest.json").read_text())
    rows = []
    for part in sorted(corpus.glob("part-*.parquet")):
        if len(rows) >= size:
            break
        for name in (part.name, f"_{part.stem}.jsonl.zst"):
            os.link(corpus / name, shards / name) if same_device(corpus, shards) else copy(corpus / name, shards / name)
        columns = ["id", "article", "place", "outlet", "text"]
        rows += parquet.read_table(part, columns=columns).to_pylist()
    kept = {part.stem for part in shards.glob("part-*.parquet")}
    (shards / "_manifest.json").write_text(json.dumps(cut(manifest, kept)))
    return rows


def same_device(left, right):
    return left.stat().st_dev == right.stat().st_dev


def copy(source, target):
    target.write_bytes(source.read_bytes())


def cut(manifest, kept):
    """A manifest that names the shards kept alone."""
    shards = [shard for shard in manifest["shards"] if Path(shard["file"]).stem in kept]
    totals = {name: sum(shard[name] for shard in shards) for name in manifest["totals"]}
    return {**manifest, "shards": shards, "totals": totals}


# --- what was found ---------------------------------------------------------------------------------


def read_refrain(output):
    """Pairs of places (article, paragraph), the groups of each place, and the places that took part."""
    found = json.loads(output.read_text())
    passages, coverage = found["paragraphs"], found["coverage"]
    place = lambda passage: (passages[passage["row"]]["article"], passages[passage["row"]]["place"])
    pairs = {tuple(sorted((place(pair["left"]), place(pair["right"])))) for pair in coverage["pairs"]}
    homes = {}
    for index, group in enumerate(coverage["groups"]):
        for passage in group["passages"]:
            homes.setdefault(place(passage), set()).add(index)
    return pairs, homes, {place(passage) for passage in passages}


def absent(pairs, rows, reference):
    """The pairs that Refrain does not have, and how many are counted."""
    if not reference:
        return [], len(pairs)
    found, homes, _ = reference
    place = lambda at: (rows[at]["article"], rows[at]["place"])
    boilerplate = recurring(rows)
    missing, counted = [], 0
    for a, b in sorted(pairs):
        if boilerplate[a] or boilerplate[b]:
            continue
        counted += 1
        left, right = place(a), place(b)
        if tuple(sorted((left, right))) not in found and not homes.get(left, set()) & homes.get(right, set()):
            missing.append((a, b))
    return missing, counted


def recurring(rows, least=3):
    """Whether a row is one of those that Refrain sets aside: printed in so many articles of its outlet."""
    form = [" ".join(re.findall(r"\w+", row["text"].lower())) for row in rows]
    articles = {}
    for row, text in zip(rows, form):
        articles.setdefault((row["outlet"], text), set()).add(row["article"])
    return [len(articles[(row["outlet"], text)]) >= least for row, text in zip(rows, form)]


def tell(file, missing, rows):
    """Forty of the missing, evenly spread, to be read."""
    step = max(1, len(missing) // 40)
    lines = (f"{rows[a]['outlet']}: {rows[a]['text']}\n{rows[b]['outlet']}: {rows[b]['text']}\n" for a, b in missing[::step])
    file.write_text("\n".join(lines))


# --- peers: each reads the rows and gives pairs of row numbers ---------------------------------------


def child(options):
    start = time.perf_counter()
    engine = {"semhash": semhash, "rensa": rensa, "datasketch": datasketch, "community": community}[options.child]
    work = engine(options)
    imports = time.perf_counter() - start
    pairs = [(int(a), int(b)) for a, b in work()]
    options.out.write_text(json.dumps({"pairs": pairs, "imports": imports}))


def columns(options, *names):
    import pyarrow.parquet as parquet

    tables = [parquet.read_table(part, columns=list(names)) for part in sorted(options.corpus.glob("part-*.parquet"))]
    return [sum((table[name].to_pylist() for table in tables), []) for name in names if name != "vector"], tables


def vectors(tables):
    import numpy as np

    flat = [np.asarray(table["vector"].combine_chunks().flatten(), dtype=np.float32) for table in tables]
    return np.concatenate(flat).reshape(-1, len(flat[0]) // len(tables[0]))


def shingles(text, size=3):
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + size]) for at in range(max(1, len(words) - size + 1))}


def rensa(options):
    from rensa import RMinHash, RMinHashLSH

    def work():
        (texts,), _ = columns(options, "text")
        index, hashes = RMinHashLSH(threshold=options.threshold, num_perm=128, num_bands=bands(options.threshold)), []
        for at, text in enumerate(texts):
            minhash = RMinHash(num_perm=128, seed=42)
            minhash.update(list(shingles(text)))
            hashes.append(minhash)
            index.insert(at, minhash)
        for at, minhash in enumerate(hashes):
            for other in index.query(minhash):
                if other < at and minhash.jaccard(hashes[other]) >= options.threshold:
                    yield other, at

    return work


def bands(threshold, permutations=128):
    """The bands at which pairs of the threshold are about as likely to meet as not: (1 / b) ** (b / p)."""
    divisors = [count for count in range(1, permutations + 1) if permutations % count == 0]
    return min(divisors, key=lambda b: abs((1 / b) ** (b / permutations) - threshold))


def datasketch(options):
    from datasketch import MinHash, MinHashLSH

    def work():
        (texts,), _ = columns(options, "text")
        index = MinHashLSH(threshold=options.threshold, num_perm=128)
        for at, text in enumerate(texts):
            minhash = MinHash(num_perm=128)
            minhash.update_batch([shingle.encode() for shingle in shingles(text)])
            for other in index.query(minhash):
                yield other, at
            index.insert(at, minhash)

    return work


def semhash(options):
    from semhash import SemHash

    def work():
        (texts,), tables = columns(options, "text", "vector")
        given = vectors(tables)
        records = [{"text": text, "at": str(at)} for at, text in enumerate(texts)]
        if hasattr(SemHash, "from_embeddings"):
            hashed = SemHash.from_embeddings(given, records, model=None, columns=["text"])
        else:
            hashed = SemHash.from_records(records, columns=["text"], model=Given(texts, given))
        for dropped in hashed.self_deduplicate().filtered:
            for other, *_ in dropped.duplicates:
                yield int(other["at"]), int(dropped.record["at"])

    return work


class Given:
    """A model that gives the vectors there are."""

    def __init__(self, texts, given):
        self.known = dict(zip(texts, given))

    def encode(self, texts, **_):
        import numpy as np

        return np.stack([self.known[text] for text in texts])


def community(options):
    import torch
    from sentence_transformers.util import community_detection

    def work():
        _, tables = columns(options, "vector")
        found = community_detection(torch.from_numpy(vectors(tables)), threshold=0.75, min_community_size=2)
        for centre, *others in found:
            for other in others:
                yield centre, other

    return work


if __name__ == "__main__":
    main()
