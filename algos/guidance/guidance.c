#include "algos/guidance/guidance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/guidance/guidance_internal.h"
#include "algos/guidance/window_guidance.h"
#include "base/names.h"

/* each network draws its first parameters from a random stream of its own: the denoiser from 1, guidance from 2 on */
enum { INIT_MODULE = 2, SIZE_MAX_ALLOWED = 65536 };

#define KIND(name) &mdp_guidance_##name,
static const struct mdp_guidance_kind *const kinds[] = {MDP_GUIDANCE_LIST(KIND)};
#undef KIND
enum { N_KINDS = sizeof kinds / sizeof *kinds };

mdp_err mdp_guidance_kind_find(const char *name, const struct mdp_guidance_kind **out) {
    const char *texts[N_KINDS];
    const struct mdp_names names = MDP_NAMES_OF_TEXTS(texts);
    int i;
    for (int k = 0; k < N_KINDS; k++) texts[k] = kinds[k]->name;
    mdp_err err = mdp_names_find(&names, "guidance", name, &i);
    if (err == MDP_OK) *out = kinds[i];
    return err;
}

void mdp_guidance_defaults(struct mdp_guidance_config *config, int n_obs, int n_act) {
    *config = (struct mdp_guidance_config){.kind = &mdp_guidance_double_q,
                                           .n_obs = n_obs,
                                           .n_act = n_act,
                                           .n_hidden = 256,
                                           .target_keep = 0.005,
                                           .expectile = 0.7,
                                           .n_emb = 64,
                                           .widths = {256, 256, 256},
                                           .n_support = 16,
                                           .beta_value = 1,
                                           .beta = 10,
                                           .ema_keep = 0.9999,
                                           .n_times = 20,
                                           .return_scale = 1};
}

/* sizes come from files, too; those of an energy count where there is one */
static mdp_err check_config(const struct mdp_guidance_config *config) {
    const struct {
        const char *what;
        int value;
    } sizes[] = {{"observation size", config->n_obs}, {"action size", config->n_act}, {"width", config->n_hidden},
                 {"width", config->widths[0]},        {"width", config->widths[1]},   {"width", config->widths[2]},
                 {"time embedding", config->n_emb},   {"support", config->n_support}};
    if (config->kind == NULL) return mdp_fail(MDP_E_USAGE, "guidance: kind: expected one, found none");
    for (int i = 0; i < (config->kind->needs_support ? 8 : 3); i++)
        if (sizes[i].value < 1 || sizes[i].value > SIZE_MAX_ALLOWED)
            return mdp_fail(MDP_E_USAGE, "guidance: %s: expected 1 to %d, found %d", sizes[i].what, SIZE_MAX_ALLOWED,
                            sizes[i].value);
    if (!(config->target_keep >= 0 && config->target_keep <= 1))
        return mdp_fail(MDP_E_USAGE, "guidance: target_keep: expected 0 to 1, found %g", config->target_keep);
    if (!(config->expectile > 0 && config->expectile < 1))
        return mdp_fail(MDP_E_USAGE, "guidance: expectile: expected more than 0 and less than 1, found %g",
                        config->expectile);
    if (!config->kind->needs_support) return MDP_OK;
    if (config->n_emb % 2 != 0 || config->n_support > MDP_SUPPORT_MAX)
        return mdp_fail(
            MDP_E_USAGE,
            "guidance: expected a time embedding of an even size and a support of at most %d actions, found "
            "%d and %d",
            MDP_SUPPORT_MAX, config->n_emb, config->n_support);
    if (!isfinite(config->beta_value) || !isfinite(config->beta) || !(config->ema_keep >= 0 && config->ema_keep <= 1))
        return mdp_fail(MDP_E_USAGE,
                        "guidance: expected finite inverse temperatures and an average that keeps 0 to 1 of itself, "
                        "found %g, %g and %g",
                        config->beta_value, config->beta, config->ema_keep);
    return MDP_OK;
}

