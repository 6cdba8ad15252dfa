/* a family of environments behind a table of operations: all that lies between an action and the next observation.
 *
 * env.c keeps what is the same for every family: names, seeds, the time limit, and that numbers that are not finite
 * end an episode. An operation of a step allocates nothing and cannot fail. */
#ifndef MDP_ENVS_FAMILY_H
#define MDP_ENVS_FAMILY_H

#include <stddef.h>

#include "base/err.h"
#include "base/rng.h"
#include "envs/action.h"
#include "envs/types.h"

struct mdp_engine;
struct mdp_engine_facts;
struct mdp_env_shape;
struct mdp_recorded_step;

/* FNV-1a over values one by one: padding between fields must not count */
struct mdp_spec_hash {
    uint64_t state;
};

/** Adds bytes to a hash. */
void mdp_spec_hash_add(struct mdp_spec_hash *hash, const void *bytes, size_t n);

#define MDP_SPEC_HASH_ADD(hash, field) mdp_spec_hash_add(hash, &(field), sizeof(field))

/* a simulation as env.c holds it: the family's own, and two places in it that stay where they are */
struct mdp_simulation {
    void *state;
    struct mdp_env_view *view; /* the family fills it but for n_steps */
    const float *observation;  /* the newest finite one */
    int n_at_once;             /* it is stepped faster beside so many; 0: alone */
};

/* the operations; those on a simulation take what it has as `state` */
struct mdp_family {
    const char *name;    /* "locomotion" */
    const char *physics; /* what its worlds are, in messages: "Bullet" */

    /** Tells what files record about the physics of an environment. Nullable: engine (the default). Errors: as of the
     * library, where it is not there or not the right one. */
    mdp_err (*describe)(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                        struct mdp_engine_facts *facts);

    /** Returns how many positions a state has. */
    int (*n_dof)(const struct mdp_env_spec *spec);

    /** Adds what the family's tables say of an environment. */
    void (*hash)(const struct mdp_env_spec *spec, struct mdp_spec_hash *hash);

    /** Builds a simulation. Nullable: engine (the default). Owns: caller, destroy. Errors: as of the physics. */
    mdp_err (*create)(const struct mdp_engine *engine, const struct mdp_env_spec *spec, struct mdp_simulation *out);
    void (*destroy)(void *state);

    /** Begins an episode, all of whose draws are the stream's. */
    void (*reset)(void *state, struct mdp_rng *rng);

    /** Begins one as a recording has it. Nullable: the member, where recordings begin by set_state. */
    void (*reset_to)(void *state, const double *noise, int is_first_ever);

    /** Overwrites positions and velocities, and what the solver starts from. Nullable: warm_start (left alone). */
    void (*set_state)(void *state, const double *qpos, const double *qvel, const double *warm_start);

    /** Takes a step with a finite action. Where the new state is not finite it sets step->non_finite and nothing else,
     * and leaves the observation alone. */
    void (*step)(void *state, struct mdp_action action, struct mdp_step *step);

    /** As `step` for each of n simulations of one environment, whose steps are zero, with the same bits, but faster.
     * Nullable: the member, where n_at_once is 0. Range: n at most MDP_ENV_AT_ONCE. Shapes: all [n]. */
    void (*step_many)(int n, void *const *states, const struct mdp_action *actions, struct mdp_step *const *steps);

    /** Sets a world as a reset leaves it; simulates one step and nothing else, to be timed; tells where it went.
     * Shapes: qpos, qvel [n_dof]. */
    void (*place)(void *state, const double *qpos, const double *qvel);
    void (*simulate)(void *state, struct mdp_action action);
    void (*locate)(void *state, double *qpos);

    /** Places the shapes for a picture, as mdp_env_sketch; how long a step takes. */
    int (*sketch)(const struct mdp_env_spec *spec, const double *qpos, struct mdp_env_shape *shapes);
    double (*step_seconds)(const struct mdp_env_spec *spec);

    /** Tells which of a step's terms an environment has, as bits; finds them again in a recorded step, as
     * mdp_objective_terms, of which those it has not stay as they are. */
    int (*terms)(const struct mdp_env_spec *spec);
    const char *(*recover)(const struct mdp_env_spec *spec, const struct mdp_recorded_step *step, double *terms);
};

extern const struct mdp_family mdp_family_locomotion;

#endif
