/* the cosine noise schedule, at given indices or at any time, and what a solver makes of it: one row of coefficients
 * per reverse step.
 *
 * everything here is computed once, in double. Source: SPEC sections 2 and 4; golden/schedule.h5. */
#ifndef MDP_ALGOS_DIFFUSION_SCHEDULE_H
#define MDP_ALGOS_DIFFUSION_SCHEDULE_H

#include "base/names.h"

enum { MDP_SCHEDULE_MAX = 256 };

/* the forward process at n_times denoising times */
struct mdp_schedule {
    int n_times;                      /* T */
    int is_continuous;                /* training takes any time of the range; the listed ones are those of sampling */
    double time[MDP_SCHEDULE_MAX];    /* in [1e-3, 1] */
    double alpha[MDP_SCHEDULE_MAX];   /* signal scale */
    double sigma[MDP_SCHEDULE_MAX];   /* noise scale, alpha^2 + sigma^2 = 1 */
    double log_snr[MDP_SCHEDULE_MAX]; /* log(alpha / sigma) */
};

/* the times a sampler visits; step i (from n_steps down to 1) goes from element i to element i - 1 */
struct mdp_visits {
    int n_steps; /* S */
    int index[MDP_SCHEDULE_MAX + 1];
    double alpha[MDP_SCHEDULE_MAX + 1], sigma[MDP_SCHEDULE_MAX + 1], log_snr[MDP_SCHEDULE_MAX + 1];
    double h[MDP_SCHEDULE_MAX + 1];        /* log_snr[i-1] - log_snr[i], element 0 unused */
    double std[MDP_SCHEDULE_MAX + 1];      /* of the noise a ddpm step adds, element 0 unused */
    double eps_coef[MDP_SCHEDULE_MAX + 1]; /* of eps in a ddpm step, element 0 unused */
};

/* one reverse step: next = x0 * x0_hat + previous * (x0_hat of the step before) + eps * eps_hat + noise * N(0, 1) */
struct mdp_solver_row {
    double x0, previous, eps, noise;
};

/* which steps draw noise, besides the start */
enum mdp_solver_noise { MDP_NOISE_START, MDP_NOISE_BUT_LAST, MDP_NOISE_ALL };

/* a solver: how the rows follow from the visits */
struct mdp_solver {
    const char *name;
    void (*fill)(const struct mdp_visits *visits, int i, struct mdp_solver_row *row);
    enum mdp_solver_noise noise;
    int is_multistep; /* from the second step on, x0_hat of the step before is used, too */
};

/** Fills the cosine schedule. Range: 2 <= n_times <= MDP_SCHEDULE_MAX. Errors: USAGE. */
mdp_err mdp_schedule_build(struct mdp_schedule *schedule, int n_times);

/** Fills the listed times of a continuous schedule, 1e-3 + 0.9936 (i / S)^1.5 for i = 0..S, n_times being S + 1. Range:
 * 1 <= n_steps < MDP_SCHEDULE_MAX. Errors: USAGE. Source: SPEC-energy section 2. */
mdp_err mdp_schedule_build_continuous(struct mdp_schedule *schedule, int n_steps);

/** Returns the time of a share u of the continuous range, 1e-3 to 0.9946. Range: u in [0, 1]. */
double mdp_schedule_time(double u);

/** Returns the time of the continuous range whose signal scale is nearest to alpha: the way back from
 * mdp_schedule_scales. Range: alpha in [0, 1]. */
double mdp_schedule_time_of(double alpha);

/** Computes the signal and noise scales of a time. */
void mdp_schedule_scales(double time, double *alpha, double *sigma);

/** Picks index floor(i (T-1) / S) for i = 0..S and derives the step quantities. Range: 1 <= n_steps <=
 * MDP_SCHEDULE_MAX. Errors: USAGE. */
mdp_err mdp_visits_build(struct mdp_visits *visits, const struct mdp_schedule *schedule, int n_steps);

/** Derives the step quantities for n_steps + 1 given indices. Errors: USAGE if one is outside the schedule. */
mdp_err mdp_visits_build_from(struct mdp_visits *visits, const struct mdp_schedule *schedule, int n_steps,
                              const int *index);

/** Computes the signal and noise scales of a time in [0, 1] by the linear schedule between two rates of noise.
 * Source: SPEC-trajectory section 4.4. */
void mdp_schedule_linear(double rate_0, double rate_1, double time, double *alpha, double *sigma);

/** Derives the step quantities for n_steps + 1 given scales, of which no indices are known. Shapes: alpha, sigma
 * [n_steps + 1]. Errors: USAGE. */
mdp_err mdp_visits_build_scales(struct mdp_visits *visits, int n_steps, const double *alpha, const double *sigma);

/** Finds a solver by name. Errors: USAGE, listing the names. */
mdp_err mdp_solver_find(const char *name, const struct mdp_solver **out);

/** Returns solver i of the list, NULL behind the last. */
const struct mdp_solver *mdp_solver_at(int i);

/** Lists the names of all solvers. */
const struct mdp_names *mdp_solver_names(void);

/** Fills the rows of steps 1 to n_steps. Shapes: rows [n_steps + 1]. Errors: USAGE if a multistep solver would have to
 * extrapolate from a step between equal times. */
mdp_err mdp_solver_fill(const struct mdp_solver *solver, const struct mdp_visits *visits, struct mdp_solver_row *rows);

/* what one step turns a prediction into, and from which scales */
struct mdp_solver_move {
    struct mdp_solver_row row;
    double alpha, sigma; /* at its start */
    int is_noise;        /* predictions are of noise, not of what is clean */
    double low, high;    /* between which the predicted clean value is clipped; infinite for none */
};

/* one solver step's arrays, [n] each; noise, previous, inside and clean may be NULL */
struct mdp_solver_io {
    const float *x, *prediction, *noise;
    const float *previous; /* the clean action that the step before predicted; for multistep solvers */
    float *inside;         /* out: 1 where the prediction was not clipped */
    float *clean;          /* out: the clean action that this step predicts */
    float *next;           /* out */
};

/** Takes one step on n numbers; next may be x. */
void mdp_solver_move(const struct mdp_solver_move *move, long n, const struct mdp_solver_io *io);

/** Tells whether step i of n_steps draws noise. */
int mdp_solver_draws_at(const struct mdp_solver *solver, int i);

/** Returns the number of Gaussian draws per element that a solver uses in n_steps steps. */
int mdp_solver_draws(const struct mdp_solver *solver, int n_steps);

#endif
