#include "algos/diffusion/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double half_pi = 1.57079632679489661923;
static const double time_first = 1e-3, time_last = 1.0;

/* beyond this the cosine would all but vanish, and with it the signal */
static const double time_clip = 0.9946, offset = 0.008;

void mdp_schedule_scales(double time, double *alpha, double *sigma) {
    double clipped = time < time_clip ? time : time_clip;
    *alpha = cos(half_pi * (clipped + offset) / (1 + offset)) / cos(half_pi * offset / (1 + offset));
    *sigma = sqrt(1 - *alpha * *alpha);
}

double mdp_schedule_time(double u) { return time_first + (time_clip - time_first) * u; }

double mdp_schedule_time_of(double alpha) {
    double cosine = alpha * cos(half_pi * offset / (1 + offset));
    double time = acos(cosine < 1 ? cosine : 1) / half_pi * (1 + offset) - offset;
    return time < time_first ? time_first : time > time_clip ? time_clip : time;
}

static void set_time(struct mdp_schedule *schedule, int i, double time) {
    schedule->time[i] = time;
    mdp_schedule_scales(time, &schedule->alpha[i], &schedule->sigma[i]);
    schedule->log_snr[i] = log(schedule->alpha[i] / schedule->sigma[i]);
}

mdp_err mdp_schedule_build(struct mdp_schedule *schedule, int n_times) {
    if (n_times < 2 || n_times > MDP_SCHEDULE_MAX)
        return mdp_fail(MDP_E_USAGE, "noise schedule: expected 2 to %d denoising times, found %d", MDP_SCHEDULE_MAX,
                        n_times);
    memset(schedule, 0, sizeof *schedule);
    schedule->n_times = n_times;
    for (int i = 0; i < n_times; i++) set_time(schedule, i, time_first + (time_last - time_first) * i / (n_times - 1));
    return MDP_OK;
}

