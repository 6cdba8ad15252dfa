/* one gradient step. the numbers in comments are those of SPEC 5.1 */
#include <math.h>
#include <string.h>

#include "algos/learner.h"
#include "algos/learner_internal.h"
#include "algos/proposer.h"

/* draws [D, n, n_act] as a panel sees them */
static struct mdp_draws panel_draws(const float *draws, int n, int n_act, int first) {
    return (struct mdp_draws){draws + (long)first * n_act, (long)n * n_act};
}

/* each module's rate follows the number of steps that its own optimiser has taken */
static double rate(const struct mdp_learner *learner, const struct mdp_adam *adam) {
    if (learner->config.lr_steps == 0) return learner->config.lr;
    return mdp_cosine_rate(learner->config.lr, adam->step, learner->config.lr_steps);
}

static double guidance_rate(const struct mdp_learner *learner, int i_net) {
    double share = i_net == 0 ? learner->config.value_lr_share : learner->config.energy_lr_share;
    return share * rate(learner, &learner->guidance->nets[i_net].adam);
}

/* ---- steps 1 to 4: the guidance ---- */

/* what the plan packed is a function of the averaged parameters alone, whenever that was */
static void pack_next(struct mdp_learner_actor *actor) {
    if (actor->next_is_stale) mdp_proposer_refresh(actor->next);
    actor->next_is_stale = 0;
}

/* next actions by the averaged denoiser, a state being a row with one candidate; every thread takes an even share of
 * the rows, as many at a time as the proposer does */
static void sample_next_packed(struct mdp_learner *learner, const struct mdp_batch *batch, const float *noise) {
    struct mdp_learner_actor *actor = &learner->actor;
    int n_threads = learner->config.n_threads, n_obs = learner->diffusion->config.n_obs,
        n_act = learner->diffusion->config.n_act, at_once = mdp_proposer_states(actor->next);
    pack_next(actor);
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int t = 0; t < n_threads; t++) {
        long first = (long)batch->n * t / n_threads, end = (long)batch->n * (t + 1) / n_threads;
        for (long n, r = first; r < end; r += n) {
            n = end - r < at_once ? end - r : at_once;
            const struct mdp_reverse_input input = {.n_states = (int)n,
                                                    .n_candidates = 1,
                                                    .obs = batch->next_obs + r * n_obs,
                                                    .draws = panel_draws(noise, batch->n, n_act, (int)r),
                                                    .draws_per_state = n_act,
                                                    .temperature = 1.0};
            memcpy(actor->next_act + r * n_act, mdp_propose(actor->next, t, &input).actions,
                   (size_t)(n * n_act) * sizeof(float));
        }
    }
}

/* the same by the layers that training uses */
static void sample_next_plainly(struct mdp_learner *learner, const struct mdp_batch *batch, const float *noise) {
    const struct mdp_diffusion *d = learner->diffusion;
    struct mdp_learner_actor *actor = &learner->actor;
    int n_panels = mdp_panel_count(batch->n), a = d->config.n_act;
    mdp_time_table_refresh(&actor->ema_table, &d->net, d->ema);
    mdp_products_refresh(learner->products, d->ema, learner->config.n_threads);
#pragma omp parallel for num_threads(learner->config.n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) {
        struct mdp_panel_range rows = mdp_panel_rows(batch->n, p);
        mdp_diffusion_sample(d, d->ema, &actor->ema_table, rows.n, batch->next_obs + (long)rows.first * d->config.n_obs,
                             panel_draws(noise, batch->n, a, rows.first), 1.0, &actor->panels[p].sampler,
                             actor->next_act + (long)rows.first * a);
    }
}

