"""Records Gymnasium's own MuJoCo environments in the layout that `mdpbench verify env` reads.

usage: record_gymnasium.py FOLDER; prints the path of the library that they ran on. The environments are the originals:
nothing of a step is computed here."""
import glob
import os
import sys

import gymnasium
import h5py
import mujoco
import numpy as np

N_STEPS = 200
ROBOTS = {"HalfCheetah": 6, "Walker2d": 6, "Hopper": 3}


def draw(kind, t, rng, n):
    if kind == "zero":
        return np.zeros(n)
    if kind == "overdrive":
        return rng.uniform(-3, 3, n)
    return rng.uniform(-1, 1, n)


def terms_of(env, info, action):
    """forward, control, survive as the environment itself has them, in the order of the recordings"""
    if "reward_forward" in info:
        return [info["reward_forward"], info["reward_ctrl"], info.get("reward_survive", 0.0)]
    if "reward_run" in info:
        return [info["reward_run"], info["reward_ctrl"], 0.0]
    return [info["x_velocity"], -env.control_cost(action), env.healthy_reward]


def state_of(env):
    data = env.unwrapped.data
    return [np.array(x) for x in (data.qpos, data.qvel, data.qacc_warmstart)]


def record(group, env, kind, seed):
    rng = np.random.default_rng(seed)
    group.attrs.update(kind=kind, action_dtype="float64", wrapped=0, seed=seed)
    observations, states = [env.reset(seed=seed)[0]], [state_of(env)]
    actions, rewards, terms, ends = [], [], [], []
    for t in range(N_STEPS):
        action = draw(kind, t, rng, env.action_space.shape[0])
        observation, reward, terminated, _, info = env.step(action)
        actions.append(action)
        observations.append(observation)
        states.append(state_of(env))
        rewards.append(reward)
        terms.append(terms_of(env, info, action))
        ends.append(terminated)
    group["actions"] = np.array(actions)
    group["observations"] = np.array(observations)
    group["rewards"] = np.array(rewards, dtype=np.float64)
    group["reward_terms"] = np.array(terms, dtype=np.float64)
    group["terminated"] = np.array(ends, dtype=np.uint8)
    for i, name in enumerate(("qpos", "qvel", "qacc_warmstart")):
        group["state/" + name] = np.array([s[i] for s in states])


def main(folder):
    os.makedirs(folder)
    for robot in ROBOTS:
        for version in ("v4", "v5"):
            env = gymnasium.make(f"{robot}-{version}").unwrapped
            with h5py.File(f"{folder}/{robot.lower()}_{version}.h5", "w") as file:
                file.attrs.update(env=f"{robot}-{version}", mujoco_version=mujoco.__version__)
                for i, kind in enumerate(("zero", "random", "overdrive")):
                    record(file.create_group(f"ep_{i:02d}"), env, kind, i + 1)
    print(glob.glob(os.path.dirname(mujoco.__file__) + "/libmujoco.so*")[0])


main(sys.argv[1])
