"""Env and VectorEnv by themselves: bits, modes, seeds, and wrong use. Needs NumPy alone."""

import copy
import os
import pickle
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import numpy as np
import tap

import mdpbench
from mdpbench import AutoresetMode, Env, InvalidInput, Unavailable, VectorEnv
from mdpbench.library import functions

HOPPER = "HopperBullet-v0"


def actions(n_steps, shape, seed=0):
    """Random actions, some of them beyond the bounds."""
    return np.random.default_rng(seed).uniform(-1.5, 1.5, (n_steps, *shape)).astype(np.float32)


def play(env, taken):
    """What an environment gives for actions, episode after episode."""
    steps = []
    for action in taken:
        steps.append(env.step(action))
        if steps[-1][2] or steps[-1][3]:
            steps.append(env.reset())
    return steps


def same(test, one, other):
    """Equal in type, shape and every bit, however nested."""
    if isinstance(one, dict):
        test.assertEqual(one.keys(), other.keys())
        one, other = [one[key] for key in sorted(one)], [other[key] for key in sorted(one)]
    if isinstance(one, (tuple, list)) or isinstance(one, np.ndarray) and one.dtype == object:
        test.assertEqual(len(one), len(other))
        for a, b in zip(one, other):
            same(test, a, b)
        return
    test.assertIs(type(one), type(other))
    if isinstance(one, np.ndarray):
        test.assertEqual((one.dtype, one.shape), (other.dtype, other.shape))
        test.assertEqual(one.tobytes(), other.tobytes())
    else:
        test.assertEqual(one, other)


class Episodes(unittest.TestCase):
    def test_names(self):
        self.assertEqual(mdpbench.environments()[:3], ["HalfCheetahBullet-v0", "Walker2DBullet-v0", HOPPER])
        self.assertRegex(mdpbench.library_version(), r"^\d+\.\d+\.\d+$")

    def test_same_seed_same_bits(self):
        taken = actions(300, (3,))
        runs = []
        for _ in range(2):
            env = Env(HOPPER)
            runs.append([env.reset(seed=5), *play(env, taken)])
        same(self, *runs)
        self.assertGreater(sum("return" in step[-1] for step in runs[0]), 2)

    def test_episodes_are_numbered(self):
        env = Env(HOPPER)
        _, info = env.reset(seed=5)
        self.assertEqual((info["seed"], info["episode_number"]), (5, 0))
        third = [env.reset() for _ in range(3)][-1]
        self.assertEqual(third[1]["episode_number"], 3)
        same(self, third, Env(HOPPER).reset(seed=5, options={"episode": 3}))
        same(self, env.reset(options={"episode": 1}), Env(HOPPER).reset(seed=5, options={"episode": 1}))
        self.assertEqual(env.reset()[1]["episode_number"], 2)
        a, b = (Env(HOPPER).reset()[1]["seed"] for _ in range(2))
        self.assertNotEqual(a, b)

    def test_arrays_may_be_kept(self):
        env, vector = Env(HOPPER), VectorEnv(HOPPER, 2)
        kept = [env.reset(seed=0)[0], vector.reset(seed=0)[0]]
        then = [array.copy() for array in kept]
        for action in actions(3, (3,)):
            kept += [env.step(action)[0], vector.step(np.stack([action, action]))[0]]
        same(self, kept[:2], then)
        self.assertFalse(any(np.shares_memory(a, b) for i, a in enumerate(kept) for b in kept[:i]))

    def test_float64_and_strides(self):
        taken = actions(50, (4, 3)).astype(np.float64)
        results = []
        for change in (np.float32, np.float64, np.asfortranarray, lambda a: np.repeat(a, 2, axis=1)[:, ::2]):
            env = VectorEnv(HOPPER, 4)
            results.append([env.reset(seed=1), *(env.step(change(action)) for action in taken)])
        for other in results[1:]:
            same(self, results[0], other)


