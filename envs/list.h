/* what can be chosen by name: one line each. Source: the file named in the comment defines it. */
#ifndef MDP_ENVS_LIST_H
#define MDP_ENVS_LIST_H

/* X(name, robot): envs/<name>.c or envs/mujoco/<robot>.c defines `const struct mdp_env_spec mdp_env_spec_<name>`, which
 * is called `robot` in the names of tasks. mujoco without a number is v2, the world of D4RL's data; Minari's is v5 */
#define MDP_ENV_LIST(X)                                                                                                \
    X(halfcheetah, "halfcheetah")                                                                                      \
    X(walker2d, "walker2d")                                                                                            \
    X(hopper, "hopper")                                                                                                \
    X(halfcheetah_v2, "mujoco-halfcheetah")                                                                            \
    X(walker2d_v2, "mujoco-walker2d")                                                                                  \
    X(hopper_v2, "mujoco-hopper")                                                                                      \
    X(halfcheetah_v4, "mujoco-v4-halfcheetah")                                                                         \
    X(walker2d_v4, "mujoco-v4-walker2d")                                                                               \
    X(hopper_v4, "mujoco-v4-hopper")                                                                                   \
    X(halfcheetah_v5, "mujoco-v5-halfcheetah")                                                                         \
    X(walker2d_v5, "mujoco-v5-walker2d")                                                                               \
    X(hopper_v5, "mujoco-v5-hopper")

/* X(name): a file of envs/physics/ defines `const struct mdp_physics mdp_physics_<name>`; the first is the default */
#define MDP_PHYSICS_LIST(X) X(planar) X(planar_one) X(planar_avx2) X(planar_avx512) X(bullet)

/* X(name): envs/physics/<name>.c or envs/<name>/ defines `const struct mdp_physics_loader mdp_physics_loader_<name>` */
#define MDP_PHYSICS_LOADER_LIST(X) X(robotics) X(mujoco)

#endif
