"""The names of the environments in Gymnasium."""

from mdpbench.library import environments


def register():
    """Make the environments known to Gymnasium as ``mdpbench/ID``."""
    from gymnasium.envs import registration

    for env_id in environments():
        name = f"mdpbench/{env_id}"
        if name not in registration.registry:
            registration.register(id=name, entry_point="mdpbench.envs:Env", kwargs={"env_id": env_id},
                                  vector_entry_point="mdpbench.envs:VectorEnv")  # fmt: skip
