#include "algos/guidance/energy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/guidance/twin.h"

/* states go through the networks with all their supported actions, about so many rows at a time */
enum { ROWS_AT_ONCE = 512 };

/* working memory of one group of states */
struct group {
    struct mdp_q_cache values, energy;
    float *obs;     /* [rows, n_obs]: a state's row for each of its actions */
    float *d_value; /* [rows] */
};

struct own {
    int n_states, n_groups; /* of a group; of the largest batch */
    struct group *groups;
    float **grads;             /* [n_groups][n_floats] of the energy */
    float *next_q, *label, *f; /* [max_batch, n_support] */
    double *loss;              /* [max_batch] */
    double f_max, f_mean, f_min;
};

static void build(struct mdp_guidance *guidance) {
    const struct mdp_guidance_config *config = &guidance->config;
    struct mdp_guidance_net *values = &guidance->nets[MDP_ENERGY_VALUES], *energy = &guidance->nets[MDP_ENERGY_NET];
    guidance->n_nets = 2;
    values->name = "q";
    values->target_name = "q_target";
    energy->name = "energy";
    energy->target_name = "energy_ema";
    energy->target_keep = config->ema_keep;
    mdp_q_net_build(&values->net, MDP_Q_IQL, config->n_obs, config->n_act, config->n_hidden);
    mdp_energy_net_build(&energy->net, config->n_obs, config->n_act, config->n_emb, config->widths);
}

/* ---- memory of training ---- */

static void group_free(struct group *group) {
    mdp_q_cache_free(&group->values);
    mdp_q_cache_free(&group->energy);
    free(group->obs);
    free(group->d_value);
}

static void own_free(struct mdp_guidance *guidance) {
    struct own *own = guidance->trainer->own;
    for (int i = 0; i < own->n_groups; i++) {
        if (own->groups != NULL) group_free(&own->groups[i]);
        if (own->grads != NULL) free(own->grads[i]);
    }
    void *blocks[] = {own->groups, own->grads, own->next_q, own->label, own->f, own->loss, own};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    guidance->trainer->own = NULL;
}

static mdp_err group_alloc(const struct mdp_guidance *guidance, int n_states, struct group *group) {
    int rows = n_states * guidance->config.n_support;
    mdp_err err;
    MDP_TRY(mdp_q_cache_alloc(&group->values, &guidance->nets[MDP_ENERGY_VALUES].net, rows, NULL));
    MDP_TRY(mdp_q_cache_alloc(&group->energy, &guidance->nets[MDP_ENERGY_NET].net, rows, NULL));
    MDP_TRY(mdp_calloc(&group->obs, (unsigned long)rows * (unsigned long)guidance->config.n_obs, sizeof(float),
                       "energy trainer"));
    MDP_TRY(mdp_calloc(&group->d_value, (unsigned long)rows, sizeof(float), "energy trainer"));
out:
    return err;
}

/* a group of states has its own memory, so that groups can be worked on side by side */
static mdp_err own_new(struct mdp_guidance *guidance, int max_batch) {
    mdp_err err;
    struct own *own = NULL;
    int n_support = guidance->config.n_support, n_states = n_support < ROWS_AT_ONCE ? ROWS_AT_ONCE / n_support : 1;
    unsigned long n = (unsigned long)max_batch * (unsigned long)n_support;
    const char *what = "energy trainer";
    if (guidance->trainer->products != NULL)
        return mdp_fail(MDP_E_USAGE, "guidance: '%s': expected training in float32, found bfloat16",
                        guidance->config.kind->name);
    MDP_TRY(mdp_calloc(&own, 1, sizeof *own, what));
    guidance->trainer->own = own;
    own->n_states = n_states;
    own->n_groups = (max_batch + n_states - 1) / n_states;
    MDP_TRY(mdp_calloc(&own->groups, (unsigned long)own->n_groups, sizeof *own->groups, what));
    MDP_TRY(mdp_calloc(&own->grads, (unsigned long)own->n_groups, sizeof(float *), what));
    for (int i = 0; i < own->n_groups; i++) {
        MDP_TRY(group_alloc(guidance, n_states, &own->groups[i]));
        MDP_TRY(mdp_calloc(&own->grads[i], (unsigned long)guidance->nets[MDP_ENERGY_NET].net.layout.n_floats,
                           sizeof(float), what));
    }
    MDP_TRY(mdp_calloc(&own->next_q, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&own->label, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&own->f, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&own->loss, (unsigned long)max_batch, sizeof(double), what));
out:
    return err;
}