/* supported actions by the averaged denoiser; every thread takes an even share of the states */
static void sample_support(struct mdp_learner *learner, const struct mdp_batch *batch, const float *noise) {
    struct mdp_learner_actor *actor = &learner->actor;
    const struct mdp_guidance_config *g = &learner->guidance->config;
    int n_threads = learner->config.n_threads, at_once = mdp_proposer_states(actor->supporter);
    long each = (long)g->n_support * g->n_act, draws = each * mdp_diffusion_draws(learner->diffusion);
    if (actor->next_is_stale) mdp_proposer_refresh(actor->supporter);
    actor->next_is_stale = 0;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int t = 0; t < n_threads; t++) {
        long first = (long)batch->n * t / n_threads, end = (long)batch->n * (t + 1) / n_threads;
        for (long n, r = first; r < end; r += n) {
            n = end - r < at_once ? end - r : at_once;
            const struct mdp_reverse_input input = {.n_states = (int)n,
                                                    .n_candidates = g->n_support,
                                                    .obs = batch->next_obs + r * g->n_obs,
                                                    .draws = {noise + r * draws, each},
                                                    .draws_per_state = draws,
                                                    .temperature = 1.0};
            memcpy(actor->support + r * each, mdp_propose(actor->supporter, t, &input).actions,
                   (size_t)(n * each) * sizeof(float));
        }
    }
}

/* noise on supported actions, of one time for each state */
static void make_noisy(const struct mdp_learner *learner, int n, const float *support,
                       const struct mdp_learner_draws *draws) {
    long each = (long)learner->guidance->config.n_support * learner->guidance->config.n_act;
    for (long i = 0; i < n; i++) {
        double alpha, sigma;
        mdp_schedule_scales(draws->energy_at[i], &alpha, &sigma);
        for (long j = i * each; j < (i + 1) * each; j++)
            learner->noisy[j] = (float)(alpha * support[j] + sigma * draws->energy_eps[j]);
    }
}

/* which of values and energy learn in this step, and from what */
static void support_guidance(struct mdp_learner *learner, const struct mdp_batch *batch,
                             const struct mdp_learner_draws *draws, struct mdp_guidance_step *step) {
    long n_alone = learner->config.n_value_steps;
    if (learner->samples_support) sample_support(learner, batch, draws->support_noise);
    step->support = learner->samples_support ? learner->actor.support : batch->support;
    step->n_support = learner->guidance->config.n_support;
    step->values_rest = n_alone >= 0 && learner->step >= n_alone;
    if (learner->step < n_alone) return;
    make_noisy(learner, batch->n, step->support, draws);
    step->noisy = learner->noisy;
    step->times = draws->energy_at;
    step->energy_lr = guidance_rate(learner, 1);
}

static void train_guidance(struct mdp_learner *learner, const struct mdp_batch *batch,
                           const struct mdp_learner_draws *draws, struct mdp_learner_log *log) {
    struct mdp_guidance *g = learner->guidance;
    struct mdp_guidance_step step = {.next_act = batch->next_act,
                                     .discount = learner->config.discount,
                                     .lr = log->guidance_lr,
                                     .n_threads = learner->config.n_threads};
    if (learner->samples_next && learner->step % g->config.kind->train_every == 0) {
        if (learner->actor.next != NULL)
            sample_next_packed(learner, batch, draws->noise_next);
        else
            sample_next_plainly(learner, batch, draws->noise_next);
        step.next_act = learner->actor.next_act;
    }
    if (g->config.kind->needs_support) support_guidance(learner, batch, draws, &step);
    const int trains = mdp_guidance_update(g, batch, learner->step, &step);
    log->has_critic_loss = trains && !step.values_rest;
    log->has_value_loss = trains && (g->config.kind->has_state_values || step.noisy != NULL);
    log->critic_loss = step.loss;
    log->value_loss = step.value_loss;
    log->target_q_mean = step.target_mean;
}

/* ---- steps 5 to 9: the denoiser ---- */

static float *panel_table(const struct mdp_learner *learner, int p) {
    const struct mdp_diffusion_config *d = &learner->diffusion->config;
    return learner->actor.d_table + (long)p * learner->actor.table.n * d->n_emb;
}

