/* which world made a dataset: some hundred of its transitions are replayed in every environment of its sizes.
 *
 * names do not tell it: public files carry -v4 over data of MuJoCo 2.0. The right world is at the rounding of the
 * file's type, another one thousands of times further (bench/run/fit.h). What is replayed: observations, actions and
 * what came next; on Bullet, whose observations do not hold the whole state, the positions and velocities of infos/ as
 * well. */
#ifndef MDP_BENCH_RUN_WHICH_WORLD_H
#define MDP_BENCH_RUN_WHICH_WORLD_H

#include "bench/run/fit.h"

enum { MDP_WHICH_MAX_WORLDS = 16 };

/* one environment that the file could be of */
struct mdp_which_entry {
    const struct mdp_env_spec *spec;
    int is_replayed; /* 0: why not is in `why` */
    int fits;
    double bound; /* of the 90 % quantile */
    struct mdp_fit fit;
    char why[256];
};

/* what was found of a file */
struct mdp_which_world {
    int n_obs, n_act, n, n_fitting;
    long n_rows;
    char type[16];
    struct mdp_which_entry worlds[MDP_WHICH_MAX_WORLDS]; /* [n], in the order of the list */
    double next; /* how many times further than the worst that fits the nearest of the others is; 0: there is none */
};

/** Finds the worlds that a dataset in D4RL's or Minari's layout fits. A world whose library is missing is listed and
 * not replayed. Nullable: engine. Errors: IO, DATA of the file; NOMEM. */
mdp_err mdp_which_world(const struct mdp_engine *engine, const char *path, struct mdp_which_world *which);

/** Writes one sentence: which fits, and how sure that is. */
void mdp_which_world_say(const struct mdp_which_world *which, char text[512]);

/** Refuses a dataset that fits another world and not this one; where none fits, or nothing can be replayed, that is
 * only logged. Errors: DATA naming file, both environments and their errors; those of the file. */
mdp_err mdp_which_world_check(const char *path, const char *task, const struct mdp_env_spec *spec);

#endif