class Lanes(unittest.TestCase):
    def run_all(self, n, mode, threads=1, options=None):
        env = VectorEnv(HOPPER, n, threads=threads, autoreset_mode=mode)
        steps = [env.reset(seed=3, options=options)]
        for action in actions(250, (6, 3)):
            steps.append(env.step(action[:n]))
            over = steps[-1][2] | steps[-1][3]
            if mode == AutoresetMode.DISABLED and over.any():
                steps.append(env.reset(options={"reset_mask": over}))
        return steps

    def test_threads(self):
        for mode in AutoresetMode:
            same(self, self.run_all(6, mode), self.run_all(6, mode, threads=3))

    def test_callers_threads(self):
        """Objects are independent: four threads step one vector each, and each has its own messages."""

        def run(seed):
            env = VectorEnv(HOPPER, 3)
            steps = [env.reset(seed=seed), *(env.step(action) for action in actions(150, (3, 3), seed))]
            with self.assertRaisesRegex(InvalidInput, f"environment: .* found 'robot{seed}'"):
                Env(f"robot{seed}")
            return steps

        with ThreadPoolExecutor(4) as pool:
            for one, other in zip(pool.map(run, range(8)), map(run, range(8))):
                same(self, one, other)

    def test_number_of_lanes(self):
        for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP):
            for few, many in zip(self.run_all(2, mode), self.run_all(6, mode)):
                same(self, [part for part in few[:-1]], [part[:2] for part in many[:-1]])

    def test_episodes_of_one_seed(self):
        steps = self.run_all(6, AutoresetMode.SAME_STEP, options={"first_episode": 10})
        found = [(info["seed"][i], info["episode_number"][i]) for *_, info in steps if "episode_number" in info
                 for i in np.flatnonzero(info["_episode_number"])]  # fmt: skip
        self.assertEqual(found[:6], [(3, 10 + i) for i in range(6)])
        self.assertEqual(len(found), len(set(found)))
        self.assertGreater(len(found), 15)
        self.assertEqual({seed for seed, _ in found}, {3})
        env = VectorEnv(HOPPER, 6)
        second = env.reset(seed=3, options={"first_episode": 10}), env.reset()
        self.assertEqual(list(second[1][1]["episode_number"]), [16, 17, 18, 19, 20, 21])

    def test_lists_of_seeds(self):
        env = VectorEnv(HOPPER, 3)
        _, info = env.reset(seed=[8, None, 2])
        self.assertEqual((info["seed"][0], info["seed"][2]), (8, 2))
        _, info = env.reset(seed=[None, 4, None])
        self.assertEqual((list(info["seed"]), list(info["episode_number"])), ([8, 4, 2], [1, 0, 1]))

    def test_cost(self):
        """Of 64 lanes a step in Python, all in all, takes at most 1 / 0.9 of what the library takes of it."""
        env = VectorEnv("HalfCheetahBullet-v0", 64)
        env.reset(seed=0)
        taken = actions(50, (64, 6))

        def least():
            times = []
            for action in taken:
                start = time.process_time()
                env.step(action)
                times.append(time.process_time() - start)
            return min(times)

        least()  # robots that stand are cheap
        whole = least()
        with mock.patch.object(functions, "mdpbench_vec_step", lambda *_: 0):
            around = least()
        self.assertGreater((whole - around) / whole, 0.9)

    def test_disabled_waits(self):
        env = VectorEnv(HOPPER, 2, autoreset_mode="Disabled")
        env.reset(seed=0)
        with self.assertRaisesRegex(InvalidInput, "expected an episode under way, found one that has ended"):
            for action in actions(1001, (2, 3)):
                env.step(action)