static int defers(const struct mdp_learner_actor *actor) { return actor->gradient.n_passes > 0; }

/* where a panel sums its gradients as it goes; NULL if they come later */
static float *panel_grads(const struct mdp_learner_actor *actor, int p) {
    return defers(actor) ? NULL : actor->grads[p];
}

/* step 5 for one panel: the cloning loss with its gradient */
static void clone(struct mdp_learner *learner, const struct mdp_batch *batch, const struct mdp_learner_draws *draws,
                  int p) {
    const struct mdp_diffusion *d = learner->diffusion;
    struct mdp_learner_actor *actor = &learner->actor;
    struct mdp_panel_range rows = mdp_panel_rows(batch->n, p);
    long first = rows.first, offset = first * d->config.n_act, width = d->config.n_hidden;
    size_t table = (size_t)actor->table.n * (size_t)d->config.n_emb;
    const struct mdp_noising noising = {batch->obs + first * d->config.n_obs,
                                        batch->act + offset,
                                        draws->bc_time + first,
                                        draws->bc_eps + offset,
                                        draws->bc_at != NULL ? draws->bc_at + first : NULL,
                                        draws->bc_mask != NULL ? draws->bc_mask + first : NULL};
    struct mdp_dropout dropout = {NULL, batch->n * width, d->config.dropout};
    if (d->net.n_blocks > 0 && draws->bc_keep != NULL) dropout.start = draws->bc_keep + first * width;
    if (panel_grads(actor, p) != NULL) memset(actor->grads[p], 0, (size_t)d->net.layout.n_floats * sizeof(float));
    memset(panel_table(learner, p), 0, table * sizeof(float));
    mdp_diffusion_clone(d, d->params, &actor->table, rows.n, batch->n, &noising, dropout, &actor->panels[p].sampler,
                        actor->square_sums + first, panel_grads(actor, p), panel_table(learner, p));
}

/* steps 6 and 7 for one panel: policy actions and their values */
static void act(struct mdp_learner *learner, const struct mdp_batch *batch, const struct mdp_learner_draws *draws,
                int p) {
    const struct mdp_diffusion *d = learner->diffusion;
    const struct mdp_guidance *g = learner->guidance;
    struct mdp_learner_actor *actor = &learner->actor;
    struct mdp_learner_panel *panel = &actor->panels[p];
    struct mdp_panel_range rows = mdp_panel_rows(batch->n, p);
    int a = d->config.n_act;
    long first = rows.first, offset = first * a;
    const float *obs = batch->obs + first * d->config.n_obs, *values[MDP_Q_HEADS_MAX];
    if (learner->config.action == MDP_ACTION_SAMPLED) {
        mdp_diffusion_sample(d, d->params, &actor->table, rows.n, obs,
                             panel_draws(draws->noise_new, batch->n, a, rows.first), 1.0, &panel->sampler,
                             actor->new_act + offset);
    } else {
        const struct mdp_noising noising = {
            obs, batch->act + offset, draws->policy_time + first, draws->noise_new + offset, NULL, NULL};
        mdp_diffusion_one_step(d, d->params, &actor->table, rows.n, &noising, &panel->sampler, actor->new_act + offset);
    }
    g->config.kind->policy_values(g, rows.n, obs, actor->new_act + offset, &panel->guidance, values);
    for (int h = 0; h < g->config.kind->n_values; h++)
        memcpy(actor->q_new[h] + first, values[h], (size_t)rows.n * sizeof(float));
}

/* the weight of the policy loss in this step */
static double eta_of(const struct mdp_learner *learner) {
    const struct mdp_learner_config *c = &learner->config;
    long last = c->eta_steps - 1, k = learner->step < last ? learner->step : last;
    return c->eta_schedule == NULL ? c->eta : c->eta * mdp_weight_share(c->eta_schedule, (int)k, c->eta_steps);
}

