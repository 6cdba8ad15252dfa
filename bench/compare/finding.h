/* one task of a comparison: its tests and effects, and what they could have shown.
 *
 * for the files of compare. Source: docs/statistics.md, compare. */
#ifndef MDP_BENCH_COMPARE_FINDING_H
#define MDP_BENCH_COMPARE_FINDING_H

#include "bench/compare/unlike.h"
#include "stats/brunnermunzel.h"
#include "stats/claims.h"
#include "stats/effect.h"
#include "stats/equality.h"
#include "stats/levene.h"
#include "stats/mannwhitney.h"
#include "stats/spread.h"
#include "stats/ttest.h"
#include "stats/wilcoxon.h"

/* how to compare */
struct mdp_compare_plan {
    double alpha, power; /* 0.05, 0.8 */
    double margin;       /* difference of normalized returns within which sides count as equal; 0: not asked */
    double worst;        /* what a failed episode or run has: no value is lower */
    const char *mark;    /* which evaluations of a folder: "" (EMA actor) or ".online" */
};

/* what a test that decided nothing could have shown, in units of its effect */
struct mdp_outlook {
    double mde;      /* smallest effect that would have been found; infinite if these numbers can show nothing */
    double n_needed; /* units a side, or pairs, that would find the effect seen; infinite if no n below 1e9 does */
};                   /* both NaN where the test decided */

/* one task's results; the test of location decides */
struct mdp_finding {
    const struct mdp_compare_sample *a, *b; /* borrowed */
    char unlike[MDP_COMPARE_UNLIKE_MAX];    /* how the sides differ, " (A: bf16, B: f32)"; "" where they do not */
    int is_paired, is_degenerate, has_ties;
    const struct mdp_compare_sample *curve_a,
        *curve_b; /* the curves, if each side is one run; a and b are then its last checkpoints; else NULL */
    long n, m;
    long n_shared;                 /* units of both sides with the same key, of samples that are no pairs */
    long n_common;                 /* whole files or runs that are on both sides */
    double p, smallest_p;          /* p-values of the deciding test */
    double adjusted[MDP_N_CLAIMS]; /* p of each claim within the family of the sentence; NaN: not claimed */
    int n_claims;                  /* how many the family has */
    double level_share;            /* of the family's level, where the deciding test starts */
    double shift, low, high;       /* Hodges-Lehmann */
    int sign;                      /* 1 if the deciding test points to A, -1 to B: with ties the shift may be 0 */
    struct mdp_outlook location, superiority, means, spreads;
    struct mdp_wilcoxon wilcoxon;           /* of pairs */
    struct mdp_mannwhitney mannwhitney;     /* computed if the samples are not paired, as is the next */
    struct mdp_brunnermunzel brunnermunzel; /* NaN where samples do not overlap */
    struct mdp_effect effect;
    struct mdp_ttest ttest;
    double mean_t, mean_df, mean_p, mean_log10_p, mean_low, mean_high; /* of mean A - mean B: for pairs t of their
                                                                          differences, else Welch's */
    int is_lopsided; /* one side is so much smaller that means and spreads are not vouched for */
    struct mdp_levene levene;
    struct mdp_spread spread;
    struct mdp_equality equality; /* n_needed 0: not asked */
    double equality_holm;         /* its p, over the tasks */
};

/** Runs all tests between two samples of a task. Checkpoints of one run are no sample: of one run a side the episodes
 * of the last checkpoints are tested, and curves described. Errors: DATA if they cannot be compared, TOO_FEW below 2
 * values. */
mdp_err mdp_finding_examine(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b,
                            struct mdp_finding *out);

/** Fills in all that is said of several findings together: the claims of one sentence as a family, what undecided tests
 * could have shown, and with a margin whether sides are equal, over the tasks. The test that decides is planned at the
 * level that the family starts it from, the others at alpha. Errors: as the tests'. */
mdp_err mdp_findings_conclude(const struct mdp_compare_plan *plan, struct mdp_finding *findings, int n);

#endif
