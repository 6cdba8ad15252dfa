/* a case of Diffuser on its way through `verify algos`: settings, inputs, both modules. */
#ifndef MDP_BENCH_VERIFY_DIFFUSER_H
#define MDP_BENCH_VERIFY_DIFFUSER_H

#include "algos/diffusion/window_diffusion.h"
#include "algos/guidance/window_guidance.h"
#include "bench/verify/window_case.h"

struct mdp_diffuser_case {
    struct mdp_window_case c;
    struct mdp_window_sizes sizes;
    int n_batch, n_run, n_times, n_steps, n_states, n_candidates, lr_steps;
    double emphasis, lr, keep, keep_value, decay, penalty, temperature, weight;
    const struct mdp_solver *solver;
    struct mdp_window_diffusion diffusion;
    struct mdp_window_guidance guidance;
    float *x0, *eps, *value_eps, *val; /* [n_run, n_batch, ..] */
    int *time, *value_time;
    struct mdp_graph_work denoiser_work, value_work; /* for the rows of forward passes and of sampling */
    float *ones;
};

/** Adds the lines of its plans, with both modules on the initial weights. Errors: DATA, NOMEM. */
mdp_err mdp_verify_diffuser_plans(struct mdp_diffuser_case *r);

#endif
