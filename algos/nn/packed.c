#include "algos/nn/packed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/bf16.h"

int mdp_packed_width(int n) { return (n + MDP_PACK_MULTIPLE - 1) / MDP_PACK_MULTIPLE * MDP_PACK_MULTIPLE; }

mdp_err mdp_packed_alloc(struct mdp_packed *layer, const struct mdp_pack_format *format,
                         const struct mdp_packed_spec *spec) {
    mdp_err err;
    int by_rows = spec->is_output && format->output_by_rows;
    *layer = (struct mdp_packed){.n_in = spec->n_in,
                                 .n_out = spec->n_out,
                                 .k = mdp_packed_width(spec->n_in),
                                 .n = mdp_packed_width(spec->n_out),
                                 .type = format->type,
                                 .act = spec->act};
    layer->n_cols = by_rows ? 1 : format->n_cols;
    layer->n_pair = by_rows ? layer->k : format->n_pair;
    unsigned long n = (unsigned long)layer->n, size = format->type == MDP_PACK_BF16 ? sizeof(uint16_t) : sizeof(float);
    MDP_TRY(mdp_calloc(&layer->weight, n * (unsigned long)layer->k, size, "packed weights"));
    MDP_TRY(mdp_calloc(&layer->bias, n, sizeof(float), "packed bias"));
    if (!spec->has_norm) return MDP_OK;
    MDP_TRY(mdp_calloc(&layer->norm_weight, n, sizeof(float), "packed norm"));
    MDP_TRY(mdp_calloc(&layer->norm_bias, n, sizeof(float), "packed norm"));
    return MDP_OK;
out:
    mdp_packed_free(layer);
    return err;
}

void mdp_packed_free(struct mdp_packed *layer) {
    free(layer->weight);
    free(layer->bias);
    free(layer->norm_weight);
    free(layer->norm_bias);
    memset(layer, 0, sizeof *layer);
}

/* where the weight from input i to output j lies */
static long place(const struct mdp_packed *layer, int i, int j) {
    long panel = j / layer->n_cols, col = j % layer->n_cols, group = i / layer->n_pair, member = i % layer->n_pair;
    return ((panel * (layer->k / layer->n_pair) + group) * layer->n_cols + col) * layer->n_pair + member;
}

void mdp_packed_set_weight(struct mdp_packed *layer, const float *weight, long stride) {
    for (int j = 0; j < layer->n_out; j++)
        for (int i = 0; i < layer->n_in; i++) {
            float value = weight[j * stride + i];
            long offset = place(layer, i, j);
            switch (layer->type) {
            case MDP_PACK_F32: ((float *)layer->weight)[offset] = value; break;
            case MDP_PACK_ROUNDED:
                ((float *)layer->weight)[offset] = mdp_bf16_to_float(mdp_bf16_from_float(value));
                break;
            case MDP_PACK_BF16: ((uint16_t *)layer->weight)[offset] = mdp_bf16_from_float(value); break;
            }
        }
}

void mdp_packed_set_vector(const struct mdp_packed *layer, float *vector, const float *values) {
    memcpy(vector, values, (size_t)layer->n_out * sizeof *vector);
}