static mdp_err alloc_net(struct mdp_guidance_net *net) {
    mdp_err err;
    unsigned long n = (unsigned long)net->net.layout.n_floats;
    MDP_TRY(mdp_calloc(&net->params, n, sizeof(float), "value network"));
    if (net->target_name != NULL) MDP_TRY(mdp_calloc(&net->target, n, sizeof(float), "target network"));
out:
    return err;
}

static void draw_net(struct mdp_guidance_net *net, uint64_t seed, uint32_t module) {
    mdp_layout_init(&net->net.layout, seed, module, net->params);
    if (net->target != NULL) memcpy(net->target, net->params, (size_t)net->net.layout.n_floats * sizeof(float));
}

mdp_err mdp_guidance_alloc(const struct mdp_guidance_config *config, struct mdp_guidance **out) {
    mdp_err err;
    struct mdp_guidance *guidance = NULL;
    *out = NULL;
    MDP_TRY(check_config(config));
    MDP_TRY(mdp_calloc(&guidance, 1, sizeof *guidance, "guidance module"));
    guidance->config = *config;
    for (int i = 0; i < MDP_GUIDANCE_NETS_MAX; i++) guidance->nets[i].target_keep = config->target_keep;
    config->kind->build(guidance);
    if (config->kind->sees_windows) MDP_TRY(mdp_returns_alloc(guidance));
    for (int i = 0; i < guidance->n_nets; i++) MDP_TRY(alloc_net(&guidance->nets[i]));
    *out = guidance;
    return MDP_OK;
out:
    mdp_guidance_free(guidance);
    return err;
}

mdp_err mdp_guidance_new(const struct mdp_guidance_config *config, uint64_t seed, struct mdp_guidance **out) {
    mdp_err err;
    MDP_TRY(mdp_guidance_alloc(config, out));
    if (config->kind->sees_windows) MDP_TRY(mdp_returns_draw(*out, seed));
    for (int i = 0; i < (*out)->n_nets; i++) draw_net(&(*out)->nets[i], seed, INIT_MODULE + (uint32_t)i);
    return MDP_OK;
out:
    mdp_guidance_free(*out);
    *out = NULL;
    return err;
}

static void trainer_free(struct mdp_guidance *guidance) {
    struct mdp_guidance_trainer *trainer = guidance->trainer;
    if (trainer == NULL) return;
    if (trainer->own != NULL) guidance->config.kind->own_free(guidance);
    for (int p = 0; p < trainer->n_panels; p++) {
        if (trainer->work != NULL) mdp_guidance_work_free(&trainer->work[p]);
        for (int i = 0; i < MDP_GUIDANCE_NETS_MAX; i++)
            if (trainer->grads[i] != NULL) free(trainer->grads[i][p]);
    }
    for (int i = 0; i < MDP_GUIDANCE_NETS_MAX; i++) free(trainer->grads[i]);
    for (int h = 0; h < MDP_Q_HEADS_MAX; h++) free(trainer->values[h]);
    void *blocks[] = {trainer->work, trainer->target_value, trainer->d_value, trainer->target_min,
                      trainer->state_value};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    free(trainer);
    guidance->trainer = NULL;
}

void mdp_guidance_free(struct mdp_guidance *guidance) {
    if (guidance == NULL) return;
    trainer_free(guidance);
    mdp_returns_free(guidance);
    for (int i = 0; i < MDP_GUIDANCE_NETS_MAX; i++) {
        mdp_adam_free(&guidance->nets[i].adam);
        free(guidance->nets[i].params);
        free(guidance->nets[i].target);
    }
    free(guidance);
}

/* the averaged copy of an energy is the last network's; those of values are targets, by which values act */
void mdp_guidance_use_online(struct mdp_guidance *guidance) {
    struct mdp_guidance_net *net = &guidance->nets[guidance->n_nets - 1];
    if (guidance->config.kind->needs_support)
        memcpy(net->target, net->params, (size_t)net->net.layout.n_floats * sizeof(float));
}

