#include "bench/run/shown.h"

#include <stdlib.h>

struct ranked {
    double value;
    long row;
};

static int by_value(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

mdp_err mdp_shown_rows(const struct mdp_episodes *episodes, long rows[MDP_N_SHOWN]) {
    struct ranked *all = NULL;
    const long n = episodes->n;
    mdp_err err = mdp_calloc(&all, (unsigned long)n, sizeof *all, "episodes");
    if (err != MDP_OK) return err;
    for (long i = 0; i < n; i++) all[i] = (struct ranked){episodes->normalized_returns[i], i};
    qsort(all, (size_t)n, sizeof *all, by_value);
    rows[MDP_SHOWN_WORST] = all[0].row;
    rows[MDP_SHOWN_MEDIAN] = all[(n - 1) / 2].row;
    rows[MDP_SHOWN_BEST] = all[n - 1].row;
    free(all);
    return MDP_OK;
}
