#!/usr/bin/env python3
"""The pair score: cross-validates it, says what generalises and how far it is calibrated, and writes its trees.

    python benches/judge.py                 prints the figures
    python benches/judge.py --write         also writes src/duplicates/judge/trees.rs

Reads benches/judge_rows.csv.xz: one line a labelled pair, with the set it is from, its place there, the fold it belongs to,
its label and the features that src/duplicates/judge computes; no text. Pairs that share a text, in any chain, are in one
fold. A set weighs as much as any other; "itself" are texts beside themselves and are never tested on. There are no settings a
set. The trees depend on the rows and on LightGBM's version alone (one thread, fixed seed). Needs lightgbm, pandas and scikit-learn.
"""

import argparse
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve

HERE = Path(__file__).resolve().parent
ROWS = HERE / "judge_rows.csv.xz"
TREES = HERE.parent / "src" / "duplicates" / "judge" / "trees.rs"
KEYS = ["set", "id", "fold", "label"]
FOLDS = 5
COUNT, DEPTH = 150, 4
# Weight of the texts beside themselves, of that of a set.
ITSELF = 0.05
# Which way a feature may move the score, by what it means; what is not named may move it either way.
RISES = {"cosine", "wording", "held_least", "held_most", "length", "in_step", "grams", "governed_words", "kept", "governed_moved", "beside"}
FALLS = {"alone_least", "alone_most", "rarest_alone", "figures_alone", "names_alone", "negation", "replaced", "moved",
         "exchanged", "shifted", "inverted", "breaks", "uprooted", "torn", "traded"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit and measure the pair score.")
    parser.add_argument("--write", action="store_true", help="write the trees")
    options = parser.parse_args()
    rows = pd.read_csv(ROWS)
    features = [name for name in rows.columns if name not in KEYS]
    labelled = rows[rows["set"] != "itself"]
    scores = cross_validated(rows, labelled, features)
    figures(labelled, scores, left_out(rows, labelled, features))
    slope, offset = calibration(labelled, scores)
    if options.write:
        write(fit(rows, features), features, slope, offset)


def weights(rows: pd.DataFrame) -> np.ndarray:
    sizes = rows.groupby("set")["label"].transform("size").to_numpy()
    share = np.where(rows["set"] == "itself", ITSELF, 1.0) / sizes
    return share * len(rows) / share.sum()


def fit(rows: pd.DataFrame, features: list[str]) -> lightgbm.Booster:
    data = lightgbm.Dataset(rows[features].to_numpy(np.float32), rows["label"], weight=weights(rows))
    signs = [int(name in RISES) - int(name in FALLS) for name in features]
    settings = dict(objective="binary", learning_rate=0.08, max_depth=DEPTH, num_leaves=12, min_data_in_leaf=30,
                    feature_fraction=0.5, monotone_constraints=signs, seed=0, deterministic=True, force_row_wise=True,
                    num_threads=1, verbose=-1)
    return lightgbm.train(settings, data, num_boost_round=COUNT)


def raw(model: lightgbm.Booster, rows: pd.DataFrame, features: list[str]) -> np.ndarray:
    return model.predict(rows[features].to_numpy(np.float32), raw_score=True)


def cross_validated(rows: pd.DataFrame, labelled: pd.DataFrame, features: list[str]) -> np.ndarray:
    scores = np.zeros(len(labelled))
    for fold in range(FOLDS):
        held = (labelled["fold"] == fold).to_numpy()
        scores[held] = raw(fit(rows[rows["fold"] != fold], features), labelled[held], features)
    return scores


def left_out(rows: pd.DataFrame, labelled: pd.DataFrame, features: list[str]) -> dict[str, float]:
    """Average precision on each set of a score that was fitted on the others."""
    found = {}
    for name, held in labelled.groupby("set"):
        scores = raw(fit(rows[rows["set"] != name], features), held, features)
        found[name] = 100 * average_precision_score(held["label"], scores)
    return found


def best_f1(labels: np.ndarray, scores: np.ndarray) -> float:
    precision, recall, _ = precision_recall_curve(labels, scores)
    return 100 * float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-9)))


