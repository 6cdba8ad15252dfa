#!/bin/sh
# scipy-signed-rank-rounding: the Wilcoxon test of pairs decides by the last bit of a subtraction.
#
# Packages: scipy 1.18.1 with numpy 2.5.5 (Python 3.12 and later), else scipy 1.17.1 with numpy 2.4.6.
# Expect:   a rank test does not care about units: 31 and 32 successes of 50 episodes, or success rates of 0.62 and
#           0.64.
# Seen:     0.64 - 0.62 and 0.58 - 0.56 are one difference on paper, two in floating point. Such differences lose their
#           shared rank and are ranked by rounding, with no warning. On 20 tasks p falls from 0.14 (over all signs:
#           0.21) to 0.027; of 300 random comparisons of this kind one in seven changes its verdict at 0.05, in either
#           direction. The same happens to returns that are normalised before they are compared.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env" || exit 77
"$dir/env/bin/pip" install -q --only-binary :all: \
    'scipy==1.18.1; python_version >= "3.12"' 'numpy==2.5.5; python_version >= "3.12"' \
    'scipy==1.17.1; python_version < "3.12"' 'numpy==2.4.6; python_version < "3.12"' || exit 77
"$dir/env/bin/python" - <<'EOF'
import sys
import numpy as np
import scipy
from scipy.stats import rankdata, wilcoxon


def successes(seed):
    """Of 50 episodes on each of 20 tasks, under a baseline and a candidate."""
    rng = np.random.default_rng(seed)
    baseline = rng.integers(20, 40, 20)
    return baseline, baseline + rng.choice([-1, 1, 2], 20, p=[0.35, 0.45, 0.2])


def exact(d):
    """Two-sided p of the midranks' sum, over all signs: counts of doubled sums, in whole numbers."""
    ranks = np.rint(2 * rankdata(abs(d))).astype(int)
    ways = np.zeros(ranks.sum() + 1, int)
    ways[0] = 1
    for r in ranks:
        ways[r:] += ways[:-r].copy()
    w = min(ranks[d > 0].sum(), ranks[d < 0].sum())
    return min(1.0, 2 * ways[:w + 1].sum() / 2 ** len(d))


baseline, candidate = successes(484)
right = exact(candidate - baseline)
counts, rates = wilcoxon(candidate, baseline).pvalue, wilcoxon(candidate / 50, baseline / 50).pvalue
turned = 0
for seed in range(300):
    b, c = successes(seed)
    turned += (wilcoxon(c, b).pvalue <= 0.05) != (wilcoxon(c / 50, b / 50).pvalue <= 0.05)
print(f"scipy {scipy.__version__}, numpy {np.__version__}")
print("candidate - baseline, successes of 50:", *(candidate - baseline))
print(f"p over all 2^20 signs {right:.4f}; scipy, counts {counts:.4f}; scipy, the same as rates {rates:.4f}")
print(f"verdicts at 0.05 that change with the unit: {turned} of 300")
holds = right > 0.1 and counts > 0.1 and rates < 0.05 and turned >= 10
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
