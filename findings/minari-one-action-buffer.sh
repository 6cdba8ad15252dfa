#!/bin/sh
# minari-one-action-buffer: a dataset has one action an episode where the policy computes its actions into an array
# that it keeps.
#
# Packages: minari 0.5.4, gymnasium 1.4.0, numpy 2.4.6, h5py 3.16.0, pillow 13.0.0, jax 0.10.2.
# Expect:   DataCollector records the action that each step was called with. The environment got it, and reacted to it.
# Seen:     the collector keeps a reference until the episode ends, so `np.clip(action, low, high, out=buffer)` or a
#           tensor that shares memory gives episodes whose actions are all the last one, beside right observations and
#           rewards. (Environments that reuse their observations are recorded likewise; Gymnasium's check_env forbids
#           those since 1.4, nothing checks a policy.) A policy cloned from such data knows nothing of the states.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env" || exit 77
"$dir/env/bin/pip" install -q --only-binary :all: \
    minari==0.5.4 gymnasium==1.4.0 numpy==2.4.6 h5py==3.16.0 pillow==13.0.0 jax==0.10.2 jaxlib==0.10.2 || exit 77
MINARI_DATASETS_PATH="$dir/data" "$dir/env/bin/python" -W ignore - <<'EOF'
import sys
import gymnasium as gym
import minari
import numpy as np


def record(name, out):
    """One episode of 5 steps by a policy that pushes against the velocity; out: where it writes its actions."""
    collector = minari.DataCollector(gym.make("Pendulum-v1", max_episode_steps=5))
    observation, _ = collector.reset(seed=1)
    ended = False
    while not ended:
        action = np.clip(-4 * observation[2:], -2, 2, out=out)
        observation, _, terminated, truncated, _ = collector.step(action)
        ended = terminated or truncated
    return next(collector.create_dataset(name).iterate_episodes())


fresh = record("pendulum/fresh-v0", None)
kept = record("pendulum/kept-v0", np.zeros(1, np.float32))
print(f"minari {minari.__version__}, gymnasium {gym.__version__}, numpy {np.__version__}")
print("expected, a new array an action: ", fresh.actions.ravel())
print("seen, one array for all actions: ", kept.actions.ravel())
print("observations and rewards of both are equal:",
      np.array_equal(fresh.observations, kept.observations) and np.array_equal(fresh.rewards, kept.rewards))
holds = (np.array_equal(fresh.observations, kept.observations) and np.array_equal(fresh.rewards, kept.rewards)
         and len(np.unique(fresh.actions)) > 1 and np.all(kept.actions == fresh.actions[-1]))
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
