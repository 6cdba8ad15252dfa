#include "bench/verify/replay.h"

#include <stdlib.h>
#include <string.h>

#include "results/h5/read.h"

void mdp_replay_inputs_free(struct mdp_replay_inputs *in) {
    void *blocks[] = {in->obs,       in->next_obs, in->act,     in->rew,      in->tml,  in->bc_eps, in->noise_next,
                      in->noise_new, in->edp_eps,  in->bc_time, in->edp_time, in->keep, in->coin};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

static mdp_err read_times(struct mdp_golden *g, const char *name, int **out) {
    mdp_err err = mdp_h5_read_new(g->file, name, MDP_H5_I32, MDP_H5_2D(g->n_steps_run, g->batch), NULL, out);
    if (err != MDP_OK) return err;
    for (long i = 0; i < (long)g->n_steps_run * g->batch; i++)
        if ((*out)[i] < 0 || (*out)[i] >= g->n_times)
            return mdp_fail(MDP_E_DATA, "%s: %s: element %ld: expected 0 to %d, found %d", g->path, name, i,
                            g->n_times - 1, (*out)[i]);
    return MDP_OK;
}

static mdp_err read_coin(struct mdp_golden *g, double **out) {
    mdp_err err = mdp_h5_read_new(g->file, "in/coin", MDP_H5_F64, MDP_H5_1D(g->n_steps_run), NULL, out);
    if (err != MDP_OK) return err;
    for (int k = 0; k < g->n_steps_run; k++)
        if (!((*out)[k] >= 0 && (*out)[k] <= 1))
            return mdp_fail(MDP_E_DATA, "%s: in/coin: element %d: expected 0 to 1, found %g", g->path, k, (*out)[k]);
    return MDP_OK;
}

static mdp_err read_keep(struct mdp_golden *g, uint8_t **out) {
    const struct mdp_h5_shape shape = {4, {g->n_steps_run, g->n_blocks, g->batch, g->n_hidden}};
    mdp_err err = mdp_h5_read_new(g->file, "in/drop", MDP_H5_U8, &shape, NULL, out);
    if (err != MDP_OK) return err;
    for (long i = 0; i < mdp_h5_count(&shape); i++)
        if ((*out)[i] > 1)
            return mdp_fail(MDP_E_DATA, "%s: in/drop: element %ld: expected 0 or 1, found %d", g->path, i, (*out)[i]);
    return MDP_OK;
}

/* what the policy loss draws */
static mdp_err read_policy(struct mdp_golden *g, struct mdp_replay_inputs *in) {
    mdp_err err = MDP_OK;
    long k = g->n_steps_run, b = g->batch, d = mdp_solver_draws(g->solver, g->n_steps);
    const struct mdp_h5_shape all = {4, {k, d, b, g->n_act}};
    if (g->algorithm->action == MDP_ACTION_NONE) return MDP_OK;
    MDP_TRY(read_coin(g, &in->coin));
    if (g->algorithm->action == MDP_ACTION_SAMPLED) return mdp_golden_read(g, "in/noise_new", &all, &in->noise_new);
    MDP_TRY(read_times(g, "in/edp_t", &in->edp_time));
    MDP_TRY(mdp_golden_read(g, "in/edp_eps", MDP_H5_3D(k, b, g->n_act), &in->edp_eps));
out:
    return err;
}

mdp_err mdp_replay_inputs_read(struct mdp_golden *g, struct mdp_replay_inputs *in) {
    mdp_err err = MDP_OK;
    long k = g->n_steps_run, b = g->batch, d = mdp_solver_draws(g->solver, g->n_steps);
    const struct mdp_h5_shape next = {4, {k, d, b, g->n_act}};
    memset(in, 0, sizeof *in);
    MDP_TRY(mdp_golden_read(g, "in/obs", MDP_H5_3D(k, b, g->n_obs), &in->obs));
    MDP_TRY(mdp_golden_read(g, "in/next_obs", MDP_H5_3D(k, b, g->n_obs), &in->next_obs));
    MDP_TRY(mdp_golden_read(g, "in/act", MDP_H5_3D(k, b, g->n_act), &in->act));
    MDP_TRY(mdp_golden_read(g, "in/rew", MDP_H5_3D(k, b, 1), &in->rew));
    MDP_TRY(mdp_golden_read(g, "in/tml", MDP_H5_3D(k, b, 1), &in->tml));
    MDP_TRY(mdp_golden_read(g, "in/bc_eps", MDP_H5_3D(k, b, g->n_act), &in->bc_eps));
    MDP_TRY(read_times(g, "in/bc_t", &in->bc_time));
    if (g->algorithm->denoiser == MDP_DENOISER_RESNET) MDP_TRY(read_keep(g, &in->keep));
    if (g->algorithm->guidance->needs_next_act) MDP_TRY(mdp_golden_read(g, "in/noise_next", &next, &in->noise_next));
    MDP_TRY(read_policy(g, in));
out:
    return err;
}

void mdp_replay_modules_free(struct mdp_replay_modules *m) {
    mdp_diffusion_free(m->diffusion);
    mdp_guidance_free(m->guidance);
    *m = (struct mdp_replay_modules){NULL, NULL};
}

static void fill_guidance(const struct mdp_golden *g, int is_frozen, struct mdp_guidance *guidance) {
    static const enum mdp_golden_module ids[MDP_GUIDANCE_NETS_MAX] = {MDP_GOLDEN_CRITIC, MDP_GOLDEN_VALUE};
    for (int i = 0; i < guidance->n_nets; i++) {
        struct mdp_guidance_net *net = &guidance->nets[i];
        mdp_golden_weights(g, is_frozen ? MDP_GOLDEN_CRITIC_FROZEN : ids[i], &net->net.layout, net->params);
        if (net->target != NULL) mdp_golden_weights(g, MDP_GOLDEN_CRITIC_TARGET, &net->net.layout, net->target);
    }
}

mdp_err mdp_replay_modules_new(const struct mdp_golden *g, int is_frozen, struct mdp_replay_modules *m) {
    mdp_err err = MDP_OK;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    *m = (struct mdp_replay_modules){NULL, NULL};
    mdp_algorithm_diffusion(g->algorithm, g->n_obs, g->n_act, &diffusion);
    diffusion.n_emb = g->n_emb;
    diffusion.n_hidden = g->n_hidden;
    diffusion.n_blocks = g->n_blocks;
    diffusion.n_times = g->n_times;
    diffusion.n_steps = g->n_steps;
    diffusion.solver = g->solver;
    diffusion.decay = g->decay;
    diffusion.ema_keep = g->ema_keep;
    mdp_algorithm_guidance(g->algorithm, g->n_obs, g->n_act, &guidance);
    guidance.n_hidden = g->n_critic;
    MDP_TRY(mdp_diffusion_new(&diffusion, 0, &m->diffusion));
    MDP_TRY(mdp_guidance_new(&guidance, 0, &m->guidance));
    mdp_golden_weights(g, MDP_GOLDEN_ACTOR, &m->diffusion->net.layout, m->diffusion->params);
    mdp_golden_weights(g, MDP_GOLDEN_ACTOR_EMA, &m->diffusion->net.layout, m->diffusion->ema);
    fill_guidance(g, is_frozen, m->guidance);
out:
    if (err != MDP_OK) mdp_replay_modules_free(m);
    return err;
}

void mdp_replay_step(struct mdp_learner *learner, const struct mdp_golden *g, const struct mdp_replay_inputs *in, int k,
                     struct mdp_learner_log *log) {
    long rows = (long)k * g->batch, o = g->n_obs, a = g->n_act, d = (long)mdp_solver_draws(g->solver, g->n_steps) * a;
    int is_sampled = g->algorithm->action == MDP_ACTION_SAMPLED;
    const struct mdp_batch batch = {.n = g->batch,
                                    .obs = in->obs + rows * o,
                                    .act = in->act + rows * a,
                                    .rew = in->rew + rows,
                                    .tml = in->tml + rows,
                                    .next_obs = in->next_obs + rows * o};
    struct mdp_learner_draws draws = {.bc_time = in->bc_time + rows, .bc_eps = in->bc_eps + rows * a};
    if (in->keep != NULL) draws.bc_keep = in->keep + rows * g->n_blocks * g->n_hidden;
    if (in->noise_next != NULL) draws.noise_next = in->noise_next + rows * d;
    if (in->coin != NULL) draws.coin = in->coin[k];
    if (in->coin != NULL) draws.noise_new = is_sampled ? in->noise_new + rows * d : in->edp_eps + rows * a;
    if (in->edp_time != NULL) draws.policy_time = in->edp_time + rows;
    mdp_learner_step(learner, &batch, &draws, log);
}
