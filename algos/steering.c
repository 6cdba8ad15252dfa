#include "algos/steering.h"

#include <stdlib.h>
#include <string.h>

static void bend(void *context, int i, int n_rows, const float *x, float *prediction) {
    struct mdp_steering *s = context;
    const struct mdp_guidance_net *net = &s->guidance->nets[MDP_ENERGY_NET];
    const struct mdp_visits *visits = &s->diffusion->visits;
    double alpha = visits->alpha[i], sigma = visits->sigma[i], time = mdp_schedule_time_of(alpha);
    /* a predicted clean action is (x - sigma eps) / alpha */
    double scale =
        s->diffusion->config.prediction == MDP_PREDICT_NOISE ? -s->weight * sigma : s->weight * sigma * sigma / alpha;
    const struct mdp_energy_rows rows = {n_rows, 1, s->obs, x, s->times};
    for (int r = 0; r < n_rows; r++) s->times[r] = time;
    mdp_energy_forward(&net->net, net->target, &rows, &s->cache);
    mdp_energy_backward(&net->net, net->target, &rows, s->ones, &s->cache, NULL, s->gradient);
    for (long j = 0; j < (long)n_rows * s->diffusion->config.n_act; j++)
        prediction[j] = (float)(prediction[j] + scale * s->gradient[j]);
}

mdp_err mdp_steering_init(struct mdp_steering *steering, const struct mdp_diffusion *diffusion,
                          const struct mdp_guidance *guidance, double weight, int max_rows) {
    const struct mdp_diffusion_config *d = &diffusion->config;
    const struct mdp_guidance_config *g = &guidance->config;
    unsigned long rows = (unsigned long)max_rows;
    mdp_err err;
    memset(steering, 0, sizeof *steering);
    if (g->kind != &mdp_guidance_energy)
        return mdp_fail(MDP_E_USAGE, "steering: expected guidance with an energy, found '%s'", g->kind->name);
    if (d->n_obs != g->n_obs || d->n_act != g->n_act)
        return mdp_fail(MDP_E_DATA,
                        "guidance module: expected %d observations and %d actions as the diffusion module has, found "
                        "%d and %d",
                        d->n_obs, d->n_act, g->n_obs, g->n_act);
    steering->diffusion = diffusion;
    steering->guidance = guidance;
    steering->weight = weight;
    steering->bend = (struct mdp_bend){bend, steering};
    MDP_TRY(mdp_q_cache_alloc(&steering->cache, &guidance->nets[MDP_ENERGY_NET].net, max_rows, NULL));
    MDP_TRY(mdp_calloc(&steering->ones, rows, sizeof(float), "steering"));
    MDP_TRY(mdp_calloc(&steering->times, rows, sizeof(double), "steering"));
    MDP_TRY(mdp_calloc(&steering->gradient, rows * (unsigned long)d->n_act, sizeof(float), "steering"));
    for (int r = 0; r < max_rows; r++) steering->ones[r] = 1;
    return MDP_OK;
out:
    mdp_steering_free(steering);
    return err;
}

void mdp_steering_free(struct mdp_steering *steering) {
    mdp_q_cache_free(&steering->cache);
    free(steering->ones);
    free(steering->times);
    free(steering->gradient);
    memset(steering, 0, sizeof *steering);
}
