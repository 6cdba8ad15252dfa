"""Policy files that act."""

import ctypes

import numpy as np

from mdpbench import library
from mdpbench.library import check, encode, functions
from mdpbench.results import options_of, wholes


class Policy:
    """A policy file that acts; options are those of ``eval``: seed=1, candidates=10, stochastic=True, ..."""

    _handle = None

    def __init__(self, path, guidance=None, **options):
        handle = ctypes.c_void_p()
        check(functions.mdpbench_policy_open(encode(path), encode(guidance), options_of(options),
                                             ctypes.byref(handle)))  # fmt: skip
        self._handle = handle.value
        self.env_id = functions.mdpbench_policy_env(self._handle).decode()
        facts = library.EnvFacts()
        check(functions.mdpbench_env_find(encode(self.env_id), ctypes.byref(facts)))
        self._n_obs, self._n_act = facts.n_obs, facts.n_act

    def act(self, observations, episodes, steps):
        """Act in many states: numbers of their episodes and steps decide what is drawn."""
        observations = np.ascontiguousarray(observations, np.float32)
        if observations.ndim != 2 or observations.shape[1] != self._n_obs:
            raise ValueError(f"observations: expected shape (n, {self._n_obs}), found {observations.shape}")
        n = len(observations)
        episodes, steps = wholes("episodes", episodes, n, np.uint32), wholes("steps", steps, n, np.uint32)
        actions = np.empty((n, self._n_act), np.float32)
        arrays = (array.ctypes.data for array in (observations, episodes, steps, actions))
        check(functions.mdpbench_policy_act(self._handle, n, *arrays))
        return actions

    def __getstate__(self):
        raise TypeError("policies can be neither copied nor pickled; open the file again")

    def __del__(self):
        if self._handle is not None:
            functions.mdpbench_policy_free(self._handle)
