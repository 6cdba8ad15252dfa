#!/bin/sh
# vector-seeds-overlap: ten environments under each of the seeds 0 to 4 are 14 different episodes, not 50.
#
# Packages: gymnasium 1.4.0, numpy 2.4.6; envpool 1.2.5.
# Expect:   another seed, other episodes: five seeds of ten environments begin in 50 states.
# Seen:     environment i of a vector takes seed + i, in Gymnasium's vector environments and in EnvPool alike, so that
#           neighbouring seeds share all but one of their environments. A deterministic policy repeats its returns in
#           them, and a standard error over the 50 returns is too small by a factor of 2 (14 starts, taken 1 to 5
#           times). Seeds 1000 apart are free of it.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env" || exit 77
"$dir/env/bin/pip" install -q --only-binary :all: gymnasium==1.4.0 envpool==1.2.5 numpy==2.4.6 || exit 77
"$dir/env/bin/python" -W ignore - <<'EOF'
import sys
import envpool
import gymnasium as gym
import numpy as np


def starts(reset):
    """Different first observations of ten environments under five seeds."""
    return len({observation.tobytes() for seed in range(5) for observation in reset(seed)})


def by_envpool(seed):
    return envpool.make_gymnasium("Pendulum-v1", num_envs=10, seed=seed).reset()[0]


envs = gym.make_vec("Pendulum-v1", num_envs=10)
found = {
    f"gymnasium {gym.__version__}": starts(lambda seed: envs.reset(seed=seed)[0]),
    f"envpool {envpool.__version__}": starts(by_envpool),
    "seeds 1000 apart, gymnasium": starts(lambda seed: envs.reset(seed=1000 * seed)[0]),
}
print("expected: 50 different starts of 5 seeds x 10 environments")
for name, n in found.items():
    print(f"seen, {name}: {n}")
holds = list(found.values()) == [14, 14, 50]
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
