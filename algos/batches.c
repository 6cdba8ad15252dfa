#include "algos/batches.h"

#include <stdlib.h>

#include "base/rng.h"

struct mdp_batches {
    const struct mdp_transitions *data;
    const struct mdp_windows *windows; /* instead of it */
    int has_actions;                   /* in a window */
    double return_scale;
    long n; /* rows of the data */
    uint64_t seed;
    int batch;
    long per_epoch, epoch; /* batches in an epoch; the epoch whose permutation is at hand, -1 for none */
    uint32_t *rows;        /* [n] */
    struct mdp_transitions gathered;
    float *gathered_windows, *gathered_act, *gathered_returns; /* as in struct mdp_batch */
};

/* what transitions and windows have in common */
static mdp_err begin(long n, const char *what, uint64_t seed, int batch, struct mdp_batches **out) {
    mdp_err err;
    struct mdp_batches *b = NULL;
    *out = NULL;
    if (batch < 1) return mdp_fail(MDP_E_USAGE, "minibatches: batch size: expected at least 1, found %d", batch);
    if (n < batch || n > UINT32_MAX)
        return mdp_fail(MDP_E_DATA, "minibatches: dataset: expected at least %d %s, found %ld", batch, what, n);
    MDP_TRY(mdp_calloc(&b, 1, sizeof *b, "minibatches"));
    b->n = n;
    b->seed = seed;
    b->batch = batch;
    b->per_epoch = n / batch;
    b->epoch = -1;
    MDP_TRY(mdp_calloc(&b->rows, (unsigned long)n, sizeof *b->rows, "permutation"));
    *out = b;
    return MDP_OK;
out:
    mdp_batches_free(b);
    return err;
}

mdp_err mdp_batches_new(const struct mdp_transitions *data, uint64_t seed, int batch, struct mdp_batches **out) {
    mdp_err err;
    MDP_TRY(begin(data->n, "rows", seed, batch, out));
    (*out)->data = data;
    MDP_TRY(mdp_transitions_make(&(*out)->gathered, batch, data->n_obs, data->n_act, data->has_next_actions, NULL));
    return MDP_OK;
out:
    mdp_batches_free(*out);
    *out = NULL;
    return err;
}

mdp_err mdp_batches_new_windows(const struct mdp_windows *data, int has_actions, double return_scale, uint64_t seed,
                                int batch, struct mdp_batches **out) {
    mdp_err err;
    MDP_TRY(begin(data->n, "windows", seed, batch, out));
    struct mdp_batches *b = *out;
    unsigned long steps = (unsigned long)batch * (unsigned long)data->horizon;
    b->windows = data;
    b->has_actions = has_actions;
    b->return_scale = return_scale;
    MDP_TRY(mdp_calloc(&b->gathered_windows, steps * (unsigned long)(data->n_obs + (has_actions ? data->n_act : 0)),
                       sizeof(float), "minibatches"));
    if (!has_actions)
        MDP_TRY(mdp_calloc(&b->gathered_act, steps * (unsigned long)data->n_act, sizeof(float), "minibatches"));
    MDP_TRY(mdp_calloc(&b->gathered_returns, (unsigned long)batch, sizeof(float), "minibatches"));
    return MDP_OK;
out:
    mdp_batches_free(*out);
    *out = NULL;
    return err;
}

void mdp_batches_free(struct mdp_batches *batches) {
    if (batches == NULL) return;
    mdp_transitions_free(&batches->gathered);
    free(batches->gathered_windows);
    free(batches->gathered_act);
    free(batches->gathered_returns);
    free(batches->rows);
    free(batches);
}

const uint32_t *mdp_batches_indices(struct mdp_batches *batches, long n) {
    long epoch = n / batches->per_epoch;
    if (epoch != batches->epoch) {
        struct mdp_rng rng = mdp_rng_stream(batches->seed, MDP_RNG_BATCH, (uint32_t)epoch, 0);
        mdp_rng_permutation(&rng, batches->rows, (uint32_t)batches->n);
        batches->epoch = epoch;
    }
    return batches->rows + (n % batches->per_epoch) * batches->batch;
}

static void gather_windows(struct mdp_batches *b, const uint32_t *indices, struct mdp_batch *out) {
    const struct mdp_windows *w = b->windows;
    long n_step = w->n_obs + (b->has_actions ? w->n_act : 0), n_window = w->horizon * n_step;
    for (long i = 0; i < b->batch; i++) {
        float *window = b->gathered_windows + i * n_window;
        float *act = b->has_actions ? window + w->n_obs : b->gathered_act + i * w->horizon * w->n_act;
        mdp_windows_get(w, indices[i], window, n_step, act, b->has_actions ? n_step : w->n_act, NULL);
        b->gathered_returns[i] = (float)(w->values[w->list[indices[i]].row] / b->return_scale);
    }
    *out = (struct mdp_batch){
        .n = b->batch, .windows = b->gathered_windows, .window_act = b->gathered_act, .returns = b->gathered_returns};
}

mdp_err mdp_batches_load(struct mdp_batches *batches, long n, struct mdp_batch *out) {
    struct mdp_transitions *t = &batches->gathered;
    const uint32_t *indices = mdp_batches_indices(batches, n);
    if (batches->windows != NULL) {
        gather_windows(batches, indices, out);
        return MDP_OK;
    }
    mdp_err err = mdp_transitions_gather(batches->data, indices, t->n, t);
    *out = (struct mdp_batch){.n = batches->batch,
                              .obs = t->observations,
                              .act = t->actions,
                              .rew = t->rewards,
                              .tml = t->terminals,
                              .next_obs = t->next_observations,
                              .next_act = t->next_actions};
    return err;
}
