"""What Gymnasium asks for: its checker, its names, and vectors that do what its own do. Skipped without it."""

import unittest
import warnings

import numpy as np
import tap
from test_envs import HOPPER, actions, same

import mdpbench

try:
    import gymnasium
    from gymnasium.utils.env_checker import check_env
    from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
    from gymnasium.wrappers.vector import NormalizeObservation, RecordEpisodeStatistics
except ImportError:
    gymnasium = None


def is_there(env_id):
    """MuJoCo is an option."""
    try:
        mdpbench.Env(env_id).close()
    except mdpbench.Unavailable:
        return False
    return True


@unittest.skipIf(gymnasium is None, "gymnasium is not installed")
class Gymnasium(unittest.TestCase):
    def test_names(self):
        ids = mdpbench.environments()
        self.assertGreaterEqual(len(ids), 12)
        for env_id in filter(is_there, ids):
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", ".*out of date")
                env = gymnasium.make(f"mdpbench/{env_id}")
            env.reset(seed=0)
            env.step(env.action_space.sample())
            self.assertEqual(env.unwrapped.spec.id, f"mdpbench/{env_id}")
            env.close()
        self.assertEqual(gymnasium.make(f"mdpbench:mdpbench/{HOPPER}").unwrapped.id, HOPPER)

    def test_checker(self):
        # observations have no bounds, as in Gymnasium's own robots; -v2 is the world of D4RL's data
        known = "infinity", "out of date"
        for env_id in filter(is_there, mdpbench.environments()):
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                check_env(gymnasium.make(f"mdpbench/{env_id}").unwrapped)
            said = [str(w.message) for w in said]
            self.assertEqual([text for text in said if not any(part in text for part in known)], [])

    def test_vectors_do_as_gymnasiums(self):
        for mode in AutoresetMode:
            ours = gymnasium.make_vec(f"mdpbench/{HOPPER}", num_envs=5, autoreset_mode=mode)
            self.assertIsInstance(ours.unwrapped, mdpbench.VectorEnv)
            theirs = SyncVectorEnv([lambda: mdpbench.Env(HOPPER)] * 5, autoreset_mode=mode)
            for name in ("observation_space", "action_space", "single_observation_space", "single_action_space"):
                self.assertEqual(getattr(ours, name), getattr(theirs, name))
            self.assertIs(ours.metadata["autoreset_mode"], mode)
            n_over = 0
            same(self, ours.reset(seed=4), theirs.reset(seed=4))
            for t, action in enumerate(actions(300, (5, 3))):
                one, other = ours.step(action), theirs.step(action)
                same(self, one, other)
                over = one[2] | one[3]
                n_over += over.sum()
                if mode == AutoresetMode.DISABLED and over.any():
                    mask = {"reset_mask": over}
                    same(self, ours.reset(options=mask), theirs.reset(options=dict(mask)))
                if t == 200:
                    same(self, ours.reset(seed=[9, 8, 7, 6, 5]), theirs.reset(seed=[9, 8, 7, 6, 5]))
            self.assertGreater(n_over, 10)

    def test_processes(self):
        made = [lambda: mdpbench.Env(HOPPER)] * 2
        envs = SyncVectorEnv(made), AsyncVectorEnv(made, context="fork")
        same(self, *(env.reset(seed=1) for env in envs))
        for action in actions(60, (2, 3)):
            same(self, *(env.step(action) for env in envs))
        envs[1].close()

    def test_time_limit(self):
        env = gymnasium.make_vec("mdpbench/HalfCheetahBullet-v0", num_envs=2, autoreset_mode=AutoresetMode.SAME_STEP)
        env.reset(seed=0)
        for t in range(1000):
            _, _, terminated, truncated, info = env.step(np.zeros((2, 6), np.float32))
        self.assertTrue(truncated.all() and not terminated.any())
        self.assertEqual(list(info["final_info"]["length"]), [1000, 1000])

    def test_wrappers(self):
        env = NormalizeObservation(RecordEpisodeStatistics(gymnasium.make_vec(f"mdpbench/{HOPPER}", num_envs=3)))
        env.reset(seed=0)
        n = 0
        for action in actions(200, (3, 3)):
            *_, info = env.step(action)
            for i in np.flatnonzero(info.get("_episode", [])):
                self.assertTrue(info["_return"][i])
                self.assertAlmostEqual(info["episode"]["r"][i], info["return"][i], places=3)
                self.assertEqual(info["episode"]["l"][i], info["length"][i])
                n += 1
        self.assertGreater(n, 3)


if __name__ == "__main__":
    tap.main()
