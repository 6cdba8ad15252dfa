#include "algos/flops.h"

#include <stddef.h>

#include "algos/diffusion/window_diffusion.h"
#include "algos/guidance/window_guidance.h"
#include "algos/inverse.h"

/* one row through all networks of a layout */
static double forward(const struct mdp_layout *layout) {
    double sum = 0;
    for (int i = 0; i < layout->n; i++)
        if (layout->params[i].kind == MDP_PARAM_WEIGHT) sum += 2.0 * layout->params[i].rows * layout->params[i].cols;
    return sum;
}

/* what the gradient of a stack's input takes in its first layer */
static double input_gradient(const struct mdp_mlp *mlp) { return 2.0 * mlp->layers[0].n_in * mlp->layers[0].n_out; }

/* forward and backward; the input of the body does need a gradient, for the time network */
static double train_denoiser(const struct mdp_denoiser *net) {
    return 3 * forward(&net->layout) - input_gradient(&net->time);
}

static double train_values(const struct mdp_q_net *net) {
    double sum = 3 * forward(&net->layout);
    for (int h = 0; h < net->n_heads; h++) sum -= input_gradient(&net->heads[h]);
    return sum;
}

/* network passes of the reverse process; a skipped null step is none */
static int n_passes(const struct mdp_diffusion *diffusion) { return diffusion->config.n_steps - diffusion->i_last + 1; }

/* counts the passes of a step: action values by the targets forward, those of (s, a) forward and backward; IQL's state
 * value forward and backward, and once more forward in s' */
static double train_guidance(const struct mdp_guidance *guidance) {
    double sum = 0;
    for (int i = 0; i < guidance->n_nets; i++)
        sum += forward(&guidance->nets[i].net.layout) + train_values(&guidance->nets[i].net);
    return sum;
}

/* of a state: values of all supported actions, once for targets and once for labels; the energy of all, forward and
 * backward */
static double train_energy(const struct mdp_guidance *guidance) {
    const struct mdp_q_net *values = &guidance->nets[0].net, *energy = &guidance->nets[1].net;
    double k = guidance->config.n_support;
    return 2 * k * forward(&values->layout) + train_values(values) + 3 * k * forward(&energy->layout);
}

/* the reverse process or one pass, kept and gone back through; values of all heads, and the way back of one */
static double train_policy(const struct mdp_learner *learner) {
    const struct mdp_q_net *values = &learner->guidance->nets[0].net;
    int passes = learner->config.action == MDP_ACTION_SAMPLED ? n_passes(learner->diffusion) : 1;
    double heads = forward(&values->layout);
    return passes * train_denoiser(&learner->diffusion->net) + heads + heads / values->n_heads;
}

/* forward and backward; the network of actions has all pairs of a window but is at rest for most of a run, so that it
 * does not count */
static struct mdp_step_flops count_windows(const struct mdp_learner *learner) {
    struct mdp_step_flops flops = {0, 0, 0, 0};
    const struct mdp_diffusion *d = learner->diffusion;
    double n_rows = learner->config.batch;
    if (d != NULL) flops.cloning = 3 * n_rows * mdp_graph_flops(d->window->graph);
    if (mdp_mode_describe(learner->config.mode)->trains_guidance)
        flops.guidance = 3 * n_rows * mdp_graph_flops(&learner->guidance->window->net.graph);
    return flops;
}

struct mdp_step_flops mdp_step_flops_count(const struct mdp_learner *learner) {
    struct mdp_step_flops flops = {0, 0, 0, 0};
    const struct mdp_diffusion *diffusion = learner->diffusion;
    const struct mdp_guidance *guidance = learner->guidance;
    double n_rows = learner->config.batch;
    if (learner->windows != NULL) return count_windows(learner);
    if (mdp_mode_describe(learner->config.mode)->trains_guidance) {
        double share = n_rows / guidance->config.kind->train_every;
        int has_energy = guidance->config.kind->needs_support;
        flops.guidance = share * (has_energy ? train_energy(guidance) : train_guidance(guidance));
        if (learner->samples_support)
            flops.next_actions =
                share * guidance->config.n_support * n_passes(diffusion) * forward(&diffusion->net.layout);
        if (learner->samples_next) flops.next_actions = share * n_passes(diffusion) * forward(&diffusion->net.layout);
    }
    if (diffusion != NULL) flops.cloning = n_rows * train_denoiser(&diffusion->net);
    if (learner->has_policy_loss) flops.policy = n_rows * train_policy(learner);
    return flops;
}

double mdp_step_flops_total(const struct mdp_step_flops *flops) {
    return flops->next_actions + flops->guidance + flops->cloning + flops->policy;
}

double mdp_call_flops(const struct mdp_diffusion *diffusion, const struct mdp_guidance *guidance, long n_rows) {
    double row = n_passes(diffusion) * forward(&diffusion->net.layout);
    if (diffusion->window != NULL) row = n_passes(diffusion) * mdp_graph_flops(diffusion->window->graph);
    if (guidance != NULL && guidance->window != NULL) row += mdp_graph_flops(&guidance->window->net.graph);
    for (int i = 0; guidance != NULL && i < guidance->n_nets; i++) row += forward(&guidance->nets[i].net.layout);
    return (double)n_rows * row;
}

double mdp_plan_flops(const struct mdp_policy_config *config, const struct mdp_diffusion *diffusion,
                      const struct mdp_guidance *guidance) {
    const double value = guidance != NULL ? mdp_graph_flops(&guidance->window->net.graph) : 0;
    const int is_free = config->guide.guide == MDP_GUIDE_FREE && config->guide.weight != 0 && config->guide.weight != 1,
              has_gradient = guidance != NULL && config->guide.guide != MDP_GUIDE_NONE;
    double pass = (is_free ? 2 : 1) * mdp_graph_flops(diffusion->window->graph) + (has_gradient ? 2 * value : 0);
    double action = diffusion->inverse != NULL ? mdp_graph_flops(&diffusion->inverse->graph) : 0;
    return config->n_candidates * (n_passes(diffusion) * pass + value) + action;
}