mdp_err mdp_guidance_plan(const struct mdp_guidance *guidance, int max_batch, struct mdp_products *products) {
    mdp_err err = MDP_OK;
    const int panels[] = {0, mdp_panel_count(max_batch) - 1};
    for (int i = 0; products != NULL && i < guidance->n_nets; i++) {
        const struct mdp_guidance_net *net = &guidance->nets[i];
        for (int k = 0; k < 2 * net->net.n_heads; k++)
            MDP_TRY(mdp_mlp_plan(&net->net.heads[k / 2], mdp_panel_rows(max_batch, panels[k % 2]).n, products));
        MDP_TRY(mdp_products_watch(products, net->params, net->net.layout.n_floats));
        if (net->target != NULL) MDP_TRY(mdp_products_watch(products, net->target, net->net.layout.n_floats));
    }
out:
    return err;
}

void mdp_guidance_refresh(const struct mdp_guidance *guidance, struct mdp_products *products, int n_threads) {
    for (int i = 0; i < guidance->n_nets; i++) {
        mdp_products_refresh(products, guidance->nets[i].params, n_threads);
        if (guidance->nets[i].target != NULL) mdp_products_refresh(products, guidance->nets[i].target, n_threads);
    }
}

mdp_err mdp_guidance_trainer_new(struct mdp_guidance *guidance, int max_batch, struct mdp_products *products) {
    mdp_err err;
    struct mdp_guidance_trainer *trainer = NULL;
    unsigned long n_panels = (unsigned long)mdp_panel_count(max_batch), rows = (unsigned long)max_batch;
    trainer_free(guidance);
    if (guidance->config.kind->train == NULL)
        return mdp_fail(MDP_E_USAGE, "guidance: '%s' has no training step; it can only be frozen",
                        guidance->config.kind->name);
    MDP_TRY(mdp_calloc(&trainer, 1, sizeof *trainer, "guidance trainer"));
    guidance->trainer = trainer;
    trainer->max_batch = max_batch;
    trainer->products = products;
    trainer->n_panels = (int)n_panels;
    MDP_TRY(mdp_calloc(&trainer->work, n_panels, sizeof *trainer->work, "guidance trainer"));
    for (int p = 0; p < trainer->n_panels; p++)
        MDP_TRY(mdp_guidance_work_alloc(&trainer->work[p], guidance, MDP_PANEL_ROWS, products));
    for (int i = 0; i < guidance->n_nets; i++) {
        struct mdp_guidance_net *net = &guidance->nets[i];
        if (net->adam.m == NULL) MDP_TRY(mdp_adam_alloc(&net->adam, net->net.layout.n_floats, 0.0));
        net->adam.n_fixed = net->net.layout.n_fixed;
        MDP_TRY(mdp_calloc(&trainer->grads[i], n_panels, sizeof(float *), "guidance gradients"));
        for (int p = 0; p < trainer->n_panels; p++)
            MDP_TRY(mdp_calloc(&trainer->grads[i][p], (unsigned long)net->net.layout.n_floats, sizeof(float),
                               "guidance gradients"));
    }
    for (int h = 0; h < MDP_Q_HEADS_MAX; h++) MDP_TRY(mdp_calloc(&trainer->values[h], rows, sizeof(float), "values"));
    MDP_TRY(mdp_calloc(&trainer->target_value, rows, sizeof(float), "target values"));
    MDP_TRY(mdp_calloc(&trainer->target_min, rows, sizeof(float), "target values"));
    MDP_TRY(mdp_calloc(&trainer->state_value, rows, sizeof(float), "state values"));
    MDP_TRY(mdp_calloc(&trainer->d_value, rows, sizeof(float), "value gradients"));
    if (guidance->config.kind->own_new != NULL) MDP_TRY(guidance->config.kind->own_new(guidance, max_batch));
    return MDP_OK;
out:
    trainer_free(guidance);
    return err;
}