/* step 8: -mean(Q_lead) / mean|Q_other|, sums in row order; fills the gradient of eta times it and returns the lead */
static int policy_loss(struct mdp_learner *learner, int n, double coin, double *loss) {
    struct mdp_learner_actor *actor = &learner->actor;
    int n_values = learner->guidance->config.kind->n_values, lead = coin > 0.5 || n_values == 1 ? 0 : 1;
    const float *leading = actor->q_new[lead], *other = actor->q_new[n_values == 1 ? 0 : 1 - lead];
    double sum = 0, scale = 0;
    for (int i = 0; i < n; i++) {
        sum += leading[i];
        scale += fabs((double)other[i]);
    }
    *loss = -sum / scale;
    float each = (float)(-eta_of(learner) / scale);
    for (int i = 0; i < n; i++) actor->d_value[i] = each;
    return lead;
}

/* the policy loss's gradient in the actions, for one panel */
static void action_gradient(struct mdp_learner *learner, int n, int i_value, int p) {
    const struct mdp_guidance *g = learner->guidance;
    struct mdp_learner_actor *actor = &learner->actor;
    struct mdp_panel_range rows = mdp_panel_rows(n, p);
    g->config.kind->policy_gradient(g, rows.n, i_value, actor->d_value + rows.first, &actor->panels[p].guidance,
                                    actor->d_new_act + (long)rows.first * g->config.n_act);
}

/* noise of the same root mean square over the batch takes the gradient's place. Source: SPEC 9.1 item 4 */
static void disrupt(struct mdp_learner *learner, int n, const float *noise) {
    float *gradient = learner->actor.d_new_act;
    long n_values = (long)n * learner->diffusion->config.n_act;
    double squares = 0;
    for (long j = 0; j < n_values; j++) squares += (double)gradient[j] * gradient[j];
    float scale = (float)sqrt(squares / (double)n_values);
    for (long j = 0; j < n_values; j++) gradient[j] = scale * noise[j];
}

/* step 9 for one panel: the way back from the actions */
static void act_backward(struct mdp_learner *learner, int n, int p) {
    const struct mdp_diffusion *d = learner->diffusion;
    struct mdp_learner_actor *actor = &learner->actor;
    struct mdp_panel_range rows = mdp_panel_rows(n, p);
    const float *d_act = actor->d_new_act + (long)rows.first * d->config.n_act;
    if (learner->config.action == MDP_ACTION_SAMPLED)
        mdp_diffusion_sample_backward(d, d->params, rows.n, d_act, &actor->panels[p].sampler, panel_grads(actor, p),
                                      panel_table(learner, p));
    else
        mdp_diffusion_one_step_backward(d, d->params, rows.n, d_act, &actor->panels[p].sampler, panel_grads(actor, p),
                                        panel_table(learner, p));
}

/* the panels' table gradients meet in the first panel's block and go back through time_mlp once */
static void time_backward(struct mdp_learner *learner, int n_panels) {
    const struct mdp_diffusion *d = learner->diffusion;
    struct mdp_learner_actor *actor = &learner->actor;
    long n = (long)actor->table.n * d->config.n_emb;
    for (int p = 1; p < n_panels; p++)
        for (long j = 0; j < n; j++) actor->d_table[j] += actor->d_table[p * n + j];
    if (defers(actor)) memset(actor->grads[0], 0, (size_t)mdp_gradient_first(&actor->gradient) * sizeof(float));
    mdp_time_table_backward(&actor->table, &d->net, d->params, actor->d_table, actor->grads[0]);
}

