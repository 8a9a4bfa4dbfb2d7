#!/usr/bin/env python3
"""How well themes of a growing library keep their ids: the program itself, step by step.

    python benches/lineage.py --refrain target/release/refrain labelled AG_NEWS.jsonl --label label --steps 10
    python benches/lineage.py --refrain target/release/refrain daily ARTICLES.jsonl --steps 30

`labelled`: records with a true label in the field --label come in equal steps. After each step every theme has the commonest label of
its records; a label stays where a theme of it was there before. Said: how often the largest theme of such a label has the id that the
largest had before, how many records keep the id of their theme, the events, and how well the last themes agree with the labels: as they have
become, and found anew; on all records, those in no theme being one group more, and on those that are in a theme of both. With --late LABEL
the records of that label come in the steps after the first alone: said is how many of them are in themes that are new since.

`daily`: articles by date, in equal steps. Said: of the paragraphs in a theme before and after a step, how many are under the same
id; how that would be with ids given by the order of themes, and by best Jaccard index over all members (not the shared alone),
and the most that any naming could reach; and the events. Needs numpy, scipy and scikit-learn. --flags=--anew finds all anew at every step.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import subprocess
import tempfile


def run(args, *arguments):
    done = subprocess.run([args.refrain, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{arguments}: {done.stderr}")
    return done.stdout


def themes(args, library, *more):
    found = json.loads(run(args, "themes", library, "--format", "json", *(more or args.flags)))
    rows = found["paragraphs"]
    key = lambda row: (rows[row]["article"], rows[row]["place"])
    return {theme["id"]: {key(member["row"]) for member in theme["members"]} for theme in found["themes"]["list"]}


def events(args, library):
    log = json.loads(run(args, "themes", library, "--log", "--format", "json"))["entries"]
    return collections.Counter((entry["generation"], entry["event"]) for entry in log)


def kept(before, after):
    """Paragraphs in a theme before and after: all, and those under the same name."""
    name = {member: theme for theme, members in before.items() for member in members}
    both = [(name[member], theme) for theme, members in after.items() for member in members if member in name]
    return len(both), sum(old == new for old, new in both)


def best(before, after):
    """The most paragraphs that any naming could leave under the same id, themes one to one: the assignment of the greatest sum."""
    import numpy
    from scipy.optimize import linear_sum_assignment

    common = numpy.array([[len(old & new) for new in after.values()] for old in before.values()])
    return int(common[linear_sum_assignment(common, maximize=True)].sum()) if common.size else 0


def by_order(found):
    """Ids as a program without memory gives them: by size."""
    ranked = sorted(found.values(), key=lambda members: (-len(members), min(members)))
    return dict(enumerate(ranked))


def by_jaccard(before, after):
    """Ids by the best Jaccard index over all members, greedy, from 0.3 on."""
    links = [(len(old & new) / len(old | new), str(a), str(b), a, b) for a, old in before.items() for b, new in after.items() if old & new]
    names, used = {}, set()
    for jaccard, _, _, a, b in sorted(links, key=lambda link: (-link[0], link[1], link[2])):
        if jaccard >= 0.3 and b not in names and a not in used:
            names[b] = a
            used.add(a)
    return {names.get(b, ("new", len(before), b)): members for b, members in after.items()}


def steps(args, records, each):
    with tempfile.TemporaryDirectory() as folder:
        library, part = pathlib.Path(folder, "l.refrain"), pathlib.Path(folder, "part.jsonl")
        first = args.first or -(-len(records) // args.steps)
        size = -(-(len(records) - first) // max(args.steps - 1, 1))
        for at in range(args.steps):
            begin = first + (at - 1) * size if at else 0
            args.so_far = first + at * size
            part.write_text("".join(json.dumps(record) + "\n" for record in records[begin : first + at * size]))
            run(args, "add", library, part, *(args.adding if at == 0 else []))
            each(at, themes(args, library))
            counts = [count for (generation, _), count in events(args, library).items() if generation == at + 1]
            print(f"  {sum(counts)} events", flush=True)
        counts = events(args, library)
        total = collections.Counter()
        for (generation, event), count in counts.items():
            if generation > 1:
                total[event] += count
        print(f"{sum(total.values())} events after the first step:", dict(sorted(total.items())))
        each(None, themes(args, library, "--anew"))


def labelled(args):
    records = [json.loads(line) for line in open(args.file)][: args.most]
    for at, record in enumerate(records):
        record.update(id=f"r{at}", outlet=f"o{at % 7}")
    if args.late is not None:
        # Stable: the others stay in their order, and the held back come evenly in the steps after the first.
        late = [record for record in records if str(record[args.label]) == args.late]
        others = [record for record in records if str(record[args.label]) != args.late]
        first = args.first or -(-len(records) // args.steps)
        mixed = others[first:] + late
        mixed.sort(key=lambda record: hashlib.sha256(record["id"].encode()).digest())
        records = others[:first] + mixed
    label = {record["id"]: str(record[args.label]) for record in records}
    state, sums = {}, collections.Counter()

    def theme_of(found):
        return {article: theme for theme, members in found.items() for article, _ in members}

    def agreement(found, records):
        """Records in no theme are one group more: to leave out what is hard is no agreement."""
        from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

        of = theme_of(found)
        pair = [label[record] for record in records], [of.get(record, "none") for record in records]
        return f"adjusted Rand {adjusted_rand_score(*pair):.3f}, adjusted mutual information {adjusted_mutual_info_score(*pair):.3f}"

    def compare(become, anew):
        both = sorted(set(theme_of(become)) & set(theme_of(anew)))
        for records, what in [(sorted(label), "all records"), (both, "records in a theme of both")]:
            for found, how in [(become, "as they have become"), (anew, "found anew")]:
                print(f"{len(records)} {what}, {how} ({len(theme_of(found))} in {len(found)} themes): {agreement(found, records)}")

    def born(at, found):
        """The subject that was held back: how much of it came, is in themes that are new since the first step, and in the others."""
        state.setdefault("first", set(found))
        of = theme_of(found)
        come = [record["id"] for record in records[: args.so_far] if label[record["id"]] == args.late]
        new = [record for record in of if of[record] not in state["first"]]
        own = sum(label[record] == args.late for record in new)
        old = sum(record in of and of[record] in state["first"] for record in come)
        print(f"  {len(come)} records of {args.late} came: {own} are in new themes, which have {len(new)}, and {old} in old ones")

    def each(at, found):
        if at is None:
            return compare(state["found"], found)
        if args.late is not None:
            born(at, found)
        largest = {}
        for theme, members in found.items():
            counts = collections.Counter(label[article] for article, _ in members)
            if not counts:
                continue
            common = counts.most_common(1)[0][0]
            if common not in largest or len(members) > len(found[largest[common]]):
                largest[common] = theme
        if "largest" in state:
            stay = [name for name in largest if name in state["largest"]]
            sums["labels that stay"] += len(stay)
            sums["with the id"] += sum(largest[name] == state["largest"][name] for name in stay)
            both, same = kept(state["found"], found)
            sums["records in a theme before and after"] += both
            sums["under the same id"] += same
        state.update(found=found, largest=largest)
        print(f"step {at + 1}: {len(found)} themes, {len(largest)} labels have one; so far {dict(sums)}", flush=True)

    steps(args, records, each)


def daily(args):
    records = [json.loads(line) for line in open(args.file)][: args.most]
    records.sort(key=lambda record: str(record.get("date") or ""))
    state, sums = {}, collections.Counter()

    def each(at, found):
        if at is None:
            return
        if state:
            both, same = kept(state["found"], found)
            sums["both"] += both
            sums["same id"] += same
            sums["same by order"] += kept(by_order(state["found"]), by_order(found))[1]
            sums["at best"] += best(state["found"], found)
            plain = by_jaccard(state["plain"], found)
            sums["same by plain Jaccard"] += kept(state["plain"], plain)[1]
            state["plain"] = plain
            print(f"step {at + 1}: {len(found)} themes, {same / max(both, 1):.1%} of {both} paragraphs under the same id", flush=True)
        else:
            state["plain"] = found
            print(f"step {at + 1}: {len(found)} themes", flush=True)
        state["found"] = found

    steps(args, records, each)
    both = max(sums["both"], 1)
    for name in ["same id", "at best", "same by order", "same by plain Jaccard"]:
        print(f"{name}: {sums[name] / both:.1%} of {both}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--refrain", default="target/release/refrain")
    parser.add_argument("kind", choices=["labelled", "daily"])
    parser.add_argument("file")
    parser.add_argument("--label", default="label")
    parser.add_argument("--late", help="a label that is held back until after the first step")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--most", type=int)
    parser.add_argument("--first", type=int, help="records of the first step; the others share the rest [default: as many as they]")
    parser.add_argument("--adding", default="", type=str.split, help="flags of the first refrain add, as --adding='--precision int8'")
    parser.add_argument("--flags", default="", type=str.split, help="flags of refrain themes")
    args = parser.parse_args()
    {"labelled": labelled, "daily": daily}[args.kind](args)


if __name__ == "__main__":
    main()
