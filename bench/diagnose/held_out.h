/* transitions that no module was trained on, as the algorithms would see them: what diagnose judges values by.
 *
 * training takes every row of its dataset, so that held out means another file of the task, such as `collect` makes
 * from another seed. the training data is read beside it: its returns scale the rewards, and no row may be in both.
 * docs/modules.md. */
#ifndef MDP_BENCH_DIAGNOSE_HELD_OUT_H
#define MDP_BENCH_DIAGNOSE_HELD_OUT_H

#include "bench/run/task.h"
#include "results/dataset.h"

/* held-out data and the states that were drawn from it */
struct mdp_held_out {
    const char *path, *training; /* borrowed */
    uint64_t hash, training_hash;
    struct mdp_dataset_reader *reader; /* holds the rows */
    struct mdp_dataset_raw raw;        /* all of them */
    struct mdp_dataset_episodes episodes;
    double reward_range; /* a reward becomes 1000 reward / range, in float32, as in training */
    const char *other;   /* borrowed: data of another task, that guidance was trained on; NULL without */
    uint64_t other_hash;
    double other_range;  /* by which its rewards were scaled */
    long n;              /* states */
    long *row, *episode; /* [n], rows ascending */
};

/** Reads held-out and training data of a task and draws at most n_states rows, spread over the file: one from each of n
 * equal stretches. Owns: caller, mdp_held_out_free. Errors: IO; DATA if the two are of different tasks or of other
 * sizes, or if a row is in both. */
mdp_err mdp_held_out_read(const char *path, const char *training, const struct mdp_task *task, long n_states,
                          uint64_t seed, struct mdp_held_out *out);

/** Reads the data of another task, by which guidance that was trained on them scaled rewards. Errors: IO; DATA for
 * other sizes, or if a held-out row is in them. */
mdp_err mdp_held_out_add_other(struct mdp_held_out *held_out, const char *path, const struct mdp_task *task);

/** Frees what reading allocated and clears the struct. */
void mdp_held_out_free(struct mdp_held_out *held_out);

/* rewards of guidance that learns them in a unit of its own: one is divided by `scale`, and where a step terminates it
 * is `terminal`, NaN for what it was */
struct mdp_held_out_rewards {
    double scale, terminal;
};

/** Computes the discounted return from every state on to the end of its episode, the state's own reward included.
 * Where the episode goes on behind its last row (time limit, end of the file) and more than `tail` of the discounted
 * weight lies there, it is NaN. Nullable: rewards, for those scaled as in training by the range of its returns. Shapes:
 * returns [n]. Range: 0 <= discount < 1, 0 < tail < 1. Errors: NOMEM. */
mdp_err mdp_held_out_returns(const struct mdp_held_out *held_out, const struct mdp_held_out_rewards *rewards,
                             double discount, double tail, double *returns);

#endif
