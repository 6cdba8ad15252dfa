#!/bin/sh
# seeds-beyond-32-bits: PyTorch (on the CPU), JAX and Python's random give two different seeds the same random
# numbers.
#
# Packages: torch 2.13.0, jax 0.10.2, jaxlib 0.10.2, numpy 2.4.6.
# Expect:   all three take 64-bit seeds, and say so in their types or ranges: other seeds, other numbers.
# Seen:     torch.manual_seed and jax.random.key use the lower 32 bits, so that s and s + 2^32 are one stream, with no
#           warning; random.seed takes the absolute value, so that s and -s are. Seeds that are made by hashing names or
#           by shifting (task * 2^32 + run) then train the same network under several names, and these count as
#           independent runs. NumPy's default_rng keeps all bits, and its older seed() refuses what it cannot hold.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env" || exit 77
"$dir/env/bin/pip" install -q --only-binary :all: torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 || exit 77
JAX_PLATFORMS=cpu "$dir/env/bin/python" - <<'EOF'
import random
import sys
import jax
import numpy as np
import torch


def by_torch(seed):
    torch.manual_seed(seed)
    return torch.randn(4).tolist()


def by_jax(seed):
    return jax.random.normal(jax.random.key(seed), (4,)).tolist()


def by_python(seed):
    random.seed(seed)
    return [random.random() for _ in range(4)]


def by_numpy(seed):
    return np.random.default_rng(seed).normal(size=4).tolist()


print(f"torch {torch.__version__}, jax {jax.__version__}, numpy {np.__version__}, Python {sys.version.split()[0]}")
found = []
for title, draw, one, two in (("torch.manual_seed", by_torch, 7, 7 + 2**32), ("jax.random.key", by_jax, 7, 7 + 2**32),
                              ("random.seed", by_python, 7, -7), ("numpy default_rng", by_numpy, 7, 7 + 2**32)):
    found.append(draw(one) == draw(two) and draw(one) != draw(one + 1))
    print(f"{title}, seeds {one} and {two}: expected other numbers, seen {'the same' if found[-1] else 'others'}")
holds = found == [True, True, True, False]
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
