/* what a stopped evaluation has done: the episodes that are over, and the actions of those that are not, by which the
 * environments come to the same place again. written beside the episodes file, gone when that is there. */
#ifndef MDP_BENCH_STAGE_TAPE_H
#define MDP_BENCH_STAGE_TAPE_H

#include "base/fsx.h"
#include "results/checkpoint.h"

/* an episode in progress: n steps of it, none for one that is over or has not begun */
struct mdp_taped {
    int n;
    float *actions; /* [n, n_act], owned */
};

/* by slots: the episodes of an evaluation from 0 */
struct mdp_tape {
    int n_episodes, max_steps, n_act;
    uint8_t *is_done;          /* [n_episodes] */
    int32_t *lengths;          /* [n_episodes], of those that are done */
    uint8_t *ends;             /* [n_episodes] 1 terminated, 2 time limit, 4 not finite, or none of these; likewise */
    double *returns;           /* [n_episodes] likewise */
    double *objective_returns; /* [n_episodes] likewise; 0 without an objective, then no part of a file */
    int has_objective;
    double *early_returns;  /* [n_episodes] likewise: what mdp_evaluate gives if none reaches the time limit */
    struct mdp_taped *open; /* [n_episodes] */
};

/** Makes an empty tape. Owns: caller, mdp_tape_free. Errors: NOMEM. */
mdp_err mdp_tape_new(int n_episodes, int max_steps, int n_act, struct mdp_tape *out);

/** Keeps the first n actions of a slot, in place of what is kept of it. Errors: NOMEM. */
mdp_err mdp_tape_put(struct mdp_tape *tape, int slot, int n, const float *actions);

/** Returns 1 if nothing is on a tape. */
int mdp_tape_is_empty(const struct mdp_tape *tape);

/** Writes the path of the tape of an episodes file. Errors: USAGE if it does not fit. */
mdp_err mdp_tape_path(const char *out, char path[MDP_PATH_MAX]);

/** Writes a tape; `info` says of what. Errors: IO; DATA for actions that are not finite. */
mdp_err mdp_tape_write(const char *path, const struct mdp_checkpoint_info *info, const struct mdp_tape *tape);

/** Reads a tape into an empty one of the same evaluation. Errors: IO, DATA. */
mdp_err mdp_tape_read(const char *path, struct mdp_tape *tape);

/** Frees what a tape holds and clears it. */
void mdp_tape_free(struct mdp_tape *tape);

#endif