def figures(labelled: pd.DataFrame, scores: np.ndarray, left: dict[str, float]) -> None:
    print("| set | pairs | TF-IDF | MiniLM | sum | pair score | set left out |\n|---|---|---|---|---|---|---|")
    for name, rows in labelled.groupby("set"):
        held = (labelled["set"] == name).to_numpy()
        asked = [rows["wording"], rows["cosine"], rows["cosine"] + rows["wording"], scores[held]]
        cells = [f"{100 * average_precision_score(rows['label'], s):.1f} / {best_f1(rows['label'], s):.1f}" for s in asked]
        print(f"| {name} | {len(rows)} | {' | '.join(cells)} | {left[name]:.1f} |")


def calibration(labelled: pd.DataFrame, scores: np.ndarray) -> tuple[float, float]:
    """Platt's slope and offset on scores out of fold, sets weighing alike; Brier's score and the calibration error of them,
    each set's bins apart from the rest, so that one set's excess does not make good another's lack."""
    platt = LogisticRegression(C=1e6).fit(scores[:, None], labelled["label"], sample_weight=weights(labelled))
    chance = platt.predict_proba(scores[:, None])[:, 1]
    print("\n| set | Brier | expected calibration error, ten bins |\n|---|---|---|")
    sets = labelled["set"].to_numpy()
    w = weights(labelled)
    for name in [*sorted(set(sets)), "all"]:
        held = np.full(len(sets), True) if name == "all" else sets == name
        y, p, v = labelled["label"].to_numpy()[held], chance[held], w[held] / w[held].sum()
        bins = np.minimum((p * 10).astype(int), 9)
        error = sum(abs((v * (y - p))[bins == b].sum()) for b in range(10))
        print(f"| {name} | {(v * (y - p) ** 2).sum():.3f} | {error:.3f} |")
    print("\n| score at least | pairs that are the same | of all that are, found |\n|---|---|---|")
    y = labelled["label"].to_numpy()
    for bound in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        kept = chance >= bound
        print(f"| {bound} | {(w * y)[kept].sum() / w[kept].sum():.3f} | {(w * y)[kept].sum() / (w * y).sum():.3f} |")
    return float(platt.coef_[0, 0]), float(platt.intercept_[0])


def full(node: dict, depth: int, at: int, splits: list, leaves: list) -> None:
    """A tree as a full one of DEPTH: a leaf above the last level is repeated below splits that ask nothing."""
    if depth == DEPTH:
        leaves[at - 2**DEPTH] = node["leaf_value"]
        return
    if "leaf_value" in node:
        splits[at - 1] = (0, float("inf"))
        left, right = node, node
    else:
        assert node["decision_type"] == "<="
        splits[at - 1] = (node["split_feature"], node["threshold"])
        left, right = node["left_child"], node["right_child"]
    full(left, depth + 1, 2 * at, splits, leaves)
    full(right, depth + 1, 2 * at + 1, splits, leaves)


def number(value: float) -> str:
    if np.isinf(value):
        return "NONE"
    # LightGBM writes a bound of 0 as 1e-35.
    return "0.0" if abs(value) < 1e-30 else np.format_float_positional(np.float32(f"{value:.5g}"), trim="0")


def write(model: lightgbm.Booster, features: list[str], slope: float, offset: float) -> None:
    lines = ["//! The pair score's trees, made by `benches/judge.py --write`: not to be edited.", "//!",
             "//! Not here: what they are and how they are read (`model`).", "",
             "use super::model::Tree;", "", "/// The bound of a split that asks nothing.", "const NONE: f32 = f32::INFINITY;", "", "/// Platt's slope and offset: log-odds of a sum of leaves.",
             f"pub(super) const SCALE: (f32, f32) = ({number(slope)}, {number(offset)});", "",
             "/// The trees.", "#[rustfmt::skip]", f"pub(super) static TREES: [Tree; {COUNT}] = ["]
    for info in model.dump_model()["tree_info"]:
        splits, leaves = [None] * (2**DEPTH - 1), [None] * 2**DEPTH
        full(info["tree_structure"], 0, 1, splits, leaves)
        asked, bounds = ", ".join(str(f) for f, _ in splits), ", ".join(number(b) for _, b in splits)
        lines.append(f"    Tree {{ features: [{asked}], bounds: [{bounds}], leaves: [{', '.join(map(number, leaves))}] }},")
    TREES.write_text("\n".join([*lines, "];", ""]))


if __name__ == "__main__":
    main()
