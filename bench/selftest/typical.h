/* what a typical episode loses where some are hurt, as a test by ranks measures it.
 *
 * a row by ranks is about the median difference of two episodes, not about means: if a third of the episodes ends
 * half-way, both may lose very different amounts. used by gate selftest, to know when a FAIL by ranks is wrong. */
#ifndef MDP_BENCH_SELFTEST_TYPICAL_H
#define MDP_BENCH_SELFTEST_TYPICAL_H

#include "bench/selftest/resample.h"

/** Computes the loss of the typical episode of a group's first run, at its last checkpoint, where the share loss->size
 * is hurt: the median difference of a hurt draw and a whole one, of pairs the median of averages of two such
 * differences. Of more than 50 episodes, their percentiles stand for them. Errors: NOMEM. */
mdp_err mdp_gate_typical_loss(const struct mdp_gate_group *group, const struct mdp_gate_loss *loss, int is_paired,
                              double *out);

/** Computes the share of hurt episodes at which that loss comes up to `wanted`, from below; NaN where none does.
 * Errors: NOMEM. */
mdp_err mdp_gate_typical_share(const struct mdp_gate_group *group, const struct mdp_gate_loss *loss, int is_paired,
                               double wanted, double *out);

#endif
