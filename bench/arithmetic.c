#include "bench/arithmetic.h"

#include <stddef.h>

static double product(double n_in, double n_out) { return 2 * n_in * n_out; }

static double mlp_flops(const struct mdp_mlp *mlp) {
    double sum = 0;
    for (int i = 0; i < mlp->n_layers; i++) sum += product(mlp->layers[i].n_in, mlp->layers[i].n_out);
    return sum;
}

/* forward, one row */
static double denoiser_flops(const struct mdp_denoiser *net) {
    const struct mdp_resnet *r = &net->resnet;
    if (net->kind == MDP_DENOISER_MLP) return mlp_flops(&net->body);
    return product(r->n_in, r->width) + r->n_blocks * 2 * product(r->width, 4 * r->width) + product(r->width, r->n_out);
}

/* all heads, forward, one row */
static double net_flops(const struct mdp_q_net *net) {
    double sum = 0;
    for (int h = 0; h < net->n_heads; h++) sum += mlp_flops(&net->heads[h]);
    return sum;
}

/* network passes of the reverse process; a skipped null step is none */
static int n_passes(const struct mdp_diffusion *d) { return d->config.n_steps - d->i_last + 1; }

/* one row of a training step, targets included: action values of (s', a') or (s, a) and of (s, a) both ways; IQL's
 * state value both ways and once more in s' */
static double training_flops(const struct mdp_guidance *g) {
    double sum = 4 * net_flops(&g->nets[0].net);
    return g->n_nets > 1 ? sum + 4 * net_flops(&g->nets[1].net) : sum;
}

/* one row: the reverse process or one pass, kept and gone back through, both heads' values, the way back of one */
static double policy_flops(const struct mdp_learner *learner) {
    const struct mdp_diffusion *d = learner->diffusion;
    const struct mdp_q_net *q = &learner->guidance->nets[0].net;
    int passes = learner->config.action == MDP_ACTION_SAMPLED ? n_passes(d) : 1;
    return 3 * passes * denoiser_flops(&d->net) + net_flops(q) + mlp_flops(&q->heads[0]);
}

struct mdp_step_flops mdp_step_flops_count(const struct mdp_learner *learner) {
    struct mdp_step_flops flops = {0, 0, 0, 0};
    const struct mdp_diffusion *d = learner->diffusion;
    const struct mdp_guidance *g = learner->guidance;
    double n_rows = learner->config.batch;
    if (mdp_mode_describe(learner->config.mode)->trains_guidance) {
        flops.guidance = n_rows * training_flops(g) / g->config.kind->train_every;
        if (learner->samples_next)
            flops.next_actions = n_rows * n_passes(d) * denoiser_flops(&d->net) / g->config.kind->train_every;
    }
    if (d != NULL) flops.cloning = n_rows * 3 * denoiser_flops(&d->net);
    if (learner->has_policy_loss) flops.policy = n_rows * policy_flops(learner);
    return flops;
}

double mdp_step_flops_total(const struct mdp_step_flops *flops) {
    return flops->next_actions + flops->guidance + flops->cloning + flops->policy;
}
