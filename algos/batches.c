#include "algos/batches.h"

#include <stdlib.h>

#include "base/rng.h"

struct mdp_batches {
    const struct mdp_transitions *data;
    uint64_t seed;
    int batch;
    long per_epoch, epoch; /* batches in an epoch; the epoch whose permutation is at hand, -1 for none */
    uint32_t *rows;        /* [data->n] */
    struct mdp_transitions gathered;
};

mdp_err mdp_batches_new(const struct mdp_transitions *data, uint64_t seed, int batch, struct mdp_batches **out) {
    mdp_err err;
    struct mdp_batches *b = NULL;
    *out = NULL;
    if (batch < 1) return mdp_fail(MDP_E_USAGE, "minibatches: batch size: expected at least 1, found %d", batch);
    if (data->n < batch || data->n > UINT32_MAX)
        return mdp_fail(MDP_E_DATA, "minibatches: dataset: expected at least %d rows, found %ld", batch, data->n);
    MDP_TRY(mdp_calloc(&b, 1, sizeof *b, "minibatches"));
    b->data = data;
    b->seed = seed;
    b->batch = batch;
    b->per_epoch = data->n / batch;
    b->epoch = -1;
    MDP_TRY(mdp_calloc(&b->rows, (unsigned long)data->n, sizeof *b->rows, "permutation"));
    MDP_TRY(mdp_transitions_make(&b->gathered, batch, data->n_obs, data->n_act, data->has_next_actions, NULL));
    *out = b;
    return MDP_OK;
out:
    mdp_batches_free(b);
    return err;
}

void mdp_batches_free(struct mdp_batches *batches) {
    if (batches == NULL) return;
    mdp_transitions_free(&batches->gathered);
    free(batches->rows);
    free(batches);
}

const uint32_t *mdp_batches_indices(struct mdp_batches *batches, long n) {
    long epoch = n / batches->per_epoch;
    if (epoch != batches->epoch) {
        struct mdp_rng rng = mdp_rng_stream(batches->seed, MDP_RNG_BATCH, (uint32_t)epoch, 0);
        mdp_rng_permutation(&rng, batches->rows, (uint32_t)batches->data->n);
        batches->epoch = epoch;
    }
    return batches->rows + (n % batches->per_epoch) * batches->batch;
}

mdp_err mdp_batches_load(struct mdp_batches *batches, long n, struct mdp_batch *out) {
    struct mdp_transitions *t = &batches->gathered;
    mdp_err err = mdp_transitions_gather(batches->data, mdp_batches_indices(batches, n), t->n, t);
    *out = (struct mdp_batch){batches->batch, t->observations,      t->actions,     t->rewards,
                              t->terminals,   t->next_observations, t->next_actions};
    return err;
}
