#!/usr/bin/env python3
"""What other programs' rules would have said of committed results, and how often each is wrong.

Both sides of a trial are drawn with replacement from the episodes of one committed policy, so every difference that is
claimed is none, and what an interval is of is known: the mean, interquartile mean or median of all its episodes. The
same draws go to every rule; mdpbench gets them as episodes files and is asked as its users ask it. Only public
functions of the others are called. From the repository's root, in an environment of its own, outside the tests:

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install rliable==1.2.0 'pandas<3' scipy h5py
    /tmp/peers/bin/python results/reference/peers/peers.py

writes peers.csv (a row for each rule, policy and n) and peers.md (what docs/statistics.md shows) into its own folder.
"""

import argparse
import csv
import json
import math
import os
import subprocess
import tempfile
import warnings
from importlib.metadata import version

import h5py
import numpy as np
from rliable import library, metrics
from scipy import stats

SIZES = (3, 5, 10, 25, 50)
ALPHA = 0.05
POLICIES = ("halfcheetah-expert", "hopper-medium", "walker2d-expert", "walker2d-medium")

# rule, whose it is, what it is meant for; decisions first, then intervals
DECISIONS = (
    ("compare", "mdpbench", "better or worse", "a typical episode: exact Mann-Whitney"),
    ("compare_any", "mdpbench", "any difference named", "as above, and clauses about means and spreads, each at 0.05"),
    ("mannwhitney", "SciPy", "mannwhitneyu", "ranks, any two samples"),
    ("welch", "SciPy", "ttest_ind, Welch", "means of near-normal values"),
    ("wilcoxon", "SciPy", "wilcoxon", "ranks of pairs (here of unrelated ones)"),
    ("bca_difference", "SciPy", "bootstrap BCa, difference of means", "means of any values, not few"),
    ("benchstat", "benchstat-like", "p < 0.05, then the change of medians", "repeated timings, ten or more"),
    ("poi", "rliable", "P(X > Y), 0.5 outside", "many runs of many tasks"),
    ("iqm_difference", "rliable", "difference of IQMs, 0 outside", "many runs of many tasks"),
    ("iqm_overlap", "rliable", "IQM intervals apart", "no test: how plots of intervals are read"),
)
INTERVALS = (
    ("table_iqm", "mdpbench", "IQM, table", "few values: Student's bootstrap below 50"),
    ("rliable_iqm", "rliable", "IQM, percentile bootstrap", "many runs of many tasks"),
    ("rliable_mean", "rliable", "mean, percentile bootstrap", "the same"),
    ("bca_mean", "SciPy", "mean, bootstrap BCa", "any values, not few"),
    ("order_median", "benchstat-like", "median, order statistics", "repeated timings; below 6 no 95 % exists"),
)


def iqm(x):
    return stats.trim_mean(x, 0.25)


