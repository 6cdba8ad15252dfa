"""Steps per second of many lanes in Python, beside a C loop over the same library and beside EnvPool, measured in turn.

usage: python3 tests/python/rate.py [--lanes 64] [--rounds 20] [--steps 100]

Each round steps each of them as often, on one core; what counts is processor time, of all threads. Prints medians and
the median and quartiles of the ratios of each round.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

import mdpbench
from mdpbench import library

ROOT = Path(__file__).resolve().parents[2]


class Loop:
    """The C program, which answers each line with a round."""

    def __init__(self, folder, env_id, lanes, actions):
        program, table = f"{folder}/rate", f"{folder}/actions"
        built = Path(library.functions._name).resolve()
        subprocess.run(["cc", "-O3", f"-I{ROOT}/include", ROOT / "tests/library/rate.c", built,
                        f"-Wl,-rpath,{built.parent}", "-o", program], check=True)  # fmt: skip
        actions.tofile(table)
        self.process = subprocess.Popen([program, env_id, str(lanes), str(len(actions)), table],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip

    def round(self):
        print(file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self):
        self.process.communicate()


class Vector:
    """Any vector environment of Gymnasium's kind."""

    def __init__(self, env, actions, seed=True):
        self.env, self.actions = env, actions
        env.reset(**({"seed": 0} if seed else {}))

    def round(self):
        step, start = self.env.step, time.process_time()
        for action in self.actions:
            step(action)
        return time.process_time() - start

    def close(self):
        self.env.close()


def subjects(folder, lanes, n_steps):
    """Yield names with what can be measured here; the first is what the others are compared with."""
    actions = np.random.default_rng(0).uniform(-1, 1, (n_steps, lanes, 6)).astype(np.float32)
    bullet, mujoco = "HalfCheetahBullet-v0", "HalfCheetah-v4"
    yield f"C, {bullet}", Loop(folder, bullet, lanes, actions)
    yield f"Python, {bullet}", Vector(mdpbench.VectorEnv(bullet, lanes), actions)
    try:
        yield f"Python, {mujoco}", Vector(mdpbench.VectorEnv(mujoco, lanes), actions)
    except mdpbench.Unavailable as error:
        print(f"{mujoco}: left out: {error}", file=sys.stderr)
    try:
        import envpool

        env = envpool.make_gymnasium(mujoco, num_envs=lanes, num_threads=1, seed=0)
        yield f"EnvPool {envpool.__version__}, {mujoco}", Vector(env, actions.astype(np.float64), seed=False)
    except ImportError as error:
        print(f"EnvPool: left out: {error}", file=sys.stderr)


def measure(lanes, n_rounds, n_steps):
    """Return steps per second of each round by name."""
    with tempfile.TemporaryDirectory() as folder:
        made = dict(subjects(folder, lanes, n_steps))
        for subject in made.values():
            subject.round()
        rates = {name: [] for name in made}
        for _ in range(n_rounds):
            for name, subject in made.items():
                rates[name].append(lanes * n_steps / subject.round())
        for subject in made.values():
            subject.close()
    return {name: np.array(values) for name, values in rates.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, value in (("lanes", 64), ("rounds", 20), ("steps", 100)):
        parser.add_argument(f"--{name}", type=int, default=value)
    asked = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    warnings.simplefilter("ignore")
    rates = measure(asked.lanes, asked.rounds, asked.steps)
    first = next(iter(rates.values()))
    for name, values in rates.items():
        low, middle, high = np.quantile(values / first, [0.25, 0.5, 0.75])
        print(f"{name}: {np.median(values):.0f} steps/s, {middle:.3f} [{low:.3f}, {high:.3f}] of C")


if __name__ == "__main__":
    main()
