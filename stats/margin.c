#include "stats/margin.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "stats/brunnermunzel.h"
#include "stats/mannwhitney.h"
#include "stats/moments.h"
#include "stats/proportion.h"
#include "stats/pvalue.h"
#include "stats/rounding.h"
#include "stats/spread.h"
#include "stats/tails.h"
#include "stats/ttest.h"
#include "stats/wilcoxon.h"

/* both samples and what is asked */
struct job {
    const struct mdp_sample *x, *y;
    const struct mdp_margin_plan *plan;
    double level;
    double open; /* distances from the margin up to this one may be rounding, and decide nothing */
};

/* ---- ranks ---- */

static void set_interval(const struct mdp_shift_interval *found, struct mdp_margin *out) {
    out->low = found->low;
    out->high = found->high;
    out->is_low_open = found->is_low_open;
    out->is_high_open = found->is_high_open;
    out->level = found->level;
}

static mdp_err rank_paired(const struct job *job, struct mdp_margin *out) {
    struct mdp_wilcoxon shift, moved;
    const struct mdp_wilcoxon_plan plan = {.level = job->level,
                                           .anchor = -job->plan->margin,
                                           .is_by_sides = 1,
                                           .is_test_only = job->plan->is_test_only,
                                           .rounding = job->plan->rounding},
                                   test_only = {
                                       .shift = job->plan->margin, .is_test_only = 1, .rounding = job->plan->rounding};
    mdp_err err;
    MDP_TRY(mdp_wilcoxon_compute(job->x, job->y, &plan, &shift));
    MDP_TRY(mdp_wilcoxon_compute(job->x, job->y, &test_only, &moved));
    out->name = "Wilcoxon signed rank";
    out->method = mdp_wilcoxon_method_name(moved.method);
    out->estimate = shift.hl_pseudomedian;
    set_interval(&shift.hl, out);
    out->p_not_worse = moved.p.greater;
    out->p_worse = moved.p.less;
    out->smallest_p = 0.5 * moved.smallest_p;
    out->is_degenerate = moved.is_degenerate;
out:
    return err;
}

/* x moved up by the margin, which turns the margin's question into one about 0, and y; both in one block */
static mdp_err move(const struct job *job, struct mdp_sample *x, struct mdp_sample *y, double **block) {
    long n = job->x->n, m = job->y->n;
    mdp_err err = mdp_calloc(block, (unsigned long)(n + m), sizeof **block, "values moved by a margin");
    if (err != MDP_OK) return err;
    *x = (struct mdp_sample){job->x->name, *block, n};
    *y = (struct mdp_sample){job->y->name, *block + n, m};
    return mdp_rounding_shift(job->x->values, n, job->plan->margin, job->y->values, m, job->plan->rounding, *block,
                              *block + n);
}

/* the p asks about values moved by the margin, the interval about the values as they are */
static mdp_err rank_unpaired(const struct job *job, struct mdp_margin *out) {
    struct mdp_mannwhitney shift, moved;
    struct mdp_brunnermunzel any_shape;
    struct mdp_sample x, y;
    double *block = NULL;
    const struct mdp_mannwhitney_plan plan = {.level = job->level,
                                              .anchor = -job->plan->margin,
                                              .rounding = job->plan->rounding,
                                              .is_test_only = job->plan->is_test_only,
                                              .is_by_sides = 1},
                                      test_only = {.is_test_only = 1};
    mdp_err err;
    MDP_TRY(mdp_mannwhitney_compute(job->x, job->y, &plan, &shift));
    MDP_TRY(move(job, &x, &y, &block));
    MDP_TRY(mdp_mannwhitney_compute(&x, &y, &test_only, &moved));
    MDP_TRY(mdp_brunnermunzel_compute(&x, &y, 0, &any_shape));
    out->p_worse_any_shape = any_shape.is_degenerate ? NAN : any_shape.p.less;
    out->name = "Mann-Whitney";
    out->method = mdp_mannwhitney_method_name(moved.method);
    out->estimate = shift.hl_shift;
    set_interval(&shift.hl, out);
    out->p_not_worse = moved.p.greater;
    out->p_worse = moved.p.less;
    out->smallest_p = moved.smallest_one_sided_p;
    out->is_degenerate = moved.is_degenerate;
out:
    free(block);
    return err;
}

