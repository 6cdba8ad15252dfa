"""Stable-Baselines3 trains in an environment. Skipped without it."""

import unittest

import numpy as np
import tap

import mdpbench

try:
    from stable_baselines3 import PPO, SAC
    from stable_baselines3.common.env_checker import check_env
except ImportError:
    PPO = None


@unittest.skipIf(PPO is None, "stable_baselines3 is not installed")
class StableBaselines3(unittest.TestCase):
    def test_checker(self):
        check_env(mdpbench.Env("HalfCheetahBullet-v0"))

    def test_trains(self):
        for kind, settings in ((PPO, {"n_steps": 256, "batch_size": 64}), (SAC, {"learning_starts": 100})):
            model = kind("MlpPolicy", "mdpbench/HopperBullet-v0", seed=0, device="cpu", **settings)
            before = [p.detach().clone() for p in model.policy.parameters()]
            model.learn(256)
            self.assertTrue(any((a != b).any() for a, b in zip(before, model.policy.parameters())))
            observation = model.get_env().reset()
            action, _ = model.predict(observation, deterministic=True)
            self.assertTrue(np.isfinite(action).all())
            self.assertGreater(len(model.ep_info_buffer), 0)


if __name__ == "__main__":
    tap.main()
