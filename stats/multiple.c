/* adjusted p-values: a factor or power per rank, then a running extreme that makes them monotone. */
#include "stats/multiple.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/check.h"

static const char *const names[MDP_N_ADJUSTS] = {
#define NAME(name, text) text,
    MDP_ADJUST_LIST(NAME)
#undef NAME
};

const char *mdp_adjust_name(enum mdp_adjust method) { return names[method]; }

struct place {
    double p;
    long index;
};

static int compare_places(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* 1 - (1 - p)^k without cancellation */
static double sidak(double p, double k) { return -expm1(k * log1p(-p)); }

static double harmonic(long n) {
    double sum = 0;
    for (long i = n; i >= 1; i--) sum += 1 / (double)i;
    return sum;
}

/* the adjusted p of rank i (from 0, among n) before it is made monotone; `scale` is the harmonic sum for BY */
static double raise(enum mdp_adjust method, double p, long i, long n, double scale) {
    switch (method) {
    case MDP_ADJUST_BONFERRONI: return (double)n * p;
    case MDP_ADJUST_SIDAK: return sidak(p, (double)n);
    case MDP_ADJUST_HOLM_SIDAK: return sidak(p, (double)(n - i));
    case MDP_ADJUST_BH:
    case MDP_ADJUST_BY: return p * (double)n * scale / (double)(i + 1);
    default: return (double)(n - i) * p;
    }
}

static void make_monotone(enum mdp_adjust method, double *raised, long n) {
    int is_step_up = method == MDP_ADJUST_HOCHBERG || method == MDP_ADJUST_BH || method == MDP_ADJUST_BY;
    for (long i = 0; i < n; i++) raised[i] = fmin(raised[i], 1);
    if (is_step_up)
        for (long i = n - 2; i >= 0; i--) raised[i] = fmin(raised[i], raised[i + 1]);
    else
        for (long i = 1; i < n; i++) raised[i] = fmax(raised[i], raised[i - 1]);
}

mdp_err mdp_adjust(enum mdp_adjust method, const double *p, long n, double *out) {
    struct place *places = NULL;
    double *raised = NULL;
    mdp_err err;
    MDP_TRY(mdp_check_values("p", p, n));
    for (long i = 0; i < n; i++) MDP_TRY(mdp_check_range("p", p[i], 0, 1));
    MDP_TRY(mdp_calloc(&places, (unsigned long)n, sizeof *places, "p-values"));
    MDP_TRY(mdp_calloc(&raised, (unsigned long)n, sizeof *raised, "p-values"));
    for (long i = 0; i < n; i++) places[i] = (struct place){p[i], i};
    qsort(places, (size_t)n, sizeof *places, compare_places);
    double scale = method == MDP_ADJUST_BY ? harmonic(n) : 1;
    for (long i = 0; i < n; i++) raised[i] = raise(method, places[i].p, i, n, scale);
    make_monotone(method, raised, n);
    for (long i = 0; i < n; i++) out[places[i].index] = raised[i];
out:
    free(places);
    free(raised);
    return err;
}

mdp_err mdp_adjust_weighted(const double *p, const double *weights, long n, double *out) {
    struct place *places = NULL;
    long k = 0;
    double left = 0, most = 0;
    mdp_err err;
    MDP_TRY(mdp_check_values("weights", weights, n));
    MDP_TRY(mdp_calloc(&places, (unsigned long)n, sizeof *places, "p-values"));
    for (long i = 0; i < n; i++) {
        MDP_TRY(mdp_check_range("weight", weights[i], 0, INFINITY));
        out[i] = NAN;
        if (!(weights[i] > 0)) continue;
        MDP_TRY(mdp_check_values("p", &p[i], 1));
        MDP_TRY(mdp_check_range("p", p[i], 0, 1));
        places[k++] = (struct place){p[i] / weights[i], i};
        left += weights[i];
    }
    qsort(places, (size_t)k, sizeof *places, compare_places);
    for (long i = 0; i < k; i++) {
        most = fmax(most, fmin(places[i].p * left, 1));
        out[places[i].index] = most;
        left -= weights[places[i].index];
    }
out:
    free(places);
    return err;
}

int mdp_adjust_rejects(double adjusted, double alpha) {
    static const double rounding = 1e-12;
    return adjusted <= alpha * (1 + rounding);
}
