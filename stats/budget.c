#include "stats/budget.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/check.h"
#include "stats/draw.h"
#include "stats/resample.h"

/* ---- the expected best of k ---- */

struct policy {
    double choice, value;
};

static int by_choice(const void *a, const void *b) {
    const struct policy *x = a, *y = b;
    return (x->choice > y->choice) - (x->choice < y->choice);
}

/* the i-th lowest of n is the highest of k in C(i - 1, k - 1) of C(n, k) draws: k / n for the highest, and from each to
 * the one below (i - k) / (i - 1) as many. of tied ones each is as likely, so that their weights are shared */
static double expected_best(const struct policy *sorted, long n, long k) {
    double weight = (double)k / (double)n, sum = 0;
    for (long end = n; end >= k && end > 0;) {
        double shared = 0, total = 0;
        long first = end;
        while (first > 0 && sorted[first - 1].choice == sorted[end - 1].choice) {
            total += sorted[first - 1].value;
            shared += weight;
            weight *= first > 1 && first > k ? (double)(first - k) / (double)(first - 1) : 0;
            first--;
        }
        sum += shared * total / (double)(end - first);
        end = first;
    }
    return sum;
}

mdp_err mdp_budget_best(const double *choice, const double *value, long n, long k, double *out) {
    const struct mdp_sample samples[] = {{"choice", choice, n}, {"value", value, n}};
    struct policy *policies = NULL;
    mdp_err err;
    MDP_TRY(mdp_check_samples(samples, 2));
    MDP_TRY(mdp_check_range("k", (double)k, 1, (double)n));
    MDP_TRY(mdp_calloc(&policies, (unsigned long)n, sizeof *policies, "policies"));
    for (long i = 0; i < n; i++) policies[i] = (struct policy){choice[i], value[i]};
    qsort(policies, (size_t)n, sizeof *policies, by_choice);
    *out = expected_best(policies, n, k);
out:
    free(policies);
    return err;
}

/* ---- a sweep, and resamplings of it ---- */

/* which runs and episodes are taken: those that choose first, in the first direction */
struct taken {
    int32_t *runs, *episodes; /* [n_runs], [n_episodes] */
    long n_half;              /* of the episodes, those of one half in front */
};

struct work {
    const struct mdp_budget_sweep *sweep;
    const long *ks;
    int n_ks;
    struct taken taken;
    long *first, *order;     /* [n_runs + 1], [n]: the policies of a run are order[first[run]] and following */
    long n;                  /* policies that are taken */
    double *means[2];        /* [n] of each half */
    struct policy *policies; /* [n] */
};

static void work_free(struct work *work) {
    free(work->taken.runs);
    free(work->taken.episodes);
    free(work->first);
    free(work->order);
    free(work->means[0]);
    free(work->means[1]);
    free(work->policies);
}

/* sorts policies by run; returns how many the largest has, 0 where one has none */
static long sort_runs(struct work *work) {
    const struct mdp_budget_sweep *s = work->sweep;
    long most = 0, n = 0;
    for (long r = 0; r < s->n_runs; r++) {
        work->first[r] = n;
        for (long i = 0; i < s->n; i++)
            if (s->runs[i] == r) work->order[n++] = i;
        if (n == work->first[r]) return 0;
        if (n - work->first[r] > most) most = n - work->first[r];
    }
    work->first[s->n_runs] = n;
    return n == s->n ? most : 0;
}

