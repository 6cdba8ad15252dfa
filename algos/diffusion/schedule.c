#include "algos/diffusion/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double half_pi = 1.57079632679489661923;
static const double time_first = 1e-3, time_last = 1.0;

/* beyond this the cosine would all but vanish, and with it the signal */
static const double time_clip = 0.9946, offset = 0.008;

mdp_err mdp_schedule_build(struct mdp_schedule *schedule, int n_times) {
    if (n_times < 2 || n_times > MDP_SCHEDULE_MAX)
        return mdp_fail(MDP_E_USAGE, "noise schedule: expected 2 to %d denoising times, found %d", MDP_SCHEDULE_MAX,
                        n_times);
    memset(schedule, 0, sizeof *schedule);
    schedule->n_times = n_times;
    for (int i = 0; i < n_times; i++) {
        double t = time_first + (time_last - time_first) * i / (n_times - 1);
        double clipped = t < time_clip ? t : time_clip;
        double alpha = cos(half_pi * (clipped + offset) / (1 + offset)) / cos(half_pi * offset / (1 + offset));
        schedule->time[i] = t;
        schedule->alpha[i] = alpha;
        schedule->sigma[i] = sqrt(1 - alpha * alpha);
        schedule->log_snr[i] = log(schedule->alpha[i] / schedule->sigma[i]);
    }
    return MDP_OK;
}

/* what a ddpm step from element i to i - 1 needs; other solvers use h */
static void derive(struct mdp_visits *v, int i) {
    double ratio = v->alpha[i] / v->alpha[i - 1];
    v->h[i] = v->log_snr[i - 1] - v->log_snr[i];
    v->std[i] = v->sigma[i - 1] / v->sigma[i] * sqrt(1 - ratio * ratio);
    v->eps_coef[i] = sqrt(v->sigma[i - 1] * v->sigma[i - 1] - v->std[i] * v->std[i] + 1e-8);
}

mdp_err mdp_visits_build_from(struct mdp_visits *visits, const struct mdp_schedule *schedule, int n_steps,
                              const int *index) {
    if (n_steps < 1 || n_steps > MDP_SCHEDULE_MAX)
        return mdp_fail(MDP_E_USAGE, "sampler: expected 1 to %d steps, found %d", MDP_SCHEDULE_MAX, n_steps);
    memset(visits, 0, sizeof *visits);
    visits->n_steps = n_steps;
    for (int i = 0; i <= n_steps; i++) {
        int k = index[i];
        if (k < 0 || k >= schedule->n_times || (i > 0 && k < index[i - 1]))
            return mdp_fail(MDP_E_USAGE, "sampler: index %d: expected ascending values from 0 to %d, found %d", i,
                            schedule->n_times - 1, k);
        visits->index[i] = k;
        visits->alpha[i] = schedule->alpha[k];
        visits->sigma[i] = schedule->sigma[k];
        visits->log_snr[i] = schedule->log_snr[k];
        if (i > 0) derive(visits, i);
    }
    return MDP_OK;
}

mdp_err mdp_visits_build(struct mdp_visits *visits, const struct mdp_schedule *schedule, int n_steps) {
    int index[MDP_SCHEDULE_MAX + 1] = {0};
    for (int i = 0; i <= n_steps && i <= MDP_SCHEDULE_MAX; i++)
        index[i] = n_steps > 0 ? (int)((long)i * (schedule->n_times - 1) / n_steps) : 0;
    return mdp_visits_build_from(visits, schedule, n_steps, index);
}

/* (A'/A) (x - Sg eps) = A' x0, so the row needs no division by a small A */
static void fill_ddpm(const struct mdp_visits *v, int i, struct mdp_solver_row *row) {
    row->x0 = v->alpha[i - 1];
    row->eps = v->eps_coef[i];
    row->noise = i > 1 ? v->std[i] : 0.0;
}

static const struct mdp_solver solvers[] = {
    {"ddpm", fill_ddpm, 1},
};

mdp_err mdp_solver_find(const char *name, const struct mdp_solver **out) {
    char known[256] = "";
    for (unsigned long i = 0; i < sizeof solvers / sizeof *solvers; i++) {
        if (strcmp(solvers[i].name, name) == 0) {
            *out = &solvers[i];
            return MDP_OK;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", solvers[i].name);
    }
    return mdp_fail(MDP_E_USAGE, "solver: expected one of %s, found '%s'", known, name);
}

int mdp_solver_draws(const struct mdp_solver *solver, int n_steps) { return solver->is_stochastic ? n_steps : 1; }