/* ---- means ---- */

/* a t test of the difference plus the margin. values without spread leave no doubt: each side of the margin is certain,
 * and a distance that may be rounding decides nothing */
static void decide_by_t(const struct job *job, double difference, double se, double df, struct mdp_margin *out) {
    double distance = difference + job->plan->margin;
    out->is_degenerate = !(se > job->open);
    if (out->is_degenerate) {
        out->p_not_worse = distance > job->open ? 0 : 1;
        out->p_worse = distance < -job->open ? 0 : 1;
        return;
    }
    out->p_not_worse = mdp_t_sf(distance / se, df);
    out->p_worse = mdp_t_sf(-distance / se, df);
}

static mdp_err differences(const struct job *job, double **out) {
    mdp_err err = mdp_calloc(out, (unsigned long)job->x->n, sizeof **out, "differences");
    if (err != MDP_OK) return err;
    return mdp_rounding_differences(job->x->values, job->y->values, job->x->n, 0, job->plan->rounding, *out);
}

static mdp_err mean_paired(const struct job *job, struct mdp_margin *out) {
    mdp_err err;
    double *d = NULL;
    struct mdp_moments moments;
    MDP_TRY(differences(job, &d));
    MDP_TRY(mdp_moments_compute(d, job->x->n, &moments));
    double df = (double)(job->x->n - 1), se = moments.is_degenerate ? 0 : moments.sem;
    double half = se > 0 ? mdp_t_quantile_sf(0.5 * (1 - job->level), df) * se : 0;
    out->name = "t of differences";
    out->method = "Student";
    out->estimate = moments.mean;
    out->low = moments.mean - half;
    out->high = moments.mean + half;
    decide_by_t(job, moments.mean, se, df, out);
out:
    free(d);
    return err;
}

static mdp_err mean_unpaired(const struct job *job, struct mdp_margin *out) {
    struct mdp_ttest test;
    mdp_err err = mdp_ttest_compute(job->x, job->y, job->level, &test);
    if (err != MDP_OK) return err;
    out->name = "Welch t";
    out->method = "Satterthwaite";
    out->estimate = test.diff;
    out->low = test.welch.low;
    out->high = test.welch.high;
    decide_by_t(job, test.diff, test.welch.se, test.welch.df, out);
    return MDP_OK;
}

/* ---- shares ---- */

static mdp_err count_ones(const struct mdp_sample *s, double *k) {
    *k = 0;
    for (long i = 0; i < s->n; i++) {
        if (s->values[i] != 0 && s->values[i] != 1)
            return mdp_refuse(MDP_REFUSE_DOMAIN, "%s: expected values of 0 and 1, found %g", s->name, s->values[i]);
        *k += s->values[i];
    }
    return MDP_OK;
}

static mdp_err share(const struct job *job, struct mdp_margin *out) {
    mdp_err err;
    struct mdp_share_counts counts = {.n_x = (double)job->x->n, .n_y = (double)job->y->n};
    struct mdp_share found;
    counts.is_paired = job->plan->is_paired;
    MDP_TRY(count_ones(job->x, &counts.k_x));
    MDP_TRY(count_ones(job->y, &counts.k_y));
    for (long i = 0; i < job->x->n && counts.is_paired; i++) counts.n_both += job->x->values[i] * job->y->values[i];
    MDP_TRY(mdp_share_difference(&counts, job->level, &found));
    MDP_TRY(mdp_share_difference_p(&counts, -job->plan->margin, &out->p_not_worse));
    out->name = "difference of shares";
    out->method = counts.is_paired ? "Newcombe, pairs" : "Newcombe";
    out->estimate = found.estimate;
    out->low = found.low;
    out->high = found.high;
    out->p_worse = 1 - out->p_not_worse;
out:
    return err;
}

