/* how to compare, as people choose it: the options of `compare`, and of the shared library. */
#ifndef MDP_BENCH_COMPARE_PLAN_H
#define MDP_BENCH_COMPARE_PLAN_H

#include "base/setting.h"
#include "bench/compare/finding.h"

struct mdp_compare_request {
    double alpha, power, margin, worst;
    const char *actor;
    uint64_t given;
};

extern const struct mdp_settings mdp_compare_table;

/** Makes a plan of what was chosen. Errors: USAGE for a choice that would mean nothing. */
mdp_err mdp_compare_plan_make(const struct mdp_compare_request *request, struct mdp_compare_plan *out);

#endif
