#include "algos/batches.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

struct mdp_batches {
    const struct mdp_transitions *data;
    uint64_t seed;
    int batch;
    long per_epoch, epoch; /* batches in an epoch; the epoch whose permutation is at hand, -1 for none */
    uint32_t *rows;        /* [data->n] */
    float *obs, *act, *rew, *next_obs, *tml, *next_act;
};

mdp_err mdp_batches_new(const struct mdp_transitions *data, uint64_t seed, int batch, struct mdp_batches **out) {
    mdp_err err;
    struct mdp_batches *b = NULL;
    *out = NULL;
    if (batch < 1) return mdp_fail(MDP_E_USAGE, "minibatches: batch size: expected at least 1, found %d", batch);
    if (data->n < batch || data->n > UINT32_MAX)
        return mdp_fail(MDP_E_DATA, "minibatches: dataset: expected at least %d rows, found %ld", batch, data->n);
    unsigned long rows = (unsigned long)batch, o = (unsigned long)data->n_obs, a = (unsigned long)data->n_act;
    MDP_TRY(mdp_calloc(&b, 1, sizeof *b, "minibatches"));
    b->data = data;
    b->seed = seed;
    b->batch = batch;
    b->per_epoch = data->n / batch;
    b->epoch = -1;
    MDP_TRY(mdp_calloc(&b->rows, (unsigned long)data->n, sizeof *b->rows, "permutation"));
    MDP_TRY(mdp_calloc(&b->obs, rows * o, sizeof(float), "minibatch"));
    MDP_TRY(mdp_calloc(&b->act, rows * a, sizeof(float), "minibatch"));
    MDP_TRY(mdp_calloc(&b->rew, rows, sizeof(float), "minibatch"));
    MDP_TRY(mdp_calloc(&b->next_obs, rows * o, sizeof(float), "minibatch"));
    MDP_TRY(mdp_calloc(&b->tml, rows, sizeof(float), "minibatch"));
    if (data->next_actions != NULL) MDP_TRY(mdp_calloc(&b->next_act, rows * a, sizeof(float), "minibatch"));
    *out = b;
    return MDP_OK;
out:
    mdp_batches_free(b);
    return err;
}

void mdp_batches_free(struct mdp_batches *batches) {
    if (batches == NULL) return;
    void *blocks[] = {batches->rows,     batches->obs, batches->act,     batches->rew,
                      batches->next_obs, batches->tml, batches->next_act};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
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

struct mdp_batch mdp_batches_load(struct mdp_batches *batches, long n) {
    const struct mdp_transitions *t = batches->data;
    const uint32_t *rows = mdp_batches_indices(batches, n);
    size_t o = (size_t)t->n_obs, a = (size_t)t->n_act;
    for (int i = 0; i < batches->batch; i++) {
        size_t row = rows[i], at = (size_t)i;
        memcpy(batches->obs + at * o, t->observations + row * o, o * sizeof(float));
        memcpy(batches->act + at * a, t->actions + row * a, a * sizeof(float));
        memcpy(batches->next_obs + at * o, t->next_observations + row * o, o * sizeof(float));
        if (batches->next_act != NULL) memcpy(batches->next_act + at * a, t->next_actions + row * a, a * sizeof(float));
        batches->rew[i] = t->rewards[row];
        batches->tml[i] = t->terminals[row];
    }
    return (struct mdp_batch){batches->batch, batches->obs,      batches->act,     batches->rew,
                              batches->tml,   batches->next_obs, batches->next_act};
}
