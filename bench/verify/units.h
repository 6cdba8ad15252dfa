/* verify algos, the small files: noise schedules, single operations, the dataset view, the return rules. */
#ifndef MDP_BENCH_VERIFY_UNITS_H
#define MDP_BENCH_VERIFY_UNITS_H

#include "bench/verify/golden.h"
#include "results/dataset.h"

/** Adds the lines of a schedule file: groups T<T>_S<S>, cosine_lr. Errors: IO, DATA, NOMEM. */
mdp_err mdp_verify_schedule(struct mdp_verify_report *report, const char *path);

/** Adds the lines of a units file: Mish, layer norm, Adam and AdamW, clipped ddpm steps. Errors: IO, DATA, NOMEM. */
mdp_err mdp_verify_units(struct mdp_verify_report *report, const char *path);

/** Reads the raw rows of a set, which is a group of its file. Owns: caller, mdp_dataset_raw_free. Errors: DATA, NOMEM.
 */
mdp_err mdp_verify_read_raw(struct mdp_golden *g, const char *group, struct mdp_dataset_raw *raw);

/** Adds the lines of a dataset file: one group per raw set. Errors: IO, DATA, NOMEM. */
mdp_err mdp_verify_dataset(struct mdp_verify_report *report, const char *path);

/** Adds the lines of a file of episodes with their returns by both rules. Errors: IO, DATA, NOMEM. */
mdp_err mdp_verify_returns(struct mdp_verify_report *report, const char *path);

#endif
