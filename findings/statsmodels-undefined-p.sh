#!/bin/sh
# statsmodels-undefined-p: an undefined p is rejected by Holm, and makes every p undefined that Benjamini-Hochberg
# corrects.
#
# Packages: statsmodels 0.15.0, scipy 1.17.1, numpy 2.4.6, pandas 2.3.3.
# Expect:   a test that has no p (scipy's wilcoxon of 50 pairs that are all equal gives NaN, with a warning) is left out
#           of the family, or is refused; corrected p and rejections say the same.
# Seen:     multipletests puts NaN last and goes on. Holm counts it as one more test, and rejects it: p = nan, reject =
#           True, where the others are small. The step-up methods (Hochberg, Benjamini-Hochberg, Benjamini-Yekutieli)
#           begin with it, so that every corrected p is NaN, while their flags still reject. Hommel rejects nothing at
#           all. Whoever prints corrected p sees no finding, whoever prints flags sees one too many.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env" || exit 77
"$dir/env/bin/pip" install -q --only-binary :all: \
    statsmodels==0.15.0 scipy==1.17.1 numpy==2.4.6 pandas==2.3.3 || exit 77
"$dir/env/bin/python" -W ignore - <<'EOF'
import sys
import numpy as np
import scipy
import statsmodels
from scipy.stats import wilcoxon
from statsmodels.stats.multitest import multipletests

undefined = wilcoxon(np.zeros(50)).pvalue
p = [0.001, 0.012, undefined, 0.02]
print(f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}, numpy {np.__version__}; p of four tasks: {p}")
found = {}
for method in ("bonferroni", "holm", "simes-hochberg", "hommel", "fdr_bh", "fdr_by"):
    reject, corrected = multipletests(p, method=method)[:2]
    found[method] = reject, corrected
    print(f"{method:15} corrected {np.round(corrected, 4)}  reject {reject}")
alone = multipletests(p[:2] + p[3:], method="fdr_bh")[1]
print("expected of fdr_bh, the undefined one left out:", alone)
contradict = [m for m in ("simes-hochberg", "fdr_bh", "fdr_by") if np.isnan(found[m][1]).all() and found[m][0].any()]
holds = (np.isnan(undefined) and len(contradict) == 3
         and not found["hommel"][0].any() and np.isnan(found["hommel"][1]).all()
         and found["holm"][0].all() and np.isclose(found["holm"][1][0], 0.004))
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