/* the optimiser and the running average */
static void step_actor(struct mdp_learner *learner, int n_rows, double lr) {
    struct mdp_diffusion *d = learner->diffusion;
    struct mdp_learner_actor *actor = &learner->actor;
    int n_threads = learner->config.n_threads, averages = mdp_diffusion_averages(d, learner->step);
    actor->next_is_stale |= averages;
    if (defers(actor)) {
        const struct mdp_gradient_update update = {&d->adam, d->params, averages ? d->ema : NULL, d->config.ema_keep,
                                                   learner->config.keeps_gradient ? actor->grads[0] : NULL};
        actor->n_grads = 1;
        mdp_gradient_step(&actor->gradient, n_rows, &update, lr, actor->grads[0]);
        return;
    }
    actor->n_grads = mdp_panel_count(n_rows);
    long n_fixed = d->net.layout.n_fixed;
    mdp_adam_step(&d->adam, d->params, actor->grads, actor->n_grads, lr, n_threads);
    mdp_products_refresh(learner->products, d->params, n_threads);
    if (averages)
        mdp_average_step(d->ema + n_fixed, d->params + n_fixed, d->net.layout.n_floats - n_fixed, d->config.ema_keep,
                         n_threads);
}

/* one step of the actor: the loops run over panels of rows, and all sums over panels are taken in order outside of
 * them, so that the number of threads changes no bit */
static void train_actor(struct mdp_learner *learner, const struct mdp_batch *batch,
                        const struct mdp_learner_draws *draws, struct mdp_learner_log *log) {
    struct mdp_diffusion *d = learner->diffusion;
    struct mdp_learner_actor *actor = &learner->actor;
    int n_panels = mdp_panel_count(batch->n), n_threads = learner->config.n_threads;
    for (int i = 0; actor->table.times != NULL && i < batch->n; i++) actor->table.times[i] = draws->bc_at[i];
    mdp_time_table_refresh(&actor->table, &d->net, d->params);
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) {
        clone(learner, batch, draws, p);
        if (learner->has_policy_loss) act(learner, batch, draws, p);
    }
    double squares = 0;
    for (int i = 0; i < batch->n; i++) squares += actor->square_sums[i];
    log->actor_loss = log->bc_loss = squares / ((double)batch->n * d->config.n_act);
    if (learner->has_policy_loss) {
        int lead = policy_loss(learner, batch->n, draws->coin, &log->q_loss);
        log->actor_loss = log->bc_loss + eta_of(learner) * log->q_loss;
#pragma omp parallel for num_threads(n_threads) schedule(static)
        for (int p = 0; p < n_panels; p++) action_gradient(learner, batch->n, lead, p);
        if (learner->config.is_noise_gradient) disrupt(learner, batch->n, draws->noise_gradient);
#pragma omp parallel for num_threads(n_threads) schedule(static)
        for (int p = 0; p < n_panels; p++) act_backward(learner, batch->n, p);
    }
    time_backward(learner, n_panels);
    step_actor(learner, batch->n, log->lr);
}

/* ---- the step ---- */

void mdp_learner_step(struct mdp_learner *learner, const struct mdp_batch *batch, const struct mdp_learner_draws *draws,
                      struct mdp_learner_log *log) {
    int trains_guidance = mdp_mode_describe(learner->config.mode)->trains_guidance;
    if (learner->windows != NULL) {
        mdp_window_learner_step(learner, batch, draws, log);
        return;
    }
    *log = (struct mdp_learner_log){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0, 0};
    if (learner->diffusion != NULL) log->lr = rate(learner, &learner->diffusion->adam);
    if (trains_guidance) {
        log->guidance_lr = guidance_rate(learner, 0);
        train_guidance(learner, batch, draws, log);
    }
    if (learner->diffusion != NULL) train_actor(learner, batch, draws, log);
    learner->step++;
}

void mdp_learner_actor_gradient(const struct mdp_learner *learner, float *out) {
    long n = learner->diffusion->net.layout.n_floats;
    memset(out, 0, (size_t)n * sizeof *out);
    for (int p = 0; p < learner->actor.n_grads; p++)
        for (long j = 0; j < n; j++) out[j] += learner->actor.grads[p][j];
}