static mdp_err work_new(struct work *work) {
    const struct mdp_budget_sweep *s = work->sweep;
    const unsigned long n_runs = (unsigned long)s->n_runs;
    mdp_err err;
    MDP_TRY(mdp_calloc(&work->first, n_runs + 1, sizeof *work->first, "runs"));
    MDP_TRY(mdp_calloc(&work->order, (unsigned long)s->n, sizeof *work->order, "policies"));
    const long most = sort_runs(work);
    if (most == 0) MDP_TRY(mdp_refuse(MDP_REFUSE_DOMAIN, "runs: expected 0 to %ld, each with a policy", s->n_runs - 1));
    const unsigned long n = n_runs * (unsigned long)most;
    MDP_TRY(mdp_calloc(&work->taken.runs, n_runs, sizeof(int32_t), "runs"));
    MDP_TRY(mdp_calloc(&work->taken.episodes, (unsigned long)s->n_episodes, sizeof(int32_t), "episodes"));
    MDP_TRY(mdp_calloc(&work->means[0], n, sizeof(double), "policies"));
    MDP_TRY(mdp_calloc(&work->means[1], n, sizeof(double), "policies"));
    MDP_TRY(mdp_calloc(&work->policies, n, sizeof *work->policies, "policies"));
    work->taken.n_half = (s->n_episodes + 1) / 2;
out:
    return err;
}

static double mean_of(const double *values, const int32_t *index, long n) {
    double sum = 0;
    for (long i = 0; i < n; i++) sum += values[index[i]];
    return sum / (double)n;
}

static void take_means(struct work *work) {
    const struct mdp_budget_sweep *s = work->sweep;
    const struct taken *t = &work->taken;
    work->n = 0;
    for (long r = 0; r < s->n_runs; r++)
        for (long p = work->first[t->runs[r]]; p < work->first[t->runs[r] + 1]; p++, work->n++) {
            const double *values = s->values + work->order[p] * s->n_episodes;
            work->means[0][work->n] = mean_of(values, t->episodes, t->n_half);
            work->means[1][work->n] = mean_of(values, t->episodes + t->n_half, s->n_episodes - t->n_half);
        }
}

/* adds what each k gives where one half chooses and another is counted: `wanted` */
static void add_best(struct work *work, int chooses, int counts, double share, int wanted, double *out) {
    const long n = work->n;
    for (long i = 0; i < n; i++) work->policies[i] = (struct policy){work->means[chooses][i], work->means[counts][i]};
    qsort(work->policies, (size_t)n, sizeof *work->policies, by_choice);
    for (int j = 0; j < work->n_ks; j++)
        out[j * MDP_N_BUDGET_VALUES + wanted] +=
            share * expected_best(work->policies, n, work->ks[j] < n ? work->ks[j] : n);
}

/* all values of what is taken. out [n_ks, MDP_N_BUDGET_VALUES] */
static void evaluate(struct work *work, double *out) {
    const struct mdp_budget_sweep *s = work->sweep;
    const double half = (double)work->taken.n_half / (double)s->n_episodes;
    memset(out, 0, (size_t)work->n_ks * MDP_N_BUDGET_VALUES * sizeof *out);
    take_means(work);
    if (s->n_episodes > 1) {
        for (int side = 0; side < 2; side++) {
            add_best(work, side, 1 - side, 0.5, MDP_BUDGET_HELD_OUT, out);
            add_best(work, side, side, 0.5, MDP_BUDGET_HIDDEN, out);
        }
        for (long i = 0; i < work->n; i++)
            work->means[0][i] = half * work->means[0][i] + (1 - half) * work->means[1][i];
    }
    add_best(work, 0, 0, 1, MDP_BUDGET_REPORTED, out);
    for (int j = 0; j < work->n_ks; j++) {
        double *at_k = out + j * MDP_N_BUDGET_VALUES;
        at_k[MDP_BUDGET_HIDDEN] -= at_k[MDP_BUDGET_HELD_OUT];
    }
}

/* every other episode is of one half, so that what changes with their number does so in both */
static void take_all(struct work *work) {
    for (long r = 0; r < work->sweep->n_runs; r++) work->taken.runs[r] = (int32_t)r;
    for (long i = 0; i < work->sweep->n_episodes; i++)
        work->taken.episodes[i] = (int32_t)(i < work->taken.n_half ? 2 * i : 2 * (i - work->taken.n_half) + 1);
}

