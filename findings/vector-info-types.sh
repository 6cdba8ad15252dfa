#!/bin/sh
# vector-info-types: a vector environment rounds the numbers of infos to the type that the first lane happens to give.
#
# Packages: gymnasium 1.4.0, numpy 2.4.6.
# Expect:   infos["score"] holds what each environment said: 0 and 2.5.
# Seen:     the array takes the type of the first value that arrives in a step, and the others are cast to it in silence.
#           Where that one is an int, 2.5 of another lane becomes 2; where it is a bool, 3 becomes True. The same values
#           in another order of lanes, or in another step, are whole. In SyncVectorEnv and AsyncVectorEnv. A score that
#           begins as 0 and not as 0.0 is enough.
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
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv


class Scored(gym.Env):
    """Says its score in every step's info."""
    observation_space = gym.spaces.Box(0, 1, (1,))
    action_space = gym.spaces.Discrete(2)

    def __init__(self, score):
        self.score = score

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1, np.float32), {}

    def step(self, action):
        return np.zeros(1, np.float32), 0.0, False, False, {"score": self.score}


def said(kind, scores):
    """What the vector makes of its environments' scores."""
    envs = kind([lambda score=score: Scored(score) for score in scores])
    envs.reset(seed=0)
    found = envs.step(np.zeros(len(scores), int))[-1]["score"].tolist()
    envs.close()
    return found


if __name__ == "__main__":
    print(f"gymnasium {gym.__version__}, numpy {np.__version__}")
    found = []
    for kind in (SyncVectorEnv, AsyncVectorEnv):
        for scores in ([0, 2.5], [2.5, 0], [False, 3]):
            found.append(said(kind, scores))
            print(f"{kind.__name__}: expected {scores}, seen {found[-1]}")
    holds = found == 2 * [[0, 2], [2.5, 0.0], [False, True]]
    print("still so" if holds else "changed")
    sys.exit(not holds)
EOF
