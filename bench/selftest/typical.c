/* all differences once, in order; how likely each is follows from the share that is hurt. */
#include "bench/selftest/typical.h"

#include <math.h>
#include <stdlib.h>

enum { N_MOST = 50, N_CLASSES = 64, N_POINTS = 101, N_HALVINGS = 40 };

/* x - y of a candidate's episode x and a baseline's y */
struct difference {
    double value, weight;
    int is_hurt; /* x is a hurt episode */
};
struct differences {
    struct difference *v;
    long n;
};

static int compare_differences(const void *a, const void *b) {
    const struct difference *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static int compare_doubles(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* the middles of n parts of equal weight */
static void middles(const struct differences *d, double share, long n, double *out) {
    double sum = 0;
    long k = 0;
    for (long i = 0; i < d->n && k < n; i++) {
        sum += d->v[i].weight * (d->v[i].is_hurt ? share : 1 - share);
        while (k < n && sum >= ((double)k + 0.5) / (double)n) out[k++] = d->v[i].value;
    }
    while (k < n) out[k++] = d->v[d->n - 1].value;
}

static long n_classes_of(enum mdp_gate_hurt hurt) { return hurt == MDP_GATE_HURT_TAIL ? N_CLASSES : 1; }

/* a hurt episode stands for several, one at the middle of each class of what it may lose */
static void fill(const double *values, long n, const struct mdp_gate_loss *loss, struct differences *out) {
    long n_classes = n_classes_of(loss->hurt);
    double each = 1 / (double)(n * n);
    out->n = 0;
    for (long i = 0; i < n * n; i++) {
        double x = values[i / n], y = values[i % n];
        out->v[out->n++] = (struct difference){x - y, each, 0};
        for (long k = 0; k < n_classes; k++) {
            double u = ((double)k + 0.5) / (double)n_classes;
            double lost = mdp_gate_lost_share(loss->hurt, u) * (x - loss->worst);
            out->v[out->n++] = (struct difference){x - fmax(0, lost) - y, each / (double)n_classes, 1};
        }
    }
    qsort(out->v, (size_t)out->n, sizeof *out->v, compare_differences);
}

static mdp_err differences_new(const struct mdp_gate_group *group, const struct mdp_gate_loss *loss,
                               struct differences *out) {
    const struct mdp_gate_run *run = &group->runs[0];
    const struct mdp_episodes *e = &run->evals[run->n - 1].episodes;
    long n = e->n < N_MOST ? e->n : N_MOST;
    double *sorted = NULL, values[N_MOST];
    mdp_err err;
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)e->n, sizeof *sorted, "returns"));
    MDP_TRY(mdp_calloc(&out->v, (unsigned long)(n * n * (n_classes_of(loss->hurt) + 1)), sizeof *out->v,
                       "differences of returns"));
    for (long i = 0; i < e->n; i++) sorted[i] = e->normalized_returns[i];
    qsort(sorted, (size_t)e->n, sizeof *sorted, compare_doubles);
    for (long i = 0; i < n; i++) values[i] = sorted[(2 * i + 1) * e->n / (2 * n)];
    fill(values, n, loss, out);
out:
    free(sorted);
    return err;
}

static double loss_at(const struct differences *d, double share, int is_paired) {
    double points[N_POINTS], averages[N_POINTS * N_POINTS];
    middles(d, share, is_paired ? N_POINTS : 1, points);
    if (!is_paired) return -points[0];
    for (int i = 0; i < N_POINTS * N_POINTS; i++) averages[i] = 0.5 * (points[i / N_POINTS] + points[i % N_POINTS]);
    qsort(averages, N_POINTS * N_POINTS, sizeof *averages, compare_doubles);
    return -averages[N_POINTS * N_POINTS / 2];
}

mdp_err mdp_gate_typical_loss(const struct mdp_gate_group *group, const struct mdp_gate_loss *loss, int is_paired,
                              double *out) {
    struct differences d = {NULL, 0};
    mdp_err err = differences_new(group, loss, &d);
    if (err == MDP_OK) *out = loss_at(&d, loss->size, is_paired);
    free(d.v);
    return err;
}

mdp_err mdp_gate_typical_share(const struct mdp_gate_group *group, const struct mdp_gate_loss *loss, int is_paired,
                               double wanted, double *out) {
    struct differences d = {NULL, 0};
    double low = 0, high = 1;
    mdp_err err = differences_new(group, loss, &d);
    *out = NAN;
    if (err != MDP_OK || loss_at(&d, 1, is_paired) < wanted) goto out;
    for (int k = 0; k < N_HALVINGS; k++) {
        double middle = 0.5 * (low + high);
        *(loss_at(&d, middle, is_paired) <= wanted ? &low : &high) = middle;
    }
    *out = low;
out:
    free(d.v);
    return err;
}
