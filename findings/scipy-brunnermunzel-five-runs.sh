#!/bin/sh
# scipy-brunnermunzel-five-runs: with five runs a side p is 0.00004 if one pair is out of order, and undefined if none
# is.
#
# Packages: scipy 1.18.1 with numpy 2.5.5 (Python 3.12 and later), else scipy 1.17.1 with numpy 2.4.6.
# Expect:   the test that is advised where spreads differ is at most slightly liberal for few runs (it takes a t
#           distribution for that), p falls as the samples part, and none is far below 2 / 252, which is the least that
#           the orders of 5 + 5 values allow to any exact test.
# Seen:     the standard error comes from the overlap of the samples. One pair out of order leaves next to none, and p =
#           4e-5, two hundred times below what the data can carry; without any overlap there is no standard error and p
#           is NaN, for the clearest result of all. Of all 252 equally likely orders 7.1 % have p <= 0.05 and 0.8 % p <=
#           0.001.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env" || exit 77
"$dir/env/bin/pip" install -q --only-binary :all: \
    'scipy==1.18.1; python_version >= "3.12"' 'numpy==2.5.5; python_version >= "3.12"' \
    'scipy==1.17.1; python_version < "3.12"' 'numpy==2.4.6; python_version < "3.12"' || exit 77
"$dir/env/bin/python" -W ignore - <<'EOF'
import itertools
import sys
import numpy as np
import scipy
from scipy.stats import brunnermunzel, mannwhitneyu

found, exact = {}, {}
for ranks in itertools.combinations(range(1, 11), 5):
    others = [r for r in range(1, 11) if r not in ranks]
    found[ranks], exact[ranks] = brunnermunzel(ranks, others).pvalue, mannwhitneyu(ranks, others, method="exact").pvalue
apart, one_pair = (1, 2, 3, 4, 5), (1, 2, 3, 4, 6)
p = np.array(list(found.values()))
print(f"scipy {scipy.__version__}, numpy {np.__version__}; five values a side, all {len(p)} orders")
print(f"none out of order:     p = {found[apart]:.2g}, exact rank test {exact[apart]:.4f}")
print(f"one pair out of order: p = {found[one_pair]:.2g}, exact rank test {exact[one_pair]:.4f}")
print("orders with p <= 0.05, 0.01, 0.001:", *(f"{np.mean(p <= level):.4f}" for level in (0.05, 0.01, 0.001)))
holds = np.isnan(found[apart]) and found[one_pair] < 1e-4 and np.mean(p <= 0.05) > 0.06 and np.mean(p <= 0.001) > 0.005
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
