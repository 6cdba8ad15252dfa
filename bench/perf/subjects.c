#include "bench/perf/subjects.h"

#include <stdlib.h>
#include <string.h>

#include "bench/perf/algos.h"
#include "bench/perf/env.h"
#include "bench/perf/instructions.h"
#include "bench/perf/load.h"
#include "bench/perf/plans.h"
#include "bench/perf/policy.h"
#include "bench/perf/stats.h"

/* X(name): mdp_perf_<name> measures it. the order is fixed, because the program's own memory must be measured before
 * the others take theirs */
#define SUBJECT_LIST(X) X(start) X(load) X(env) X(policy) X(infer) X(train) X(plan) X(stats)

static const struct subject {
    const char *name;
    mdp_err (*measure)(const struct mdp_perf_options *options, struct mdp_perf_results *results);
} subjects[] = {
#define SUBJECT(name) {#name, mdp_perf_##name},
    SUBJECT_LIST(SUBJECT)
#undef SUBJECT
};
enum { N_SUBJECTS = sizeof subjects / sizeof subjects[0] };

#define SUBJECT_NAME(name) #name,
MDP_NAMES_FUNCTION(mdp_perf_subject_names, SUBJECT_LIST(SUBJECT_NAME) "all")
#undef SUBJECT_NAME

int mdp_perf_is_asked(const struct mdp_perf_plan *plan, const char *subject) {
    for (int i = 0; i < plan->n_subjects; i++)
        if (strcmp(plan->subjects[i], subject) == 0 || strcmp(plan->subjects[i], "all") == 0) return 1;
    return 0;
}

/* the subject lists the names of its work, which other processes then count */
static mdp_err count(const struct mdp_perf_plan *plan, const struct subject *subject,
                     struct mdp_perf_results *results) {
    mdp_err err;
    struct mdp_perf_names found = {.n = 0};
    struct mdp_perf_options listing = plan->options;
    const struct mdp_perf_counting counting = {subject->name, &plan->options, plan->n_counts};
    listing.names = &found;
    listing.threads = 1;
    MDP_TRY(subject->measure(&listing, results));
    MDP_TRY(mdp_perf_count(&counting, &found, results));
out:
    free(found.names);
    return err;
}

mdp_err mdp_perf_measure(const struct mdp_perf_plan *plan, struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    const char *only = plan->options.only;
    for (int i = 0; i < N_SUBJECTS; i++) {
        if (!mdp_perf_is_asked(plan, subjects[i].name)) continue;
        MDP_TRY(plan->n_counts > 0 ? count(plan, &subjects[i], results) : subjects[i].measure(&plan->options, results));
    }
    if (*plan->options.n_units == 0 && results->n_items == 0)
        MDP_TRY(only != NULL ? mdp_fail(MDP_E_USAGE, "option --only: expected the name of a result, found '%s'", only)
                             : mdp_fail(MDP_E_USAGE, "expected a subject that does work of its own, found '%s'",
                                        plan->subjects[0]));
out:
    return err;
}
