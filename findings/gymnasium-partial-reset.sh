#!/bin/sh
# gymnasium-partial-reset: RecordEpisodeStatistics forgets running episodes when another environment of the vector is
# reset.
#
# Packages: gymnasium 1.4.0, numpy 2.4.6.
# Expect:   with AutoresetMode.DISABLED, reset(options={"reset_mask": mask}) begins new episodes where the mask says so,
#           and the episode statistics of the others go on.
# Seen:     the vector environment takes the mask out of the caller's dictionary before the wrapper looks for it, and
#           the wrapper then begins anew for all. Returns and lengths of all but the shortest episodes are too small,
#           with no warning. A dictionary that is kept and used again resets every environment the second time.
# Source:   Farama-Foundation/Gymnasium pull request 1696 (open).
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env" || exit 77
"$dir/env/bin/pip" install -q --only-binary :all: gymnasium==1.4.0 numpy==2.4.6 || exit 77
"$dir/env/bin/python" - <<'EOF'
import sys
import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics


class Countdown(gym.Env):
    """Ends after n steps, each with reward 1."""
    observation_space = gym.spaces.Box(0, 100, (1,))
    action_space = gym.spaces.Discrete(2)

    def __init__(self, n):
        self.n = n

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.t += 1
        return np.full(1, self.t, np.float32), 1.0, self.t == self.n, False, {}


def returns(mode):
    """Returns of the finished episodes of two environments, which always last 3 and 5 steps."""
    envs = RecordEpisodeStatistics(SyncVectorEnv([lambda: Countdown(3), lambda: Countdown(5)], autoreset_mode=mode))
    envs.reset(seed=0)
    found = ([], [])
    for _ in range(30):
        _, _, terminated, truncated, info = envs.step(np.zeros(2, int))
        for i in np.flatnonzero(info.get("_episode", [])):
            found[i].append(int(info["episode"]["r"][i]))
        if mode == AutoresetMode.DISABLED and (terminated | truncated).any():
            envs.reset(options={"reset_mask": terminated | truncated})
    return found


options = {"reset_mask": np.array([True, False])}
envs = SyncVectorEnv([lambda: Countdown(3), lambda: Countdown(5)], autoreset_mode=AutoresetMode.DISABLED)
envs.reset()
envs.reset(options=options)
same, disabled = returns(AutoresetMode.SAME_STEP), returns(AutoresetMode.DISABLED)
print(f"gymnasium {gym.__version__}, numpy {np.__version__}; episodes of 3 and of 5 steps, reward 1 a step")
print("expected, as with SAME_STEP:   ", same)
print("seen, partial resets, DISABLED:", disabled)
print("the caller's options after a reset:", options)
holds = (set(same[0]) == {3} and set(same[1]) == {5} and min(disabled[0]) < 3 and max(disabled[1]) < 5
         and options == {})
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