/* the states of a group */
static struct mdp_panel_range states_of(const struct own *own, int n_rows, int i) {
    int first = i * own->n_states, left = n_rows - first;
    return (struct mdp_panel_range){first, left < own->n_states ? left : own->n_states};
}

int mdp_energy_panels(const struct mdp_guidance *guidance, int n_rows) {
    const struct own *own = guidance->trainer->own;
    return (n_rows + own->n_states - 1) / own->n_states;
}

const float *mdp_energy_gradient(const struct mdp_guidance *guidance, int i) {
    const struct own *own = guidance->trainer->own;
    return own->grads[i];
}

struct mdp_energy_seen mdp_energy_seen(const struct mdp_guidance *guidance) {
    const struct own *own = guidance->trainer->own;
    return (struct mdp_energy_seen){own->next_q, own->label, own->f, own->f_max, own->f_mean, own->f_min};
}

/* ---- the two stages ---- */

/* softmax(beta x) of n numbers, the greatest subtracted; returns log sum exp(beta x) */
static double softmax(int n, double beta, const float *x, double *out) {
    double most = -INFINITY, sum = 0;
    for (int i = 0; i < n; i++) most = fmax(most, beta * x[i]);
    for (int i = 0; i < n; i++) sum += out[i] = exp(beta * x[i] - most);
    for (int i = 0; i < n; i++) out[i] /= sum;
    return most + log(sum);
}

/* the smaller head at a group's supported actions, by the target or by the parameters themselves */
static void value_support(struct mdp_guidance *guidance, const struct mdp_batch *batch,
                          const struct mdp_guidance_step *step, int i, const float *params) {
    const struct own *own = guidance->trainer->own;
    struct group *group = &own->groups[i];
    struct mdp_panel_range states = states_of(own, batch->n, i);
    long n_obs = guidance->config.n_obs, k = step->n_support, first = states.first * k;
    for (long r = 0; r < states.n * k; r++)
        memcpy(group->obs + r * n_obs, batch->next_obs + (states.first + r / k) * n_obs, (size_t)n_obs * sizeof(float));
    mdp_twin_min(&guidance->nets[MDP_ENERGY_VALUES], params, (int)(states.n * k), group->obs,
                 step->support + first * guidance->config.n_act, &group->values, own->next_q + first);
}

/* targets of a group's states */
static void target_group(struct mdp_guidance *guidance, const struct mdp_batch *batch,
                         const struct mdp_guidance_step *step, int i) {
    const struct own *own = guidance->trainer->own;
    struct mdp_panel_range states = states_of(own, batch->n, i);
    double w[MDP_SUPPORT_MAX];
    value_support(guidance, batch, step, i, guidance->nets[MDP_ENERGY_VALUES].target);
    for (int s = states.first; s < states.first + states.n; s++) {
        const float *q = own->next_q + (long)s * step->n_support;
        double v = 0;
        softmax(step->n_support, guidance->config.beta_value, q, w);
        for (int k = 0; k < step->n_support; k++) v += w[k] * q[k];
        guidance->trainer->target_value[s] = (float)(batch->rew[s] + step->discount * (1.0 - batch->tml[s]) * v);
    }
}

static void train_values(struct mdp_guidance *guidance, const struct mdp_batch *batch, struct mdp_guidance_step *step) {
    int n_panels = mdp_panel_count(batch->n), n_groups = mdp_energy_panels(guidance, batch->n);
#pragma omp parallel for num_threads(step->n_threads) schedule(static)
    for (int i = 0; i < n_groups; i++) target_group(guidance, batch, step, i);
#pragma omp parallel for num_threads(step->n_threads) schedule(static)
    for (int p = 0; p < n_panels; p++) mdp_twin_regress(guidance, batch, p);
    mdp_twin_report(guidance, batch->n, step);
    mdp_guidance_step_net(guidance, MDP_ENERGY_VALUES, n_panels, step);
}