/* ---- spreads ---- */

static mdp_err spread(const struct job *job, struct mdp_margin *out) {
    struct mdp_spread_difference found;
    mdp_err err = mdp_spread_against(job->x, job->y, job->plan->is_paired, job->plan->margin, job->level, &found);
    if (err != MDP_OK) return err;
    out->name = "difference of spreads";
    out->method = job->plan->is_paired ? "Student and Hall" : "Welch and Hall";
    out->estimate = -found.estimate;
    out->low = -found.high;
    out->high = -found.low;
    out->p_not_worse = found.p_below;
    out->p_worse = found.p_above;
    out->is_degenerate = found.is_degenerate;
    return MDP_OK;
}

/* ---- all of them ---- */

static mdp_err planning_sd(const struct job *job, double *sd) {
    mdp_err err;
    double *d = NULL;
    struct mdp_moments of_x, of_y;
    if (job->plan->is_paired) {
        MDP_TRY(differences(job, &d));
        MDP_TRY(mdp_moments_compute(d, job->x->n, &of_x));
        *sd = of_x.sd_ddof1;
    } else {
        MDP_TRY(mdp_moments_compute(job->x->values, job->x->n, &of_x));
        MDP_TRY(mdp_moments_compute(job->y->values, job->y->n, &of_y));
        *sd = sqrt(0.5 * (of_x.var_ddof1 + of_y.var_ddof1));
    }
out:
    free(d);
    return err;
}

static mdp_err check(const struct job *job) {
    const struct mdp_sample samples[2] = {*job->x, *job->y};
    const struct mdp_margin_plan *plan = job->plan;
    mdp_err err = plan->is_paired ? mdp_check_paired(samples, 2) : mdp_check_samples(samples, 2);
    if (err == MDP_OK) err = mdp_check_values("margin", &plan->margin, 1);
    if (err == MDP_OK) err = mdp_check_range("margin", plan->margin, nextafter(0, 1), INFINITY);
    if (err == MDP_OK) err = mdp_check_range("rounding", plan->rounding, 0, DBL_MAX);
    if (err == MDP_OK) err = mdp_check_enough(job->x->name, job->x->n, 2);
    return err != MDP_OK ? err : mdp_check_enough(job->y->name, job->y->n, 2);
}

/* rounding of a distance from the margin to which all values contribute */
static double openness(const struct job *job) {
    double largest = job->plan->margin;
    for (long i = 0; i < job->x->n; i++) largest = fmax(largest, fabs(job->x->values[i]));
    for (long i = 0; i < job->y->n; i++) largest = fmax(largest, fabs(job->y->values[i]));
    return mdp_rounding_of(largest) + job->plan->rounding;
}

mdp_err mdp_margin_compute(const struct mdp_sample *x, const struct mdp_sample *y, const struct mdp_margin_plan *plan,
                           struct mdp_margin *out) {
    static mdp_err (*const tests[MDP_N_MARGIN_TESTS][2])(const struct job *, struct mdp_margin *) = {
        [MDP_MARGIN_TEST_RANK] = {rank_unpaired, rank_paired},
        [MDP_MARGIN_TEST_MEAN] = {mean_unpaired, mean_paired},
        [MDP_MARGIN_TEST_SHARE] = {share, share},
        [MDP_MARGIN_TEST_SPREAD] = {spread, spread},
    };
    mdp_err err;
    struct job job = {.x = x, .y = y, .plan = plan, .level = plan->level};
    *out = (struct mdp_margin){.name = "", .p_worse_any_shape = NAN};
    MDP_TRY(check(&job));
    MDP_TRY(mdp_level_settle(&job.level));
    job.open = openness(&job);
    out->level = job.level;
    MDP_TRY(tests[plan->test][plan->is_paired != 0](&job, out));
    MDP_TRY(planning_sd(&job, &out->sd));
out:
    return err;
}
