#include "algos/nn/layout.h"

#include <math.h>
#include <stdio.h>

#include "base/rng.h"

static long add(struct mdp_layout *layout, const char *prefix, const char *name, const char *leaf,
                enum mdp_param_kind kind, int rows, int cols, int fan_in) {
    struct mdp_param *param = &layout->params[layout->n++];
    snprintf(param->name, sizeof param->name, "%s%s.%s", prefix, name, leaf);
    param->kind = kind;
    param->rows = rows;
    param->cols = cols;
    param->fan_in = fan_in;
    param->offset = layout->n_floats;
    layout->n_floats += (long)rows * cols;
    return param->offset;
}

long mdp_layout_add_linear(struct mdp_layout *layout, const char *prefix, const char *name, int n_out, int n_in) {
    long offset = add(layout, prefix, name, "weight", MDP_PARAM_WEIGHT, n_out, n_in, n_in);
    add(layout, prefix, name, "bias", MDP_PARAM_BIAS, n_out, 1, n_in);
    return offset;
}

long mdp_layout_add_norm(struct mdp_layout *layout, const char *prefix, const char *name, int n) {
    long offset = add(layout, prefix, name, "weight", MDP_PARAM_NORM_WEIGHT, n, 1, 0);
    add(layout, prefix, name, "bias", MDP_PARAM_NORM_BIAS, n, 1, 0);
    return offset;
}

long mdp_layout_add_frequencies(struct mdp_layout *layout, const char *name, int n) {
    struct mdp_param *param = &layout->params[layout->n++];
    *param = (struct mdp_param){.kind = MDP_PARAM_FREQUENCIES, .rows = n, .cols = 1};
    snprintf(param->name, sizeof param->name, "%s", name);
    layout->n_floats = layout->n_fixed = n;
    return param->offset;
}

void mdp_layout_init(const struct mdp_layout *layout, uint64_t seed, uint32_t module, float *block) {
    struct mdp_rng rng = mdp_rng_stream(seed, MDP_RNG_INIT, module, 0);
    for (int i = 0; i < layout->n; i++) {
        const struct mdp_param *param = &layout->params[i];
        float *values = block + param->offset;
        long n = (long)param->rows * param->cols;
        if (param->kind == MDP_PARAM_NORM_WEIGHT || param->kind == MDP_PARAM_NORM_BIAS) {
            for (long j = 0; j < n; j++) values[j] = param->kind == MDP_PARAM_NORM_WEIGHT ? 1.0f : 0.0f;
            continue;
        }
        if (param->kind == MDP_PARAM_FREQUENCIES) {
            mdp_rng_normal(&rng, values, n);
            for (long j = 0; j < n; j++) values[j] *= 16.0f;
            continue;
        }
        double bound = 1.0 / sqrt(param->fan_in);
        for (long j = 0; j < n; j++) values[j] = (float)(bound * (2.0 * mdp_rng_uniform(&rng) - 1.0));
    }
}

void mdp_layout_tensors(const struct mdp_layout *layout, float *block, struct mdp_tensor *out) {
    for (int i = 0; i < layout->n; i++) {
        const struct mdp_param *param = &layout->params[i];
        int is_vector = param->kind != MDP_PARAM_WEIGHT;
        out[i] = (struct mdp_tensor){
            .rank = is_vector ? 1 : 2, .rows = param->rows, .cols = param->cols, .data = block + param->offset};
        snprintf(out[i].name, sizeof out[i].name, "%s", param->name);
    }
}
