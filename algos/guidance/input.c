#include "algos/guidance/input.h"

/* what a layer makes of observations, which come first among its inputs */
struct reader {
    int n_out, n_in;
    long weight, bias;
};

static struct reader reader_of(const struct mdp_q_net *net, int i_head) {
    const struct mdp_layer *first = &net->heads[i_head].layers[0];
    if (net->kind == MDP_Q_ENERGY)
        return (struct reader){net->n_emb, net->n_obs, net->obs_projection,
                               net->obs_projection + (long)net->n_emb * net->n_obs};
    return (struct reader){first->n_out, first->n_in, first->weight, first->bias};
}

/* W (s x + t) + b is (W s) x + (b + W t) */
static void rescale(const struct reader *reader, int n_obs, const double *scale, const double *shift, float *params) {
    for (int o = 0; o < reader->n_out; o++) {
        float *row = params + reader->weight + (long)o * reader->n_in;
        double bias = params[reader->bias + o];
        for (int i = 0; i < n_obs; i++) {
            bias += row[i] * shift[i];
            row[i] = (float)(row[i] * scale[i]);
        }
        params[reader->bias + o] = (float)bias;
    }
}

mdp_err mdp_guidance_rescale(struct mdp_guidance *guidance, const double *scale, const double *shift) {
    if (guidance->config.kind->sees_windows)
        return mdp_fail(MDP_E_DATA,
                        "expected guidance of single actions on another scale of observations, since what windows lack "
                        "is 0 on their own, found '%s'",
                        guidance->config.kind->name);
    for (int k = 0; k < guidance->n_nets; k++) {
        struct mdp_guidance_net *net = &guidance->nets[k];
        for (int h = 0; h < net->net.n_heads; h++) {
            const struct reader reader = reader_of(&net->net, h);
            rescale(&reader, net->net.n_obs, scale, shift, net->params);
            if (net->target != NULL) rescale(&reader, net->net.n_obs, scale, shift, net->target);
        }
    }
    return MDP_OK;
}
