/* sampled actions and selection, by every solver the file has */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/guidance/twin.h"
#include "algos/policy.h"
#include "algos/precision.h"
#include "algos/selection.h"
#include "bench/verify/training.h"
#include "results/h5/attr.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

/* everything about a group of samples that is collected over states before it is compared */
struct sampled {
    float *obs, *noise, *expo, *actions, *q, *v, *history, *chosen;
    double *u, *weights, *by_expo, *by_cdf, *index;
};

static void free_sampled(struct sampled *s) {
    void *blocks[] = {s->obs,    s->noise, s->expo,    s->actions, s->q,      s->v,    s->history,
                      s->chosen, s->u,     s->weights, s->by_expo, s->by_cdf, s->index};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

static mdp_err read_sample_inputs(struct mdp_golden *g, struct sampled *s) {
    mdp_err err = MDP_OK;
    unsigned long ne = (unsigned long)g->n_states, rows = ne * (unsigned long)g->n_candidates,
                  a = (unsigned long)g->n_act;
    long draws = mdp_solver_draws(g->solver, g->n_steps);
    MDP_TRY(mdp_golden_read(g, "in_sample/env_obs", MDP_H5_2D(g->n_states, g->n_obs), &s->obs));
    MDP_TRY(mdp_golden_read(g, "in_sample/noise", MDP_H5_3D(draws, (long)rows, g->n_act), &s->noise));
    MDP_TRY(mdp_golden_read(g, "in_sample/expo", MDP_H5_2D(g->n_states, g->n_candidates), &s->expo));
    MDP_TRY(mdp_golden_read_uniform(g, "in_sample/u", MDP_H5_1D(g->n_states), &s->u));
    MDP_TRY(mdp_calloc(&s->actions, rows * a, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&s->q, rows, sizeof(float), "values"));
    MDP_TRY(mdp_calloc(&s->v, rows, sizeof(float), "values"));
    MDP_TRY(mdp_calloc(&s->history, rows * a * (unsigned long)(g->n_steps + 1), sizeof(float), "history"));
    MDP_TRY(mdp_calloc(&s->chosen, ne * a, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&s->weights, rows, sizeof(double), "weights"));
    MDP_TRY(mdp_calloc(&s->by_expo, ne, sizeof(double), "choices"));
    MDP_TRY(mdp_calloc(&s->by_cdf, ne, sizeof(double), "choices"));
    MDP_TRY(mdp_calloc(&s->index, (unsigned long)g->n_steps + 1, sizeof(double), "indices"));
out:
    return err;
}

/* the values behind the scores of one state's candidates */
static void value_state(const struct mdp_golden *g, const struct mdp_guidance *guidance, struct mdp_guidance_work *work,
                        struct sampled *s, int e) {
    long nc = g->n_candidates, row = e * nc;
    const struct mdp_guidance_net *net = &guidance->nets[0], *state = &guidance->nets[1];
    const float *values[MDP_Q_HEADS_MAX];
    float *obs = work->caches[0].d_in; /* free before a backward pass */
    for (long i = 0; i < nc; i++)
        memcpy(obs + i * g->n_obs, s->obs + (long)e * g->n_obs, (size_t)g->n_obs * sizeof *obs);
    mdp_twin_min(net, net->target, (int)nc, obs, s->actions + row * g->n_act, &work->caches[0], s->q + row);
    if (guidance->n_nets == 1) return;
    mdp_q_forward(&state->net, state->params, (int)nc, obs, NULL, &work->caches[1], values);
    memcpy(s->v + row, values[0], (size_t)nc * sizeof *s->v);
}

static void sample_state(const struct mdp_golden *g, struct mdp_policy *policy, struct sampled *s, int e) {
    int nc = g->n_candidates;
    long a = g->n_act, row = (long)e * nc, total = (long)g->n_states * nc * a;
    struct mdp_policy_view view =
        mdp_policy_propose(policy, s->obs + (long)e * g->n_obs, (struct mdp_draws){s->noise + row * a, total});
    memcpy(s->actions + row * a, view.actions, (size_t)(nc * a) * sizeof(float));
    memcpy(s->weights + row, view.weights, (size_t)nc * sizeof(double));
    for (int i = 0; i <= g->n_steps; i++)
        memcpy(s->history + i * total + row * a, view.history + i * nc * a, (size_t)(nc * a) * sizeof(float));
    int by_expo = mdp_selection_by_exponential(nc, view.weights, s->expo + row);
    s->by_expo[e] = by_expo;
    s->by_cdf[e] = mdp_selection_by_uniform(nc, view.weights, s->u[e]);
    memcpy(s->chosen + e * a, view.actions + by_expo * a, (size_t)a * sizeof(float));
}

static mdp_err check_wide(struct mdp_golden *g, const char *group, const char *name, const struct mdp_h5_shape *shape,
                          const double *got, enum mdp_bound bound) {
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    snprintf(path, sizeof path, "%s/%s", group, name);
    mdp_quantity_start(&quantity, "%s", path);
    mdp_err err = mdp_golden_compare(g, &quantity, path, shape, got, bound, 0);
    if (err == MDP_OK) mdp_verify_report_quantity(g->report, g->path, &quantity);
    return err;
}

static mdp_err check(struct mdp_golden *g, const char *group, const char *name, const struct mdp_h5_shape *shape,
                     const float *got) {
    char path[MDP_H5_NAME_MAX];
    snprintf(path, sizeof path, "%s/%s", group, name);
    return mdp_golden_check(g, path, shape, got, mdp_golden_bound(g, MDP_BOUND_ACTION_SMALL, MDP_BOUND_ACTION_FULL));
}

static int is_there(struct mdp_golden *g, const char *group, const char *name) {
    char path[MDP_H5_NAME_MAX];
    snprintf(path, sizeof path, "f64/%s%s%s", group, *name ? "/" : "", name);
    return mdp_h5_exists(g->file, path);
}

static mdp_err check_sampled(struct mdp_golden *g, const char *group, const struct sampled *s, int has_v) {
    mdp_err err = MDP_OK;
    long ne = g->n_states, rows = ne * g->n_candidates;
    enum mdp_bound weight = mdp_golden_bound(g, MDP_BOUND_WEIGHT_SMALL, MDP_BOUND_WEIGHT_FULL);
    MDP_TRY(check_wide(g, group, "schedule_idx", MDP_H5_1D(g->n_steps + 1), s->index, MDP_BOUND_EXACT));
    if (is_there(g, group, "history"))
        MDP_TRY(check(g, group, "history", MDP_H5_3D(g->n_steps + 1, rows, g->n_act), s->history));
    MDP_TRY(check(g, group, "act", MDP_H5_2D(rows, g->n_act), s->actions));
    MDP_TRY(check(g, group, "q", MDP_H5_2D(rows, 1), s->q));
    if (has_v) MDP_TRY(check(g, group, "v", MDP_H5_2D(rows, 1), s->v));
    MDP_TRY(check_wide(g, group, "weights", MDP_H5_2D(ne, g->n_candidates), s->weights, weight));
    MDP_TRY(check_wide(g, group, "sel_expo", MDP_H5_1D(ne), s->by_expo, MDP_BOUND_EXACT));
    MDP_TRY(check_wide(g, group, "sel_cdf", MDP_H5_1D(ne), s->by_cdf, MDP_BOUND_EXACT));
    MDP_TRY(check(g, group, "chosen_act", MDP_H5_2D(ne, g->n_act), s->chosen));
out:
    return err;
}

/* ---- other precisions ---- */

/* counts how often a precision makes the choice of the verified one from the same draws, and how far its weights
 * differ: the largest total variation of any state's weights */
static void note_agreement(struct mdp_golden *g, const char *group, const char *precision, const struct sampled *s,
                           const struct sampled *other) {
    int n_same = 0;
    double worst = 0;
    for (int e = 0; e < g->n_states; e++) {
        double variation = 0;
        for (long i = 0; i < g->n_candidates; i++)
            variation += 0.5 * fabs(s->weights[e * g->n_candidates + i] - other->weights[e * g->n_candidates + i]);
        worst = fmax(worst, variation);
        n_same += (s->by_expo[e] == other->by_expo[e]) + (s->by_cdf[e] == other->by_cdf[e]);
    }
    mdp_verify_report_note(g->report, g->path, "%s: %s chooses as %s in %d of %d, total variation of the weights %.2g",
                           group, precision, MDP_PRECISION_DEFAULT, n_same, 2 * g->n_states, worst);
}

/* precisions that are not float32, as far as this machine can run them */
static mdp_err compare_precisions(struct mdp_golden *g, const char *group, const struct mdp_replay_modules *m,
                                  const struct mdp_policy_config *usual, const struct sampled *s) {
    mdp_err err = MDP_OK;
    struct mdp_policy_config config = *usual;
    struct mdp_policy *policy = NULL;
    struct sampled other = {0};
    MDP_TRY(read_sample_inputs(g, &other));
    for (int i = 0; i < mdp_precision_names()->n; i++) {
        if (mdp_precision_find(mdp_names_at(mdp_precision_names(), i), &config.kernel) != MDP_OK) continue;
        if (config.kernel == NULL || config.kernel->precision == MDP_F32) continue;
        MDP_TRY(mdp_policy_new(&config, m->diffusion, m->guidance, NULL, NULL, &policy));
        for (int e = 0; e < g->n_states; e++) sample_state(g, policy, &other, e);
        note_agreement(g, group, mdp_names_at(mdp_precision_names(), i), s, &other);
        mdp_policy_free(policy);
        policy = NULL;
    }
out:
    mdp_policy_free(policy);
    free_sampled(&other);
    return err;
}

/* ---- one group ---- */

/* samples each state with the file's draws, then lets every precision of this machine choose among the same
 * candidates */
static mdp_err verify_group(struct mdp_golden *g, const char *group, const struct mdp_replay_modules *m) {
    mdp_err err = MDP_OK;
    struct mdp_policy *policy = NULL;
    struct mdp_policy_config config;
    struct mdp_guidance_work work = {0};
    struct sampled s = {0};
    mdp_policy_defaults(&config);
    config.n_candidates = g->n_candidates;
    MDP_TRY(mdp_h5_attr_real(g->file, "in_sample", "temperature", &config.start_temperature));
    MDP_TRY(mdp_h5_attr_real(g->file, "in_sample", "weight_temperature", &config.selection_temperature));
    MDP_TRY(read_sample_inputs(g, &s));
    MDP_TRY(mdp_guidance_work_alloc(&work, m->guidance, g->n_candidates, NULL));
    if (mdp_policy_new(&config, m->diffusion, m->guidance, NULL, NULL, &policy) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s: in_sample", g->path));
    for (int i = 0; i <= g->n_steps; i++) s.index[i] = m->diffusion->visits.index[i];
    for (int e = 0; e < g->n_states; e++) {
        sample_state(g, policy, &s, e);
        value_state(g, m->guidance, &work, &s, e);
    }
    MDP_TRY(check_sampled(g, group, &s, m->guidance->n_nets > 1));
    MDP_TRY(compare_precisions(g, group, m, &config, &s));
out:
    mdp_policy_free(policy);
    mdp_guidance_work_free(&work);
    free_sampled(&s);
    return err;
}

/* ---- other times, other solvers ---- */

/* what an old library's indices, which are taken from the file, lead to */
static mdp_err verify_old_times(struct mdp_golden *g) {
    mdp_err err = MDP_OK;
    static const char group[] = "sample_torch113";
    struct mdp_replay_modules m = {NULL, NULL};
    int *index = NULL;
    char path[MDP_H5_NAME_MAX];
    snprintf(path, sizeof path, "f64/%s/schedule_idx", group);
    MDP_TRY(mdp_h5_read_new(g->file, path, MDP_H5_I32, MDP_H5_1D(g->n_steps + 1), NULL, &index));
    MDP_TRY(mdp_replay_modules_new(g, 0, &m));
    if (mdp_diffusion_visit(m.diffusion, g->n_steps, index) != MDP_OK)
        MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s: %s", g->path, path));
    MDP_TRY(verify_group(g, group, &m));
out:
    mdp_replay_modules_free(&m);
    free(index);
    return err;
}

/* the case's denoiser under another solver; the noise array holds a draw for every step that might want one */
static mdp_err verify_solver(struct mdp_golden *g, const struct mdp_solver *solver, const float *obs,
                             const float *noise, double temperature) {
    mdp_err err = MDP_OK;
    struct mdp_golden other = *g;
    struct mdp_replay_modules m = {NULL, NULL};
    struct mdp_policy *policy = NULL;
    struct mdp_policy_config config;
    float *actions = NULL;
    long n_rows = (long)g->n_states * g->n_candidates, state = (long)g->n_candidates * g->n_act;
    other.solver = solver;
    mdp_policy_defaults(&config);
    config.n_candidates = g->n_candidates;
    config.start_temperature = temperature;
    MDP_TRY(mdp_replay_modules_new(&other, 0, &m));
    MDP_TRY(mdp_policy_new(&config, m.diffusion, NULL, NULL, NULL, &policy));
    MDP_TRY(mdp_calloc(&actions, (unsigned long)(n_rows * g->n_act), sizeof *actions, "actions"));
    for (int e = 0; e < g->n_states; e++) {
        struct mdp_policy_view view = mdp_policy_propose(policy, obs + (long)e * g->n_obs,
                                                         (struct mdp_draws){noise + e * state, n_rows * g->n_act});
        memcpy(actions + e * state, view.actions, (size_t)state * sizeof *actions);
    }
    MDP_TRY(check(g, "solvers_extra", solver->name, MDP_H5_2D(n_rows, g->n_act), actions));
out:
    mdp_policy_free(policy);
    mdp_replay_modules_free(&m);
    free(actions);
    return err;
}

static mdp_err verify_solvers(struct mdp_golden *g) {
    mdp_err err = MDP_OK;
    struct mdp_h5_child *children = NULL;
    int n_children;
    float *obs = NULL, *noise = NULL;
    double temperature;
    long rows = (long)g->n_states * g->n_candidates;
    MDP_TRY(mdp_h5_attr_real(g->file, "in_sample", "temperature", &temperature));
    MDP_TRY(mdp_golden_read(g, "in_sample/env_obs", MDP_H5_2D(g->n_states, g->n_obs), &obs));
    MDP_TRY(mdp_golden_read(g, "in_sample/noise_extra", MDP_H5_3D(g->n_steps + 1, rows, g->n_act), &noise));
    MDP_TRY(mdp_h5_list(g->file, "f64/solvers_extra", &children, &n_children));
    for (int i = 0; i < n_children; i++) {
        const struct mdp_solver *solver;
        if (mdp_solver_find(children[i].name, &solver) != MDP_OK)
            MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s: f64/solvers_extra", g->path));
        MDP_TRY(verify_solver(g, solver, obs, noise, temperature));
    }
out:
    free(children);
    free(obs);
    free(noise);
    return err;
}

mdp_err mdp_verify_sampling(struct mdp_golden *g, const struct mdp_replay_modules *m) {
    mdp_err err = verify_group(g, "sample", m);
    if (err == MDP_OK && is_there(g, "sample_torch113", "")) err = verify_old_times(g);
    if (err == MDP_OK && is_there(g, "solvers_extra", "")) err = verify_solvers(g);
    return err;
}
