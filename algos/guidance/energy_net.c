#include "algos/guidance/energy_net.h"

#include <math.h>
#include <string.h>

#include "algos/nn/fourier.h"
#include "algos/nn/gemm.h"
#include "algos/nn/kernel.h"

static const double bound = 10;

enum { OBS, ACT };

float mdp_energy_bounded(float out, float *slope) {
    double t = tanh(out / bound);
    *slope = (float)(1 - t * t);
    return (float)(bound * t);
}

void mdp_energy_net_build(struct mdp_q_net *net, int n_obs, int n_act, int n_emb, const int widths[MDP_ENERGY_LAYERS]) {
    const struct mdp_layer_spec layers[] = {{"0.0", NULL, widths[0], MDP_ACT_SILU},
                                            {"1.0", NULL, widths[1], MDP_ACT_SILU},
                                            {"2.0", NULL, widths[2], MDP_ACT_SILU},
                                            {"3", NULL, 1, MDP_ACT_NONE}};
    *net = (struct mdp_q_net){
        .kind = MDP_Q_ENERGY, .n_obs = n_obs, .n_act = n_act, .hidden = widths[0], .n_heads = 1, .n_emb = n_emb};
    mdp_layout_add_frequencies(&net->layout, "map_noise.freqs", n_emb / 2);
    net->obs_projection = mdp_layout_add_linear(&net->layout, "", "obs_proj", n_emb, n_obs);
    net->act_projection = mdp_layout_add_linear(&net->layout, "", "act_proj", n_emb, n_act);
    mdp_mlp_build(&net->heads[0], &net->layout, "mlp.mlp.", 3 * n_emb, layers, 4);
}

/* y = x W^T + b */
static void project(const float *weight, int n_rows, int n_out, int n_in, const float *x, float *y) {
    const float *bias = weight + (long)n_out * n_in;
    mdp_gemm_forward(n_rows, n_out, n_in, x, weight, y);
    mdp_kernel_best()->rows.activate(MDP_ACT_NONE, n_rows, n_out, bias, y, NULL, y);
}

const float *mdp_energy_forward(const struct mdp_q_net *net, const float *params, const struct mdp_energy_rows *rows,
                                struct mdp_q_cache *cache) {
    int e = net->n_emb, n_rows = rows->n_states * rows->k;
    size_t size = (size_t)e * sizeof(float);
    float *row = cache->heads[0].x;
    cache->obs = rows->obs;
    cache->act = rows->act;
    project(params + net->obs_projection, rows->n_states, e, net->n_obs, rows->obs, cache->projected[OBS]);
    project(params + net->act_projection, n_rows, e, net->n_act, rows->act, cache->projected[ACT]);
    for (int s = 0; s < rows->n_states; s++) {
        float *first = row + 2 * e;
        mdp_fourier_embedding(e, params, rows->times[s], first);
        for (int k = 0; k < rows->k; k++, row += 3 * e) {
            memcpy(row, cache->projected[OBS] + (long)s * e, size);
            memcpy(row + e, cache->projected[ACT] + ((long)s * rows->k + k) * e, size);
            if (k > 0) memcpy(row + 2 * e, first, size);
        }
    }
    const float *out = mdp_mlp_forward(&net->heads[0], params, n_rows, &cache->heads[0]);
    for (int r = 0; r < n_rows; r++) cache->value[r] = mdp_energy_bounded(out[r], &cache->slope[r]);
    return cache->value;
}

/* the gradients of a projection's parameters */
static void add_gradient(long weight, int n_rows, int n_out, int n_in, const float *d_y, const float *x, float *grads) {
    mdp_gemm_backward_weight(n_rows, n_out, n_in, d_y, n_out, x, 1, grads + weight);
    mdp_kernel_best()->rows.add_columns(n_rows, n_out, d_y, grads + weight + (long)n_out * n_in);
}

/* the body's input gradient cut in its parts: the state's summed over its rows, those of actions row by row */
static void part(const struct mdp_q_net *net, const struct mdp_energy_rows *rows, struct mdp_q_cache *cache) {
    long e = net->n_emb;
    float *obs = cache->projected[OBS], *act = cache->projected[ACT];
    memset(obs, 0, (size_t)rows->n_states * (size_t)e * sizeof *obs);
    for (long r = 0; r < (long)rows->n_states * rows->k; r++) {
        const float *d = cache->d_in + r * 3 * e;
        float *sum = obs + r / rows->k * e;
        for (long j = 0; j < e; j++) sum[j] += d[j];
        memcpy(act + r * e, d + e, (size_t)e * sizeof *act);
    }
}

void mdp_energy_backward(const struct mdp_q_net *net, const float *params, const struct mdp_energy_rows *rows,
                         const float *d_value, struct mdp_q_cache *cache, float *grads, float *d_act) {
    int e = net->n_emb, n_rows = rows->n_states * rows->k;
    for (int r = 0; r < n_rows; r++) cache->slope[r] *= d_value[r];
    mdp_mlp_backward(&net->heads[0], params, n_rows, &cache->heads[0], cache->slope, grads, cache->d_in);
    part(net, rows, cache);
    if (grads != NULL) {
        add_gradient(net->obs_projection, rows->n_states, e, net->n_obs, cache->projected[OBS], cache->obs, grads);
        add_gradient(net->act_projection, n_rows, e, net->n_act, cache->projected[ACT], cache->act, grads);
    }
    if (d_act != NULL)
        mdp_gemm_backward_input(n_rows, e, net->n_act, cache->projected[ACT], params + net->act_projection, d_act);
}
