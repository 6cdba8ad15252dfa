/* policies ready to act, and what results record of them: from files, or of a process that somebody else has started.
 *
 * evaluations ask one in a world of their own, `act` lets others ask. */
#ifndef MDP_BENCH_STAGE_ACTING_H
#define MDP_BENCH_STAGE_ACTING_H

#include <jansson.h>

#include "bench/stage/policy_files.h"
#include "envs/actor.h"
#include "envs/objective.h"
#include "results/episodes_data.h"

struct mdp_behavior_policy;
struct mdp_policy;
struct mdp_diffusion;
struct mdp_guidance;

/* what acts; an object that does not move, since the actor points to it */
struct mdp_acting {
    struct mdp_actor actor;
    const struct mdp_env_spec *spec; /* of the world that it acts in */
    struct mdp_eval_settings used;   /* settings with nothing left open: the rest follows from modules and task */
    struct mdp_objective objective;  /* what used.reward means */
    unsigned holds;                  /* MDP_WITH_ bits */
    struct mdp_episodes_info info;   /* task, algo, step and module files */
    json_t *inputs;                  /* name of each file -> its hash */
    json_t *extras;                  /* what results record besides; nullable */
    /* what it is made of: modules, or a behaviour policy, or neither */
    struct mdp_policy *policy;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_behavior_policy *behavior;
};

/* a policy in another process; borrowed */
struct mdp_outside_policy {
    struct mdp_actor actor;
    const struct mdp_task *task;
    const char *name, *hash; /* "" for no hash */
    long step;               /* of its training, -1: none */
};

/** Reads a policy: a behaviour policy, or a diffusion module with guidance (one candidate without), w_T by default that
 * of the guidance's algorithm and task. Owns: caller, mdp_acting_free, also after a failure. Errors: IO; DATA for
 * modules that do not fit; USAGE for settings that do not go with the module, or if no w_T is known. */
mdp_err mdp_acting_open(const struct mdp_eval_settings *settings, const struct mdp_policy_files *files,
                        struct mdp_acting *out);

/** Takes a policy in another process, which must outlive it. Owns: caller, mdp_acting_free. Errors: NOMEM. */
mdp_err mdp_acting_outside(const struct mdp_eval_settings *settings, const struct mdp_outside_policy *policy,
                           struct mdp_acting *out);

/** Adds what results record of it. Errors: none; a lack of memory is met when the object is written. */
void mdp_outside_record(const struct mdp_outside_policy *policy, json_t *object);

/** Frees what it is made of. */
void mdp_acting_free(struct mdp_acting *acting);

#endif
