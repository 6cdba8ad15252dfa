/* guided plans by every solver that a case of Diffuser has */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/chain.h"
#include "bench/verify/diffuser.h"
#include "results/h5/group.h"

/* one run of the chain over all candidates of all states, and what it wrote down on the way */
struct run {
    struct mdp_diffuser_case *r;
    int n_rows;
    float *known, *x, *work, *history, *predictions, *gradients, *returns; /* of step after step */
    double *log_p, *chosen_index, *weights;
    float *chosen;
};

static void run_free(struct run *run) {
    void *blocks[] = {run->known,   run->x,     run->work,         run->history, run->predictions, run->gradients,
                      run->returns, run->log_p, run->chosen_index, run->weights, run->chosen};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

static mdp_err run_alloc(struct run *run, struct mdp_diffuser_case *r) {
    mdp_err err;
    unsigned long rows = (unsigned long)(r->n_states * r->n_candidates), n = rows * (unsigned long)r->diffusion.n,
                  steps = (unsigned long)r->n_steps + 1, n_states = (unsigned long)r->n_states;
    *run = (struct run){.r = r, .n_rows = (int)rows};
    MDP_TRY(mdp_calloc(&run->known, rows * (unsigned long)r->sizes.n_obs, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->x, n, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->work, 4 * n, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->history, steps * n, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->predictions, steps * n, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->gradients, steps * n, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->returns, steps * rows, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&run->log_p, rows, sizeof(double), "plans"));
    MDP_TRY(mdp_calloc(&run->chosen_index, n_states, sizeof(double), "plans"));
    MDP_TRY(mdp_calloc(&run->weights, steps, sizeof(double), "plans"));
    MDP_TRY(mdp_calloc(&run->chosen, n_states * (unsigned long)r->sizes.n_act, sizeof(float), "plans"));
out:
    return err;
}

static void predict(void *context, int i, int n_rows, const float *x, float *out) {
    struct run *run = context;
    const struct mdp_window_diffusion *d = &run->r->diffusion;
    long n = (long)n_rows * d->n;
    memcpy(out,
           mdp_window_diffusion_predict(d, d->trained.average, n_rows, x, &d->times[i], 1, NULL, NULL,
                                        &run->r->denoiser_work),
           (size_t)n * sizeof *out);
    memcpy(run->predictions + (run->r->n_steps - i) * n, out, (size_t)n * sizeof *out);
}

static void guide(void *context, int i, int n_rows, const float *x, float *out) {
    struct run *run = context;
    struct mdp_diffuser_case *r = run->r;
    long n = (long)n_rows * r->diffusion.n;
    const float *params = r->guidance.trained.average;
    memcpy(run->returns + (long)(r->n_steps - i) * n_rows,
           mdp_window_guidance_value(&r->guidance, params, n_rows, x, &r->diffusion.visits.index[i], 1, &r->value_work),
           (size_t)n_rows * sizeof *out);
    memcpy(out, mdp_window_guidance_gradient(&r->guidance, params, n_rows, r->ones, &r->value_work),
           (size_t)n * sizeof *out);
    memcpy(run->gradients + (r->n_steps - i) * n, out, (size_t)n * sizeof *out);
}

/* rows lie candidate by candidate, the states of each one after the other; the highest return of a state's is taken */
static void choose(struct run *run) {
    const struct mdp_diffuser_case *r = run->r;
    static const int clean = 0;
    const float *returns = mdp_window_guidance_value(&r->guidance, r->guidance.trained.average, run->n_rows, run->x,
                                                     &clean, 1, &run->r->value_work);
    for (int i = 0; i < run->n_rows; i++) run->log_p[i] = returns[i];
    for (int e = 0; e < r->n_states; e++) {
        int best = 0;
        for (int c = 1; c < r->n_candidates; c++)
            if (returns[c * r->n_states + e] > returns[best * r->n_states + e]) best = c;
        const float *action = run->x + (long)(best * r->n_states + e) * r->diffusion.n + r->sizes.n_obs;
        run->chosen_index[e] = best;
        for (int j = 0; j < r->sizes.n_act; j++)
            run->chosen[e * r->sizes.n_act + j] = action[j] < -1 ? -1 : action[j] > 1 ? 1 : action[j];
    }
}

static mdp_err run_chain(struct run *run, const float *obs, const float *draws, double weight) {
    struct mdp_diffuser_case *r = run->r;
    for (int i = 0; i < run->n_rows; i++)
        memcpy(run->known + (long)i * r->sizes.n_obs, obs + (long)(i % r->n_states) * r->sizes.n_obs,
               (size_t)r->sizes.n_obs * sizeof *obs);
    for (int i = 0; i <= r->n_steps; i++) run->weights[i] = weight;
    const struct mdp_chain chain = {.n = r->diffusion.n,
                                    .i_last = 1,
                                    .visits = &r->diffusion.visits,
                                    .solver = r->diffusion.config.solver,
                                    .rows = r->diffusion.rows,
                                    .low = -INFINITY,
                                    .high = INFINITY,
                                    .temperature = r->temperature,
                                    .context = run,
                                    .predict = predict,
                                    .guide = guide,
                                    .weights = run->weights,
                                    .n_known = r->sizes.n_obs,
                                    .known = run->known};
    mdp_chain_run(&chain, &(struct mdp_chain_rows){run->n_rows, draws, run->x, run->work, run->history});
    choose(run);
    return MDP_OK;
}

static mdp_err check_run(struct run *run, const char *group, int is_usual) {
    struct mdp_diffuser_case *r = run->r;
    char name[MDP_H5_NAME_MAX];
    mdp_err err;
#define NAME(part) (snprintf(name, sizeof name, "%s/%s", group, part), name)
    MDP_TRY(mdp_window_case_check_floats(&r->c, NAME("traj"),
                                         MDP_H5_3D(run->n_rows, r->sizes.horizon, r->sizes.n_obs + r->sizes.n_act),
                                         run->x, is_usual ? MDP_BOUND_PLAN : MDP_BOUND_PLAN_OTHER));
    MDP_TRY(mdp_window_case_check(&r->c, NAME("log_p"), MDP_H5_2D(r->n_candidates, r->n_states), run->log_p,
                                  MDP_BOUND_PLAN_RETURN));
    MDP_TRY(mdp_window_case_check(&r->c, NAME("sel"), MDP_H5_1D(r->n_states), run->chosen_index, MDP_BOUND_EXACT));
    MDP_TRY(mdp_window_case_check_floats(&r->c, NAME("chosen_act"), MDP_H5_2D(r->n_states, r->sizes.n_act), run->chosen,
                                         is_usual ? MDP_BOUND_PLAN_ACTION : MDP_BOUND_PLAN_ACTION_OTHER));
    if (!is_usual) goto out;
    struct mdp_h5_shape steps = {4, {r->n_steps + 1, run->n_rows, r->sizes.horizon, r->sizes.n_obs + r->sizes.n_act}};
    MDP_TRY(mdp_window_case_check_some(&r->c, NAME("history"), &steps, run->history, MDP_BOUND_PLAN));
    steps.extent[0] = r->n_steps;
    MDP_TRY(mdp_window_case_check_some(&r->c, NAME("pred"), &steps, run->predictions, MDP_BOUND_PLAN));
    MDP_TRY(mdp_window_case_check_some(&r->c, NAME("grad"), &steps, run->gradients, MDP_BOUND_PLAN_GRADIENT));
    MDP_TRY(mdp_window_case_check_floats(&r->c, NAME("logp_step"), MDP_H5_2D(r->n_steps, run->n_rows), run->returns,
                                         MDP_BOUND_PLAN_RETURN));
#undef NAME
out:
    return err;
}

static mdp_err verify_other(struct run *run, const char *name, const float *obs, const float *draws) {
    struct mdp_diffuser_case *r = run->r;
    char group[MDP_H5_NAME_MAX + 16];
    const struct mdp_solver *other;
    double weight;
    mdp_err err;
    snprintf(group, sizeof group, "sample_extra/%s", name);
    MDP_TRY(mdp_window_case_solver(&r->c, name, &other, &weight));
    MDP_TRY(mdp_window_diffusion_solve(&r->diffusion, other));
    MDP_TRY(run_chain(run, obs, draws, weight));
    MDP_TRY(check_run(run, group, 0));
out:
    return err;
}

static mdp_err verify_others(struct run *run, const float *obs) {
    struct mdp_diffuser_case *r = run->r;
    struct mdp_h5_child *children = NULL;
    float *draws = NULL;
    int n;
    mdp_err err;
    if (!mdp_window_case_has(&r->c, "sample_extra")) return MDP_OK;
    MDP_TRY(mdp_golden_read(&r->c.golden, "in_sample/noise_extra",
                            MDP_H5_4D(r->n_steps + 1, run->n_rows, r->sizes.horizon, r->sizes.n_obs + r->sizes.n_act),
                            &draws));
    MDP_TRY(mdp_h5_list(r->c.golden.file, "f64/sample_extra", &children, &n));
    for (int i = 0; i < n; i++) MDP_TRY(verify_other(run, children[i].name, obs, draws));
    MDP_TRY(mdp_window_diffusion_solve(&r->diffusion, r->solver));
out:
    free(children);
    free(draws);
    return err;
}

mdp_err mdp_verify_diffuser_plans(struct mdp_diffuser_case *r) {
    struct run run = {0};
    float *obs = NULL, *draws = NULL;
    mdp_err err;
    int n_draws = mdp_solver_draws(r->solver, r->n_steps), n_step = r->sizes.n_obs + r->sizes.n_act;
    MDP_TRY(run_alloc(&run, r));
    MDP_TRY(mdp_golden_read(&r->c.golden, "in_sample/env_obs", MDP_H5_2D(r->n_states, r->sizes.n_obs), &obs));
    MDP_TRY(mdp_golden_read(&r->c.golden, "in_sample/noise", MDP_H5_4D(n_draws, run.n_rows, r->sizes.horizon, n_step),
                            &draws));
    MDP_TRY(run_chain(&run, obs, draws, r->weight));
    MDP_TRY(check_run(&run, "sample", 1));
    MDP_TRY(verify_others(&run, obs));
out:
    run_free(&run);
    free(obs);
    free(draws);
    return err;
}