/* draws of runs, and of episodes within each half, are streams of their own */
static void take_drawn(struct work *work, uint64_t seed, uint32_t replicate) {
    const struct mdp_budget_sweep *s = work->sweep;
    struct taken *t = &work->taken;
    const long n_other = s->n_episodes - t->n_half;
    take_all(work);
    if (s->n_runs > 1) mdp_draw(&(struct mdp_draws){seed, (uint32_t)s->n_runs, 0}, replicate, t->runs, s->n_runs);
    mdp_draw(&(struct mdp_draws){seed + 1, (uint32_t)t->n_half, 0}, replicate, t->episodes, t->n_half);
    for (long i = 0; i < t->n_half; i++) t->episodes[i] *= 2;
    if (n_other == 0) return;
    int32_t *other = t->episodes + t->n_half;
    mdp_draw(&(struct mdp_draws){seed + 1, (uint32_t)n_other, 1}, replicate, other, n_other);
    for (long i = 0; i < n_other; i++) other[i] = 2 * other[i] + 1;
}

static mdp_err check(const struct mdp_budget_sweep *sweep, const long *ks, int n_ks) {
    mdp_err err;
    MDP_TRY(mdp_check_values("returns", sweep->values, sweep->n * sweep->n_episodes));
    MDP_TRY(mdp_check_range("n_runs", (double)sweep->n_runs, 1, MDP_DRAW_RUNS_MAX));
    for (int j = 0; j < n_ks; j++) MDP_TRY(mdp_check_range("k", (double)ks[j], 1, (double)sweep->n));
out:
    return err;
}

mdp_err mdp_budget_compute(const struct mdp_budget_sweep *sweep, const long *ks, int n_ks,
                           const struct mdp_bootstrap_plan *plan, struct mdp_budget *out) {
    struct mdp_bootstrap_plan whole = mdp_resample_defaults(plan);
    struct work work = {.sweep = sweep, .ks = ks, .n_ks = n_ks};
    const long n_out = (long)n_ks * MDP_N_BUDGET_VALUES,
               n_units = sweep->n_runs > 1 ? sweep->n_runs : sweep->n_episodes;
    const struct mdp_resample_units units = {n_units, (double)n_units - 1, NULL};
    double *replicates = NULL, *estimates = NULL, *sorting = NULL;
    mdp_err err;
    MDP_TRY(check(sweep, ks, n_ks));
    MDP_TRY(work_new(&work));
    MDP_TRY(mdp_calloc(&estimates, (unsigned long)n_out, sizeof *estimates, "budgets"));
    MDP_TRY(mdp_calloc(&replicates, (unsigned long)(whole.n_replicates * n_out), sizeof *replicates, "replicates"));
    MDP_TRY(mdp_calloc(&sorting, 2UL * (unsigned long)whole.n_replicates, sizeof *sorting, "replicates"));
    /* the best of draws is above the best of what was drawn from: of their spread alone is something known */
    whole.method = MDP_INTERVAL_STUDENT;
    take_all(&work);
    evaluate(&work, estimates);
    for (long b = 0; b < whole.n_replicates && n_units > 1; b++) {
        take_drawn(&work, whole.seed, (uint32_t)b);
        evaluate(&work, replicates + b * n_out);
    }
    for (long i = 0; i < n_out; i++) {
        struct mdp_interval *value = &out[i / MDP_N_BUDGET_VALUES].value[i % MDP_N_BUDGET_VALUES];
        const int is_known = sweep->n_episodes > 1 || i % MDP_N_BUDGET_VALUES == MDP_BUDGET_REPORTED;
        out[i / MDP_N_BUDGET_VALUES].k = ks[i / MDP_N_BUDGET_VALUES];
        *value = (struct mdp_interval){.estimate = is_known ? estimates[i] : NAN, .low = NAN, .high = NAN};
        if (is_known && n_units > 1)
            MDP_TRY(mdp_resample_summarize(replicates, &whole, n_out, i, &units, sorting, value));
    }
out:
    work_free(&work);
    free(estimates);
    free(replicates);
    free(sorting);
    return err;
}