/* labels, energies and gradients of a group's states */
static void energy_group(struct mdp_guidance *guidance, const struct mdp_batch *batch,
                         const struct mdp_guidance_step *step, int i) {
    const struct own *own = guidance->trainer->own;
    const struct mdp_guidance_net *net = &guidance->nets[MDP_ENERGY_NET];
    struct group *group = &own->groups[i];
    struct mdp_panel_range states = states_of(own, batch->n, i);
    int k = step->n_support;
    long first = (long)states.first * k;
    double label[MDP_SUPPORT_MAX], p[MDP_SUPPORT_MAX];
    const struct mdp_energy_rows rows = {states.n, k, batch->next_obs + (long)states.first * guidance->config.n_obs,
                                         step->noisy + first * guidance->config.n_act, step->times + states.first};
    value_support(guidance, batch, step, i, guidance->nets[MDP_ENERGY_VALUES].params);
    const float *f = mdp_energy_forward(&net->net, net->params, &rows, &group->energy);
    memcpy(own->f + first, f, (size_t)(states.n * k) * sizeof *f);
    for (int s = 0; s < states.n; s++) {
        double all = softmax(k, 1, f + (long)s * k, p), loss = 0;
        softmax(k, guidance->config.beta, own->next_q + first + (long)s * k, label);
        for (int j = 0; j < k; j++) {
            loss -= label[j] * (f[s * k + j] - all);
            own->label[first + s * k + j] = (float)label[j];
            group->d_value[s * k + j] = (float)((p[j] - label[j]) / batch->n);
        }
        own->loss[states.first + s] = loss;
    }
    memset(own->grads[i], 0, (size_t)net->net.layout.n_floats * sizeof(float));
    mdp_energy_backward(&net->net, net->params, &rows, group->d_value, &group->energy, own->grads[i], NULL);
}

static void report_energy(struct own *own, int n, int k, struct mdp_guidance_step *step) {
    double loss = 0;
    own->f_max = own->f_mean = own->f_min = 0;
    for (int s = 0; s < n; s++) {
        const float *f = own->f + (long)s * k;
        double most = f[0], least = f[0], sum = 0;
        for (int j = 0; j < k; j++) {
            most = fmax(most, f[j]);
            least = fmin(least, f[j]);
            sum += f[j];
        }
        own->f_max += most / n;
        own->f_mean += sum / ((double)n * k);
        own->f_min += least / n;
        loss += own->loss[s];
    }
    step->value_loss = loss / n;
}

static void train_energy(struct mdp_guidance *guidance, const struct mdp_batch *batch, struct mdp_guidance_step *step) {
    struct own *own = guidance->trainer->own;
    struct mdp_guidance_net *net = &guidance->nets[MDP_ENERGY_NET];
    int n_groups = mdp_energy_panels(guidance, batch->n);
#pragma omp parallel for num_threads(step->n_threads) schedule(static)
    for (int i = 0; i < n_groups; i++) energy_group(guidance, batch, step, i);
    report_energy(own, batch->n, step->n_support, step);
    mdp_adam_step(&net->adam, net->params, own->grads, n_groups, step->energy_lr, step->n_threads);
}

/* labels of a step are by values that have taken it */
static void train(struct mdp_guidance *guidance, const struct mdp_batch *batch, struct mdp_guidance_step *step) {
    guidance->nets[MDP_ENERGY_VALUES].rests = step->values_rest;
    guidance->nets[MDP_ENERGY_NET].rests = step->noisy == NULL;
    if (!step->values_rest) train_values(guidance, batch, step);
    if (step->noisy != NULL) train_energy(guidance, batch, step);
}

/* ---- scores ---- */

/* the averaged energy of actions as they are, at the time that noise would begin at, one state a row */
static void score_rows(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                       struct mdp_guidance_work *work, float *score, float *d_act) {
    const struct mdp_guidance_net *net = &guidance->nets[MDP_ENERGY_NET];
    struct mdp_q_cache *cache = &work->caches[MDP_ENERGY_NET];
    const struct mdp_energy_rows rows = {n_rows, 1, obs, act, work->times};
    memset(work->times, 0, (size_t)n_rows * sizeof *work->times);
    memcpy(score, mdp_energy_forward(&net->net, net->target, &rows, cache), (size_t)n_rows * sizeof *score);
    if (d_act == NULL) return;
    for (int r = 0; r < n_rows; r++) work->d_value[r] = 1;
    mdp_energy_backward(&net->net, net->target, &rows, work->d_value, cache, NULL, d_act);
}

static void select_score(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                         struct mdp_guidance_work *work, float *score) {
    score_rows(guidance, n_rows, obs, act, work, score, NULL);
}

const struct mdp_guidance_kind mdp_guidance_energy = {
    .name = "energy",
    .algorithm = "qgpo",
    .n_values = 2,
    .needs_support = 1,
    .train_every = 1,
    .target_every = 1,
    .build = build,
    .action_value = mdp_twin_select_score,
    .select_score = select_score,
    .score_gradient = score_rows,
    .policy_values = mdp_twin_policy_values,
    .policy_gradient = mdp_twin_policy_gradient,
    .own_new = own_new,
    .own_free = own_free,
    .train = train,
};
