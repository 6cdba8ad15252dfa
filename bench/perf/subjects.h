/* what perf can measure, by name, and the measuring of all that is asked for. */
#ifndef MDP_BENCH_PERF_SUBJECTS_H
#define MDP_BENCH_PERF_SUBJECTS_H

#include "base/names.h"
#include "bench/perf/perf.h"

/* which subjects, and how; borrowed */
struct mdp_perf_plan {
    int n_subjects;
    char *const *subjects;           /* [n_subjects] names, "all" among them for all */
    struct mdp_perf_options options; /* n_units is set */
    long n_counts;                   /* times that instructions are counted; 0: time is measured */
};

/** Lists the subjects, and "all". */
const struct mdp_names *mdp_perf_subject_names(void);

/** Returns 1 if a plan has a subject, by its name or by "all". */
int mdp_perf_is_asked(const struct mdp_perf_plan *plan, const char *subject);

/** Measures the subjects of a plan in a fixed order and adds their results; with options.n_calls it does their work and
 * adds none. Errors: USAGE if nothing was to be done; those of the subjects. */
mdp_err mdp_perf_measure(const struct mdp_perf_plan *plan, struct mdp_perf_results *results);

#endif