class Program:
    """mdpbench on values, through episodes files."""

    def __init__(self, path, template, folder):
        self.path, self.template, self.folder = path, template, folder

    def write(self, name, values, seed):
        path = os.path.join(self.folder, f"{name}.episodes.h5")
        with h5py.File(self.template) as source, h5py.File(path, "w") as out:
            for key, value in source.attrs.items():
                out.attrs.create(key, value, dtype=source.attrs.get_id(key).dtype)
            low, high = source.attrs["ref_min"], source.attrs["ref_max"]
            returns = low + values * (high - low)
            n = len(values)
            out["return"], out["normalized_return"] = returns, (returns - low) / (high - low)
            out["episode"], out["seed"] = np.arange(n, dtype="<i8"), np.full(n, seed, "<u8")
            out["length"], out["end"] = np.full(n, 1000, "<i4"), np.full(n, 1, "|u1")
        return path

    def ask(self, *words):
        done = subprocess.run([self.path, *words, "--format", "json"], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def compare(self, x, y):
        said = self.ask("compare", self.write("x", x, 1), self.write("y", y, 2))["title"]
        decided = any(w in said for w in ("A is better", "A is worse", "A tends to be", "Ranks and means disagree"))
        return decided, decided or "but the mean return" in said or " times as much as B" in said

    def table(self, x):
        row = self.ask("table", self.write("x", x, 1))["rows"][0]
        return row["iqm_lo"], row["iqm_hi"]


def excludes(interval, value):
    return bool(interval[0] > value or interval[1] < value)


def order_interval(x):
    """the narrowest pair of order statistics, as far from either end, that holds the median at 95 %, else the range"""
    n, k = len(x), 0
    while 2 * stats.binom.cdf(k, n, 0.5) <= ALPHA:
        k += 1
    x = np.sort(x)
    k = max(k, 1)
    return x[k - 1], x[n - k]


def bootstrap(data, of, seed):
    return stats.bootstrap(data, of, n_resamples=999, method="BCa", rng=np.random.default_rng(seed)).confidence_interval


def of_rliable(x, y, seed, reps):
    """percentile intervals [2, 5] of one stratified bootstrap: IQM and mean of x, IQM of y, P(X > Y), both IQMs apart"""

    def wanted(a, b):
        iqm_a, iqm_b = metrics.aggregate_iqm(a), metrics.aggregate_iqm(b)
        better = metrics.probability_of_improvement(a, b)
        return np.array([iqm_a, metrics.aggregate_mean(a), iqm_b, better, iqm_a - iqm_b])

    state = np.random.RandomState(seed)
    pair = {"xy": (x[:, None], y[:, None])}
    return library.get_interval_estimates(pair, wanted, reps=reps, random_state=state)[1]["xy"]


def decide(program, x, y, seed, reps):
    p_ranks = stats.mannwhitneyu(x, y).pvalue
    said = {
        "mannwhitney": p_ranks <= ALPHA,
        "welch": stats.ttest_ind(x, y, equal_var=False).pvalue <= ALPHA,
        "wilcoxon": stats.wilcoxon(x, y).pvalue <= ALPHA,
        "bca_difference": excludes(
            bootstrap((x, y), lambda a, b, axis: np.mean(a, axis) - np.mean(b, axis), seed), 0
        ),
        "benchstat": len(x) >= 4 and p_ranks < ALPHA,
    }
    said["compare"], said["compare_any"] = program.compare(x, y)
    found = of_rliable(x, y, seed, reps)
    said["poi"], said["iqm_difference"] = excludes(found[:, 3], 0.5), excludes(found[:, 4], 0)
    said["iqm_overlap"] = bool(found[0, 0] > found[1, 2] or found[0, 2] > found[1, 0])
    return said, found


def miss(program, x, found, truth, seed):
    return {
        "table_iqm": excludes(program.table(x), truth["iqm"]),
        "rliable_iqm": excludes(found[:, 0], truth["iqm"]),
        "rliable_mean": excludes(found[:, 1], truth["mean"]),
        "bca_mean": excludes(bootstrap((x,), np.mean, seed), truth["mean"]),
        "order_median": excludes(order_interval(x), truth["median"]),
    }


def try_policy(name, args, folder, counts):
    path = f"results/reference/behavior/{name}.episodes.h5"
    with h5py.File(path) as file:
        values = file["normalized_return"][:]
    program = Program(args.mdpbench, path, folder)
    truth = {"mean": values.mean(), "iqm": iqm(values), "median": np.median(values)}
    noise = 1e-6 * np.ptp(values)
    for n in SIZES:
        for trial in range(args.trials):
            rng = np.random.default_rng([args.seed, POLICIES.index(name), n, trial])
            x, y = (rng.choice(values, n) + noise * (rng.random(n) - 0.5) for _ in range(2))
            said, found = decide(program, x, y, trial, args.reps)
            for rule, wrong in {**said, **miss(program, x, found, truth, trial)}.items():
                counts[rule, name, n] = counts.get((rule, name, n), 0) + bool(wrong)
            if n == 10:
                for rule, right in decide(program, x + values.std(), y, trial, args.reps)[0].items():
                    counts[rule, name, "power"] = counts.get((rule, name, "power"), 0) + bool(right)


def write_tables(args, counts):
    here = args.out
    with open(os.path.join(here, "peers.csv"), "w", newline="", encoding="ascii") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["rule", "by", "policy", "n", "trials", "wrong", "found_1_sd"])
        for rule, by, *_ in DECISIONS + INTERVALS:
            for name in POLICIES:
                for n in SIZES:
                    power = counts.get((rule, name, "power"), "") if n == 10 else ""
                    out.writerow([rule, by, name, n, args.trials, counts[rule, name, n], power])
    with open(os.path.join(here, "peers.md"), "w", encoding="ascii") as out:
        heads = [f"n = {n}" for n in SIZES]
        print("| rule | by | meant for |", " | ".join(heads), "| finds 1 sd, n = 10 |", file=out)
        print("|:---|:---|:---|" + "---:|" * (len(SIZES) + 1), file=out)
        for rule, by, what, meant in DECISIONS + INTERVALS:
            cells = []
            for n in SIZES:
                shares = [counts[rule, name, n] / args.trials for name in POLICIES]
                cells.append(f"{np.mean(shares):.3f} ({max(shares):.3f})")
            found = [counts.get((rule, name, "power"), math.nan) / args.trials for name in POLICIES]
            cells.append("-" if math.isnan(found[0]) else f"{np.mean(found):.2f}")
            print(f"| {what} | {by} | {meant} |", " | ".join(cells), "|", file=out)
        total, each = args.trials * len(POLICIES), args.trials
        used = ", ".join(f"{p} {version(p)}" for p in ("rliable", "arch", "scipy", "numpy", "pandas"))
        print(
            f"\n- Wrong in this share of trials, the mean over {len(POLICIES)} policies (the worst of them); "
            f"{each} trials a policy and n, seed {args.seed}, {args.reps} replicates of rliable. Standard error at "
            f"0.05: {math.sqrt(0.0475 / total):.3f} ({math.sqrt(0.0475 / each):.3f}). {used}.",
            file=out,
        )


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="how often rules of other programs are wrong on committed results")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--reps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mdpbench", default="build/mdpbench")
    parser.add_argument("--out", default=here)
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # scipy says where an interval of few values is degenerate: it then excludes nothing
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in POLICIES:
            try_policy(name, args, folder, counts)
    write_tables(args, counts)


if __name__ == "__main__":
    main()
