"""What environments take and give: Gymnasium's own classes, or the little of them that is needed without it."""

import enum

import numpy as np

try:
    import gymnasium
    from gymnasium.spaces import Box
    from gymnasium.vector import AutoresetMode
    from gymnasium.vector.utils import batch_space

    has_gymnasium = True
    BaseEnv, BaseVectorEnv = gymnasium.Env, gymnasium.vector.VectorEnv
except ImportError:
    has_gymnasium = False

    class AutoresetMode(enum.Enum):
        """When a lane whose episode has ended begins its next one."""

        NEXT_STEP = "NextStep"
        SAME_STEP = "SameStep"
        DISABLED = "Disabled"

    class Box:
        """Arrays of one shape and type within bounds."""

        def __init__(self, low, high, shape, dtype):
            self.shape, self.dtype = shape, np.dtype(dtype)
            self.low, self.high = np.full(shape, low, dtype), np.full(shape, high, dtype)
            self.seed()

        def seed(self, seed=None):
            self._random = np.random.default_rng(seed)

        def sample(self):
            """Draw an array: uniformly within finite bounds, else normally."""
            if np.isfinite(self.low).all() and np.isfinite(self.high).all():
                return self._random.uniform(self.low, self.high).astype(self.dtype)
            return self._random.normal(size=self.shape).astype(self.dtype)

        def contains(self, x):
            return x.shape == self.shape and bool(np.all(x >= self.low) and np.all(x <= self.high))

        __contains__ = contains

    def batch_space(space, n):
        return Box(space.low[0], space.high[0], (n, *space.shape), space.dtype)

    class BaseEnv:
        """Stands for gymnasium.Env."""

        spec, render_mode = None, None

        def reset(self, *, seed=None, options=None):
            pass

        @property
        def unwrapped(self):
            return self

        def __enter__(self):
            return self

        def __exit__(self, *args):
            self.close()

    class BaseVectorEnv(BaseEnv):
        """Stands for gymnasium.vector.VectorEnv."""

        closed = False

        def close(self):
            if not self.closed:
                self.close_extras()
                self.closed = True