/* one network's optimiser groups are adam_m, adam_v; a second one's carry its name */
int mdp_guidance_groups(struct mdp_guidance *guidance, struct mdp_module_group out[MDP_MODULE_GROUPS_MAX]) {
    int n = 0;
    if (guidance->window != NULL) return mdp_returns_groups(guidance, out);
    for (int i = 0; i < guidance->n_nets; i++) {
        struct mdp_guidance_net *net = &guidance->nets[i];
        mdp_module_group_fill(&out[n++], net->name, 0, &net->net.layout, net->params);
        if (net->target != NULL) mdp_module_group_fill(&out[n++], net->target_name, 0, &net->net.layout, net->target);
        if (net->adam.m == NULL) continue;
        const char *names[2][2] = {{"adam_m", "adam_v"}, {"adam_m_1", "adam_v_1"}};
        mdp_module_group_fill(&out[n++], names[i][0], 1, &net->net.layout, net->adam.m);
        mdp_module_group_fill(&out[n++], names[i][1], 1, &net->net.layout, net->adam.v);
    }
    return n;
}

void mdp_guidance_take(struct mdp_guidance *guidance) {
    if (guidance->window != NULL) mdp_returns_take(guidance);
}

long mdp_guidance_parameters(const struct mdp_guidance *guidance) {
    long n = guidance->window != NULL ? guidance->window->net.graph.n_floats : 0;
    for (int i = 0; i < guidance->n_nets; i++) n += guidance->nets[i].net.layout.n_floats;
    return n;
}

void mdp_guidance_step_net(struct mdp_guidance *guidance, int i_net, int n_panels,
                           const struct mdp_guidance_step *step) {
    struct mdp_guidance_net *net = &guidance->nets[i_net];
    struct mdp_guidance_trainer *trainer = guidance->trainer;
    mdp_adam_step(&net->adam, net->params, trainer->grads[i_net], n_panels, step->lr, step->n_threads);
    mdp_products_refresh(trainer->products, net->params, step->n_threads);
}

int mdp_guidance_update(struct mdp_guidance *guidance, const struct mdp_batch *batch, long n,
                        struct mdp_guidance_step *step) {
    const struct mdp_guidance_kind *kind = guidance->config.kind;
    int trains = n % kind->train_every == 0;
    step->loss = step->value_loss = step->target_mean = NAN;
    if (trains) kind->train(guidance, batch, step);
    if (n % kind->target_every != 0) return trains;
    for (int i = 0; i < guidance->n_nets; i++) {
        struct mdp_guidance_net *net = &guidance->nets[i];
        long n_fixed = net->net.layout.n_fixed;
        if (net->target == NULL || net->rests) continue;
        mdp_average_step(net->target + n_fixed, net->params + n_fixed, net->net.layout.n_floats - n_fixed,
                         net->target_keep, step->n_threads);
        mdp_products_refresh(guidance->trainer->products, net->target, step->n_threads);
    }
    return trains;
}

mdp_err mdp_guidance_work_alloc(struct mdp_guidance_work *work, const struct mdp_guidance *guidance, int max_rows,
                                struct mdp_products *products) {
    mdp_err err;
    memset(work, 0, sizeof *work);
    work->max_rows = max_rows;
    for (int i = 0; i < guidance->n_nets; i++)
        MDP_TRY(mdp_q_cache_alloc(&work->caches[i], &guidance->nets[i].net, max_rows, products));
    MDP_TRY(mdp_calloc(&work->d_value, (unsigned long)max_rows, sizeof(float), "value gradient"));
    if (guidance->config.kind->needs_support)
        MDP_TRY(mdp_calloc(&work->times, (unsigned long)max_rows, sizeof(double), "denoising times"));
    return MDP_OK;
out:
    mdp_guidance_work_free(work);
    return err;
}

void mdp_guidance_work_free(struct mdp_guidance_work *work) {
    for (int i = 0; i < MDP_GUIDANCE_NETS_MAX; i++) mdp_q_cache_free(&work->caches[i]);
    free(work->d_value);
    free(work->times);
    memset(work, 0, sizeof *work);
}
