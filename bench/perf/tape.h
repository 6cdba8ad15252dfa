/* physics only: a world that replays the actions and resets of an environment, without its observations and rewards. */
#ifndef MDP_BENCH_PERF_TAPE_H
#define MDP_BENCH_PERF_TAPE_H

#include "base/err.h"

enum { MDP_PERF_TAPE_STEPS = 1000, MDP_PERF_TAPE_AT_ONCE = 100 };

struct mdp_env_spec;
struct mdp_engine;
struct mdp_perf_tape;

/** Records MDP_PERF_TAPE_STEPS steps under uniform random actions, and builds a world to replay them. Nullable: engine
 * (the default world). Owns: caller, mdp_perf_tape_free. Errors: NOMEM; IO, DATA as of the physics. */
mdp_err mdp_perf_tape_new(const struct mdp_engine *engine, const struct mdp_env_spec *spec, struct mdp_perf_tape **out);

/** Frees a tape. Nullable: tape. */
void mdp_perf_tape_free(struct mdp_perf_tape *tape);

/** Replays MDP_PERF_TAPE_AT_ONCE steps and returns their number, as a piece of work whose context is a tape. */
long mdp_perf_tape_work(void *tape);

/** Writes where the world is. Shapes: qpos [n_dof]. */
void mdp_perf_tape_read(struct mdp_perf_tape *tape, double *qpos);

/** Returns the first random actions' stream, the same for every measurement of environments. */
struct mdp_rng mdp_perf_action_stream(void);

/** Draws n elements uniformly from -1 to 1. */
void mdp_perf_draw_actions(struct mdp_rng *rng, float *actions, int n);

#endif