mdp_err mdp_schedule_build_continuous(struct mdp_schedule *schedule, int n_steps) {
    if (n_steps < 1 || n_steps >= MDP_SCHEDULE_MAX)
        return mdp_fail(MDP_E_USAGE, "continuous noise schedule: expected 1 to %d steps, found %d",
                        MDP_SCHEDULE_MAX - 1, n_steps);
    memset(schedule, 0, sizeof *schedule);
    schedule->is_continuous = 1;
    schedule->n_times = n_steps + 1;
    for (int i = 0; i <= n_steps; i++) set_time(schedule, i, mdp_schedule_time(pow((double)i / n_steps, 1.5)));
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

void mdp_schedule_linear(double rate_0, double rate_1, double time, double *alpha, double *sigma) {
    *alpha = exp(-(rate_1 - rate_0) / 4 * time * time - rate_0 / 2 * time);
    *sigma = sqrt(1 - *alpha * *alpha);
}

mdp_err mdp_visits_build_scales(struct mdp_visits *visits, int n_steps, const double *alpha, const double *sigma) {
    if (n_steps < 1 || n_steps > MDP_SCHEDULE_MAX)
        return mdp_fail(MDP_E_USAGE, "sampler: expected 1 to %d steps, found %d", MDP_SCHEDULE_MAX, n_steps);
    memset(visits, 0, sizeof *visits);
    visits->n_steps = n_steps;
    for (int i = 0; i <= n_steps; i++) {
        visits->alpha[i] = alpha[i];
        visits->sigma[i] = sigma[i];
        visits->log_snr[i] = log(alpha[i] / sigma[i]);
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

/* the solvers of SPEC 4.4 with x = A x0 + Sg eps put in, so that no row divides by a small A. with A'/A and Sg'/Sg the
 * ratios of a step, exp(h) = (A'/A) (Sg/Sg') */

/* (A'/A) (x - Sg eps) = A' x0 */
static void fill_ddpm(const struct mdp_visits *v, int i, struct mdp_solver_row *row) {
    *row = (struct mdp_solver_row){.x0 = v->alpha[i - 1], .eps = v->eps_coef[i], .noise = i > 1 ? v->std[i] : 0.0};
}

/* also both first-order ode solvers: (A'/A) Sg - Sg' expm1(h) = Sg', and (Sg'/Sg) A - A' expm1(-h) = A' */
static void fill_ddim(const struct mdp_visits *v, int i, struct mdp_solver_row *row) {
    *row = (struct mdp_solver_row){.x0 = v->alpha[i - 1], .eps = v->sigma[i - 1]};
}

/* what a multistep solver adds to x0_hat: half of h_i / h_{i+1} times its change since the step before */
static void extrapolate(const struct mdp_visits *v, int i, double weight, struct mdp_solver_row *row) {
    double share = i < v->n_steps ? weight * v->h[i] / (2 * v->h[i + 1]) : 0.0;
    row->x0 += share;
    row->previous = -share;
}

static void fill_ode_2m(const struct mdp_visits *v, int i, struct mdp_solver_row *row) {
    fill_ddim(v, i, row);
    extrapolate(v, i, -v->alpha[i - 1] * expm1(-v->h[i]), row);
}

/* (A'/A) Sg - 2 Sg' expm1(h) = Sg' (1 - expm1(h)) */
static void fill_sde_1(const struct mdp_visits *v, int i, struct mdp_solver_row *row) {
    *row = (struct mdp_solver_row){.x0 = v->alpha[i - 1],
                                   .eps = v->sigma[i - 1] * (1 - expm1(v->h[i])),
                                   .noise = v->sigma[i - 1] * sqrt(expm1(2 * v->h[i]))};
}

/* (Sg'/Sg) exp(-h) A - A' expm1(-2h) = A' */
static void fill_sde_pp_1(const struct mdp_visits *v, int i, struct mdp_solver_row *row) {
    *row = (struct mdp_solver_row){.x0 = v->alpha[i - 1],
                                   .eps = v->sigma[i - 1] * exp(-v->h[i]),
                                   .noise = v->sigma[i - 1] * sqrt(-expm1(-2 * v->h[i]))};
}

static void fill_sde_2m(const struct mdp_visits *v, int i, struct mdp_solver_row *row) {
    fill_sde_pp_1(v, i, row);
    extrapolate(v, i, -v->alpha[i - 1] * expm1(-2 * v->h[i]), row);
}

static const struct mdp_solver solvers[] = {
    {"ddpm", fill_ddpm, MDP_NOISE_BUT_LAST, 0},
    {"ddim", fill_ddim, MDP_NOISE_START, 0},
    {"ode_dpmsolver_1", fill_ddim, MDP_NOISE_START, 0},
    {"ode_dpmsolver++_1", fill_ddim, MDP_NOISE_START, 0},
    {"ode_dpmsolver++_2M", fill_ode_2m, MDP_NOISE_START, 1},
    {"sde_dpmsolver_1", fill_sde_1, MDP_NOISE_ALL, 0},
    {"sde_dpmsolver++_1", fill_sde_pp_1, MDP_NOISE_ALL, 0},
    {"sde_dpmsolver++_2M", fill_sde_2m, MDP_NOISE_ALL, 1},
};
enum { N_SOLVERS = sizeof solvers / sizeof *solvers };

const struct mdp_solver *mdp_solver_at(int i) { return i >= 0 && i < N_SOLVERS ? &solvers[i] : NULL; }

mdp_err mdp_solver_fill(const struct mdp_solver *solver, const struct mdp_visits *visits, struct mdp_solver_row *rows) {
    for (int i = 1; i <= visits->n_steps; i++) {
        if (solver->is_multistep && i > 1 && !(visits->h[i] > 0))
            return mdp_fail(MDP_E_USAGE,
                            "solver %s: step %d: expected different times, found %d twice; fewer steps or a solver "
                            "without memory have none",
                            solver->name, i, visits->index[i]);
        solver->fill(visits, i, &rows[i]);
    }
    return MDP_OK;
}

const struct mdp_names *mdp_solver_names(void) {
    static const struct mdp_names names = MDP_NAMES(solvers, name);
    return &names;
}

mdp_err mdp_solver_find(const char *name, const struct mdp_solver **out) {
    int i;
    mdp_err err = mdp_names_find(mdp_solver_names(), "solver", name, &i);
    if (err == MDP_OK) *out = &solvers[i];
    return err;
}

/* clipping x0 is clipping eps to its x-dependent bounds, without the division of a small difference by a small sigma.
 * double costs nothing here and keeps the first step's division by a small alpha from adding an error of its own */
void mdp_solver_move(const struct mdp_solver_move *move, long n, const struct mdp_solver_io *io) {
    const struct mdp_solver_row row = move->row;
    double alpha = move->alpha, sigma = move->sigma, low = move->low, high = move->high;
    double from_x = move->is_noise ? 1 / alpha : 0, from_p = move->is_noise ? -sigma / alpha : 1;
    for (long j = 0; j < n; j++) {
        double x = io->x[j], raw = from_x * x + from_p * (double)io->prediction[j];
        double x0 = raw < low ? low : raw > high ? high : raw;
        double eps = (x - alpha * x0) / sigma;
        double added = io->noise != NULL ? row.noise * (double)io->noise[j] : 0.0;
        if (io->previous != NULL) added += row.previous * (double)io->previous[j];
        io->next[j] = (float)(row.x0 * x0 + row.eps * eps + added);
        if (io->inside != NULL) io->inside[j] = raw == x0 ? 1.0f : 0.0f;
        if (io->clean != NULL) io->clean[j] = (float)x0;
    }
}

int mdp_solver_draws_at(const struct mdp_solver *solver, int i) {
    return solver->noise == MDP_NOISE_ALL || (solver->noise == MDP_NOISE_BUT_LAST && i > 1);
}

int mdp_solver_draws(const struct mdp_solver *solver, int n_steps) {
    int n = 1;
    for (int i = 1; i <= n_steps; i++) n += mdp_solver_draws_at(solver, i);
    return n;
}
