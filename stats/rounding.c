/* one sort, one walk: a value joins the group of the one below it when what is open in both explains the gap. */
#include "stats/rounding.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "stats/check.h"

/* a value that rounding may have moved */
struct open_value {
    double value, open; /* by how much it may have been moved */
    long i;             /* its position before sorting */
};

double mdp_rounding_of(double largest_operand) { return 3 * DBL_EPSILON * fabs(largest_operand); }

static int compare_values(const void *a, const void *b) {
    const struct open_value *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* every value of a group becomes the middle one, so that no group drifts; index i is kept */
static void join_equal(struct open_value *values, long n) {
    qsort(values, (size_t)n, sizeof *values, compare_values);
    for (long from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n; to++) {
            if (values[to].value - values[to - 1].value > values[to].open + values[to - 1].open) break;
        }
        double middle = values[from + (to - from) / 2].value;
        for (long k = from; k < to; k++) values[k].value = middle;
    }
}

mdp_err mdp_rounding_differences(const double *x, const double *y, long n, double shift, double carried, double *out) {
    struct open_value *sizes;
    mdp_err err = mdp_calloc(&sizes, (unsigned long)n, sizeof *sizes, "differences");
    if (err) return err;
    for (long i = 0; i < n; i++) {
        double open = mdp_rounding_of(fmax(fmax(fabs(x[i]), fabs(y[i])), fabs(shift))) + carried;
        out[i] = x[i] - y[i] + shift;
        if (fabs(out[i]) <= open) out[i] = 0;
        sizes[i] = (struct open_value){fabs(out[i]), out[i] == 0 ? 0 : open, i};
    }
    join_equal(sizes, n);
    for (long k = 0; k < n; k++) out[sizes[k].i] = copysign(sizes[k].value, out[sizes[k].i]);
    free(sizes);
    return MDP_OK;
}

mdp_err mdp_rounding_shift(const double *x, long n, double shift, const double *y, long m, double carried,
                           double *out_x, double *out_y) {
    struct open_value *pooled;
    mdp_err err = mdp_calloc(&pooled, (unsigned long)(n + m), sizeof *pooled, "shifted values");
    if (err) return err;
    for (long i = 0; i < n + m; i++) {
        double given = i < n ? x[i] : y[i - n];
        double open = mdp_rounding_of(fmax(fabs(given), fabs(shift))) + carried;
        pooled[i] = (struct open_value){i < n ? given + shift : given, open, i};
    }
    join_equal(pooled, n + m);
    for (long k = 0; k < n + m; k++)
        *(pooled[k].i < n ? &out_x[pooled[k].i] : &out_y[pooled[k].i - n]) = pooled[k].value;
    free(pooled);
    return MDP_OK;
}
