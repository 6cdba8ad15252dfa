"""Env and VectorEnv: Gymnasium's semantics over the library's environments.

The library writes into new NumPy arrays, so nothing is copied and everything returned may be kept.
"""

import ctypes
import secrets

import numpy as np

from mdpbench import library
from mdpbench.library import check, encode, functions, whole
from mdpbench.spaces import AutoresetMode, BaseEnv, BaseVectorEnv, Box, batch_space

SEED_MAX, EPISODE_MAX = 2**64 - 1, 2**32 - 1
MODES = {AutoresetMode.NEXT_STEP: 0, AutoresetMode.SAME_STEP: 1, AutoresetMode.DISABLED: 2}


def address(array):
    """Return where an array's numbers are."""
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))
    except TypeError:  # read-only; this way takes four times as long
        return array.ctypes.data


def floats(actions, shape):
    """Return actions as the library takes them: float32, row by row; copied only where they are not."""
    array = np.asarray(actions)
    if array.dtype.kind != "f":
        raise TypeError(f"action: expected floating-point numbers, found dtype {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"action: expected shape {shape}, found {array.shape}")
    return np.ascontiguousarray(array, np.float32)


def known_options(options, *names):
    """Return options, refusing those that have no meaning."""
    options = options or {}
    for name in options:
        if name not in names:
            raise ValueError(f"options: expected one of {', '.join(names)}, found {name!r}")
    return options


class Handle:
    """What both kinds have in common: an object of the library, spaces, no way to copy either.

    There are no pictures: ``render_mode`` is taken, as Stable-Baselines3 gives one to all that it makes by name, and
    has no effect.
    """

    metadata = {"render_modes": []}
    _handle = None

    def _open(self, env_id, physics, new):
        facts = library.EnvFacts()
        check(functions.mdpbench_env_find(encode(env_id), ctypes.byref(facts)))
        self.id, self.max_steps = facts.id.decode(), facts.max_steps
        self.reference_returns = facts.ref_min, facts.ref_max
        spaces = Box(-np.inf, np.inf, (facts.n_obs,), np.float32), Box(-1, 1, (facts.n_act,), np.float32)
        handle = ctypes.c_void_p()
        check(new(encode(env_id), encode(physics), ctypes.byref(handle)))
        self._handle = handle.value
        return spaces

    def _opened(self):
        if self._handle is None:
            raise library.Error(f"{getattr(self, 'id', '')}: expected an open environment, found a closed one")
        return self._handle

    def _free(self, free):
        handle, self._handle = self._handle, None
        if handle is not None:
            free(handle)

    def __getstate__(self):
        raise TypeError(f"{self.id}: environments can be neither copied nor pickled; make another one")


class Env(Handle, BaseEnv):
    """One environment. ``reset(seed=s)`` begins episode 0 of seed s, each further ``reset()`` the next one.

    ``options={"episode": k}`` beside a seed begins episode k: with the command's ``--seed s``, episode k of its
    evaluations. The info of a last step has return, normalized_return and length of the episode.
    """

    def __init__(self, env_id="HalfCheetahBullet-v0", *, physics=None, render_mode=None):
        self.observation_space, self.action_space = self._open(env_id, physics, functions.mdpbench_env_new)
        self._seed, self._next, self._step = None, 0, library.Step()
        self._return, self._length = 0.0, 0

    def reset(self, *, seed=None, options=None):
        """Begin an episode; return its first observation and {"seed", "episode_number"}."""
        handle, options = self._opened(), known_options(options, "episode")
        seed = None if seed is None else whole("seed", seed, SEED_MAX)
        episode = whole("episode", options["episode"], EPISODE_MAX) if "episode" in options else None
        super().reset(seed=seed)
        if seed is not None or self._seed is None:
            self._seed, self._next = secrets.randbits(63) if seed is None else seed, 0
        episode = self._next if episode is None else episode
        observation = np.empty(self.observation_space.shape, np.float32)
        check(functions.mdpbench_env_reset(handle, self._seed, episode, address(observation)))
        self._next, self._return, self._length = episode + 1, 0.0, 0
        return observation, {"seed": np.uint64(self._seed), "episode_number": episode}

    def step(self, action):
        """Take one step; an action beyond [-1, 1] is clipped."""
        handle, action = self._opened(), floats(action, self.action_space.shape)
        observation, step = np.empty(self.observation_space.shape, np.float32), self._step
        check(functions.mdpbench_env_step(handle, address(action), address(observation), step))
        terminated, truncated = bool(step.terminated or step.non_finite), bool(step.truncated)
        self._return += step.reward
        self._length += 1
        return observation, step.reward, terminated, truncated, self._result() if terminated or truncated else {}

    def _result(self):
        low, high = self.reference_returns
        normalized = (self._return - low) / (high - low)
        return {"return": self._return, "normalized_return": normalized, "length": self._length}

    def close(self):
        self._free(functions.mdpbench_env_free)

    def __del__(self):
        self.close()


class VectorEnv(Handle, BaseVectorEnv):
    """Many environments that are stepped together by one call, on ``threads`` threads.

    ``reset(seed=s)`` begins episode 0 of seed s + i in lane i, as Gymnasium's vectors do, and a list gives each lane a
    seed of its own. ``options={"first_episode": k}`` gives all lanes the one seed s: lane i plays episodes k + i,
    k + i + num_envs and so on, so that no two lanes, and no two seeds, share an episode.
    """

    def __init__(self, env_id="HalfCheetahBullet-v0", num_envs=1, *, threads=1, autoreset_mode=AutoresetMode.NEXT_STEP,
                 physics=None, render_mode=None):  # fmt: skip
        self.num_envs, self.autoreset_mode = whole("num_envs", num_envs, 2**31 - 1), AutoresetMode(autoreset_mode)
        threads = whole("threads", threads, 1024)

        def new(env_id, physics, handle):
            mode = MODES[self.autoreset_mode]
            return functions.mdpbench_vec_new(env_id, physics, self.num_envs, threads, mode, handle)

        observations, actions = self._open(env_id, physics, new)
        self.single_observation_space, self.single_action_space = observations, actions
        self.observation_space = batch_space(observations, self.num_envs)
        self.action_space = batch_space(actions, self.num_envs)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}
        self._final = np.empty(self.observation_space.shape, np.float32)
        self._n_ended, self._is_over = ctypes.c_int32(), np.zeros(self.num_envs, bool)
        self._has_seed, self._lane_seeds = np.zeros(self.num_envs, bool), np.zeros(self.num_envs, np.uint64)

    # ---- episodes ----

    def _mask(self, options):
        mask = options.get("reset_mask")
        if mask is None:
            return np.ones(self.num_envs, bool)
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (self.num_envs,):
            raise ValueError(f"reset_mask: expected an array of {self.num_envs} bool, found {mask!r}")
        if not mask.any():
            raise ValueError("reset_mask: expected at least one lane, found none")
        return np.ascontiguousarray(mask)

    def _seeds(self, seed, is_shared):
        """Return a seed for each lane; None where it goes on with its own."""
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, (int, np.integer)):
            first = whole("seed", seed, SEED_MAX - self.num_envs)
            return [first if is_shared else first + i for i in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise ValueError(f"seed: expected a number or one for each of {self.num_envs} lanes, found {len(seed)}")
        return [None if one is None else whole("seed", one, SEED_MAX) for one in seed]

    def _episodes(self, options):
        """Return the number of each lane's first episode, and how far its next one is."""
        if "first_episode" in options:
            first = whole("first_episode", options["first_episode"], EPISODE_MAX - self.num_envs)
            return range(first, first + self.num_envs), self.num_envs
        return [whole("episode", options.get("episode", 0), EPISODE_MAX)] * self.num_envs, 1

    def reset(self, *, seed=None, options=None):
        """Begin an episode in every lane, or in those of options["reset_mask"]; the others stay where they are."""
        handle, options = self._opened(), known_options(options, "reset_mask", "episode", "first_episode")
        mask, (numbers, stride) = self._mask(options), self._episodes(options)
        seeds, is_numbered = self._seeds(seed, "first_episode" in options), bool(options.keys() - {"reset_mask"})
        is_next, episodes = np.zeros(self.num_envs, bool), np.array(numbers, np.uint32)
        if not (mask | self._has_seed).all():
            raise ValueError("reset_mask: expected all lanes at the first reset, found some")
        for i in np.flatnonzero(mask):
            is_next[i] = seeds[i] is None and self._has_seed[i] and not is_numbered
            if seeds[i] is not None or not self._has_seed[i]:
                self._lane_seeds[i] = secrets.randbits(63) if seeds[i] is None else seeds[i]
        self._has_seed |= mask
        self._is_over &= ~mask
        observations = np.empty(self.observation_space.shape, np.float32)
        self._begin(handle, mask & ~is_next, address(self._lane_seeds), address(episodes), stride, observations)
        self._begin(handle, is_next, None, None, 0, observations)
        return observations, self._begun(np.flatnonzero(mask))

    def _begin(self, handle, mask, seeds, episodes, stride, observations):
        if mask.any():
            where = address(observations)
            check(functions.mdpbench_vec_reset(handle, address(mask), seeds, episodes, stride, where))

    def _episode(self, i, ended):
        state = library.EpisodeState()
        check(functions.mdpbench_vec_episode(self._handle, int(i), ended, state))
        return state

    def _infos(self, lanes, names, states):
        """Stack what some lanes say, as Gymnasium does: an array a name, and a mask of those who say it."""
        infos, mask = {}, np.zeros(self.num_envs, bool)
        mask[lanes] = True
        for name, (member, dtype) in names.items():
            infos[name] = np.zeros(self.num_envs, dtype)
            infos[name][lanes] = [getattr(state, member) for state in states]
            infos[f"_{name}"] = mask.copy()
        return infos

    def _begun(self, lanes):
        names = {"seed": ("seed", np.uint64), "episode_number": ("episode", np.int64)}
        return self._infos(lanes, names, [self._episode(i, 0) for i in lanes])

    def _ended(self, lanes):
        names = {"return": ("episode_return", float), "normalized_return": ("normalized_return", float),
                 "length": ("length", np.int64)}  # fmt: skip
        return self._infos(lanes, names, [self._episode(i, 1) for i in lanes])

    # ---- steps ----

    def step(self, actions):
        """Take one step in every lane; actions beyond [-1, 1] are clipped."""
        handle, actions = self._opened(), floats(actions, self.action_space.shape)
        observations, rewards = np.empty(self.observation_space.shape, np.float32), np.empty(self.num_envs)
        terminated, truncated = np.empty(self.num_envs, bool), np.empty(self.num_envs, bool)
        n_before = self._n_ended.value
        check(functions.mdpbench_vec_step(
            handle, address(actions), address(observations), address(rewards), address(terminated), address(truncated),
            address(self._final), self._n_ended))  # fmt: skip
        infos = self._news(terminated | truncated) if n_before or self._n_ended.value else {}
        return observations, rewards, terminated, truncated, infos

    def _news(self, is_over):
        """Tell of the episodes that ended in this step, and of those that began in it."""
        was_over, self._is_over = self._is_over, is_over
        if self.autoreset_mode == AutoresetMode.SAME_STEP:
            return self._replaced(is_over) if is_over.any() else {}
        infos = self._ended(np.flatnonzero(is_over)) if is_over.any() else {}
        if self.autoreset_mode == AutoresetMode.NEXT_STEP and was_over.any():
            infos.update(self._begun(np.flatnonzero(was_over)))
        return infos

    def _replaced(self, is_over):
        """Tell of episodes that ended and of those that took their place in the same step."""
        lanes, final = np.flatnonzero(is_over), np.full(self.num_envs, None, object)
        for i in lanes:
            final[i] = self._final[i].copy()
        return {"final_obs": final, "_final_obs": is_over.copy(), "final_info": self._ended(lanes),
                "_final_info": is_over.copy(), **self._begun(lanes)}  # fmt: skip

    def close_extras(self, **kwargs):
        self._free(functions.mdpbench_vec_free)

    def __del__(self):
        self._free(functions.mdpbench_vec_free)
