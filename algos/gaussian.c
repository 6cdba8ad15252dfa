#include "algos/gaussian.h"

#include <math.h>
#include <string.h>

static const float log_std_low = -20.0f, log_std_high = 2.0f;

void mdp_gaussian_build(struct mdp_gaussian *policy, int n_obs, int n_act, int hidden) {
    memset(policy, 0, sizeof *policy);
    policy->n_obs = n_obs;
    policy->n_act = n_act;
    policy->hidden = hidden;
    const struct mdp_layer_spec layers[] = {
        {"0", NULL, hidden, MDP_ACT_RELU}, {"2", NULL, hidden, MDP_ACT_RELU}, {"4", NULL, 2 * n_act, MDP_ACT_NONE}};
    mdp_mlp_build(&policy->net, &policy->layout, "actor.", n_obs, layers, 3);
}

static float clip_log_std(float value) { return fminf(fmaxf(value, log_std_low), log_std_high); }

void mdp_gaussian_act(const struct mdp_gaussian *policy, const float *params, int n_rows, const float *eps,
                      struct mdp_mlp_cache *cache, float *act, float *log_prob) {
    static const float half_log_two_pi = 0.91893853320467274178f, log_two = 0.69314718055994530942f;
    int a = policy->n_act;
    const float *out = mdp_mlp_forward(&policy->net, params, n_rows, cache);
    for (long i = 0; i < n_rows; i++) {
        float sum = 0;
        for (int j = 0; j < a; j++) {
            float mean = out[i * 2 * a + j], log_std = clip_log_std(out[i * 2 * a + a + j]);
            float e = eps != NULL ? eps[i * a + j] : 0.0f;
            float u = mean + expf(log_std) * e;
            act[i * a + j] = tanhf(u);
            /* log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2u)), which keeps its digits for large |u| */
            float softplus = fmaxf(-2.0f * u, 0.0f) + log1pf(expf(-fabsf(2.0f * u)));
            sum += -0.5f * e * e - log_std - half_log_two_pi - 2.0f * (log_two - u - softplus);
        }
        if (log_prob != NULL) log_prob[i] = sum;
    }
}

void mdp_gaussian_backward(const struct mdp_gaussian *policy, const float *params, int n_rows, const float *eps,
                           const float *act, const float *d_act, float d_log_prob, struct mdp_mlp_cache *cache,
                           float *d_out, float *grads) {
    int a = policy->n_act;
    const float *out = cache->out;
    for (long i = 0; i < n_rows; i++)
        for (int j = 0; j < a; j++) {
            float raw = out[i * 2 * a + a + j], y = act[i * a + j];
            /* d log_prob / du = 2 tanh(u) at fixed eps; da/du = 1 - a^2 */
            float du = d_act[i * a + j] * (1.0f - y * y) + d_log_prob * 2.0f * y;
            int inside = raw > log_std_low && raw < log_std_high;
            d_out[i * 2 * a + j] = du;
            d_out[i * 2 * a + a + j] = inside ? du * expf(raw) * eps[i * a + j] - d_log_prob : 0.0f;
        }
    mdp_mlp_backward(&policy->net, params, n_rows, cache, d_out, grads, NULL);
}
