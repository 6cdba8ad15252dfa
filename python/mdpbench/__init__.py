"""Environments, policies, episodes files and comparisons of mdpbench, with the bits of the command: see docs/python.md.

``Env`` and ``VectorEnv`` are Gymnasium's where Gymnasium is installed, and plain classes with the same methods where it
is not. ``import mdpbench`` registers them as ``mdpbench/HalfCheetahBullet-v0`` and so on.
"""

from mdpbench.envs import Env, VectorEnv
from mdpbench.library import Error, InvalidInput, Unavailable, environments, library_version
from mdpbench.policy import Policy
from mdpbench.registration import register
from mdpbench.results import Comparison, Difference, Episodes, compare
from mdpbench.spaces import AutoresetMode, has_gymnasium

__all__ = [
    "AutoresetMode", "Comparison", "Difference", "Env", "Episodes", "Error", "InvalidInput", "Policy", "Unavailable",
    "VectorEnv", "compare", "environments", "library_version",
]  # fmt: skip

if has_gymnasium:
    register()
