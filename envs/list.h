/* what can be chosen by name: one line each. Source: the file named in the comment defines it. */
#ifndef MDP_ENVS_LIST_H
#define MDP_ENVS_LIST_H

/* X(name): envs/<name>.c defines `const struct mdp_env_spec mdp_env_spec_<name>` */
#define MDP_ENV_LIST(X)                                                                                                \
    X(halfcheetah)                                                                                                     \
    X(walker2d)                                                                                                        \
    X(hopper)

/* X(name): envs/physics/<name>.* defines `const struct mdp_physics mdp_physics_<name>`; the first is the default */
#define MDP_PHYSICS_LIST(X) X(planar) X(bullet)

/* X(name): envs/physics/<name>.c defines `const struct mdp_physics_loader mdp_physics_loader_<name>` */
#define MDP_PHYSICS_LOADER_LIST(X) X(robotics)

#endif