class WrongUse(unittest.TestCase):
    def refused(self, kind, text, function, *args, **kwargs):
        with self.assertRaisesRegex(kind, text):
            function(*args, **kwargs)

    def test_making(self):
        self.refused(InvalidInput, "expected one of halfcheetah, .* found 'Ant-v4'", Env, "Ant-v4")
        self.refused(InvalidInput, "lunar", Env, physics="lunar")
        self.refused(Unavailable, "none.so", Env, physics="robotics:none.so")
        self.refused(Unavailable, "none.so", VectorEnv, "HalfCheetah-v4", physics="mujoco:none.so")
        self.refused(InvalidInput, "at least 1 lane and 1 thread, found 0", VectorEnv, num_envs=0)
        self.refused(TypeError, "num_envs: expected a whole number, found 1.5", VectorEnv, num_envs=1.5)
        self.refused(ValueError, "threads: expected 0 to 1024", VectorEnv, threads=-1)
        self.refused(ValueError, "whatever", VectorEnv, autoreset_mode="whatever")

    def test_actions(self):
        env, vector = Env(HOPPER), VectorEnv(HOPPER, 2)
        good, many = np.zeros(3, np.float32), np.zeros((2, 3), np.float32)
        self.refused(InvalidInput, "reset begins one", env.step, good)
        self.refused(InvalidInput, "lane 0: .* reset begins one", vector.step, many)
        env.reset(seed=0), vector.reset(seed=0)
        self.refused(ValueError, r"action: expected shape \(3,\), found \(4,\)", env.step, np.zeros(4))
        self.refused(ValueError, r"action: expected shape \(2, 3\), found \(3,\)", vector.step, good)
        for bad in (np.zeros(3, int), np.zeros(3, complex), ["a", "b", "c"], None):
            self.refused(TypeError, "action: expected floating-point numbers, found dtype", env.step, bad)
        for bad in (np.nan, np.inf):
            self.refused(InvalidInput, r"action \[0, 1\]: expected a finite number", env.step, np.array([0, bad, 0.0]))
        many[1, 2] = np.nan
        self.refused(InvalidInput, r"actions \[1, 2\]: expected a finite number, found nan", vector.step, many)
        first = VectorEnv(HOPPER, 2)
        first.reset(seed=0)
        same(self, vector.step(np.zeros((2, 3))), first.step(np.zeros((2, 3))))

    def test_resets(self):
        env, vector = Env(HOPPER), VectorEnv(HOPPER, 2)
        for bad in (-1, 2**64):
            self.refused(ValueError, "seed: expected 0 to", env.reset, seed=bad)
            self.refused(ValueError, "seed: expected 0 to", vector.reset, seed=bad)
        self.refused(TypeError, "seed: expected a whole number, found 'a'", env.reset, seed="a")
        self.refused(ValueError, "one for each of 2 lanes, found 3", vector.reset, seed=[1, 2, 3])
        self.refused(ValueError, "options: expected one of episode, found 'start'", env.reset, options={"start": 1})
        self.refused(ValueError, "episode: expected 0 to", env.reset, options={"episode": -1})
        self.refused(ValueError, "expected all lanes", vector.reset, options={"reset_mask": np.array([True, False])})
        for bad in ([True, False], np.array([1, 0]), np.zeros(3, bool)):
            self.refused(ValueError, "expected an array of 2 bool", vector.reset, options={"reset_mask": bad})
        self.refused(ValueError, "at least one lane", vector.reset, options={"reset_mask": np.zeros(2, bool)})

    def test_closed(self):
        for env in (Env(HOPPER), VectorEnv(HOPPER, 2)):
            env.reset(seed=0)
            env.close()
            env.close()
            self.refused(mdpbench.Error, "expected an open environment, found a closed one", env.reset)
            self.refused(mdpbench.Error, "found a closed one", env.step, np.zeros(3))

    def test_copies(self):
        for copy_of in (copy.copy, copy.deepcopy, pickle.dumps):
            self.refused(TypeError, "neither copied nor pickled", copy_of, Env(HOPPER))

    def test_missing_library(self):
        for path in ("/nowhere/libmdpbench.so", __file__, "libm.so.6"):
            said = subprocess.run([sys.executable, "-c", "import mdpbench"], capture_output=True, text=True,
                                  env={**os.environ, "MDPBENCH_LIBRARY": path})  # fmt: skip
            self.assertIn(f"ImportError: mdpbench: expected libmdpbench.so.0", said.stderr)
            self.assertIn(path, said.stderr.splitlines()[-1])


if __name__ == "__main__":
    tap.main()
