/* a diffusion module of windows of steps: its network, times, loss and predictions.
 *
 * two kinds: a U-Net of observations and actions that predicts the clean window at whole times, and a transformer of
 * observations alone that predicts noise at real times, on the condition of a return. it knows nothing of values. the
 * first observation of a window is known: no noise is put on it, and it has no loss.
 * Source: SPEC-trajectory sections 1.1, 2, 4.1, 4.4. */
#ifndef MDP_ALGOS_DIFFUSION_WINDOW_DIFFUSION_H
#define MDP_ALGOS_DIFFUSION_WINDOW_DIFFUSION_H

#include "algos/diffusion/schedule.h"
#include "algos/diffusion/window_net.h"
#include "algos/diffusion/window_transformer.h"
#include "algos/nn/trained.h"

enum mdp_window_kind { MDP_WINDOW_UNET, MDP_WINDOW_TRANSFORMER };

struct mdp_window_config {
    enum mdp_window_kind kind;
    struct mdp_window_sizes unet;
    struct mdp_transformer_sizes transformer;
    int n_times, n_steps; /* T, of the U-Net; S */
    double rates[2];      /* of noise, of the transformer's linear schedule */
    const struct mdp_solver *solver;
    double emphasis; /* the loss of the first action, or of the second observation, counts so much more */
    int batch;       /* 0: no step is taken before mdp_window_diffusion_rows_new */
    double decay, average_keep;
    int n_threads;
};

struct mdp_window_diffusion {
    struct mdp_window_config config;
    struct mdp_window_net unet; /* the one of its kind is built */
    struct mdp_window_transformer transformer;
    const struct mdp_graph *graph; /* of it */
    int x, out;                    /* its values */
    int n, n_known, n_emphasis;    /* numbers of a window, of its known observation, and of what counts more behind */
    struct mdp_schedule schedule;
    double times[MDP_SCHEDULE_MAX + 1]; /* of the sampler's visits */
    struct mdp_visits visits;
    struct mdp_solver_row rows[MDP_SCHEDULE_MAX + 1];
    struct mdp_trained trained;
    double *square_sums; /* [batch] of the newest step's rows */
};

/* a batch of windows and what is drawn for them; borrowed */
struct mdp_window_batch {
    int n_rows;
    const float *x0, *eps;        /* [n_rows, n] */
    const double *time;           /* [n_rows] */
    const float *wanted, *counts; /* [n_rows] of a transformer: a return, and 1 or, where it does not count, 0 */
};

/** Makes a module, whose parameters are all zero. Owns: caller, mdp_window_diffusion_free. Errors: USAGE, NOMEM. */
mdp_err mdp_window_diffusion_alloc(struct mdp_window_diffusion *diffusion, const struct mdp_window_config *config);

/** Makes the memory for steps of `batch` rows. Errors: NOMEM, IO, DATA. */
mdp_err mdp_window_diffusion_rows_new(struct mdp_window_diffusion *diffusion, int batch, int n_threads);

/** Frees what it holds. */
void mdp_window_diffusion_free(struct mdp_window_diffusion *diffusion);

/** Makes it sample by another solver. Errors: USAGE. */
mdp_err mdp_window_diffusion_solve(struct mdp_window_diffusion *diffusion, const struct mdp_solver *solver);

/** Puts noise on windows. Shapes: out [n_rows, n]. */
void mdp_window_diffusion_noise(const struct mdp_window_diffusion *diffusion, const struct mdp_window_batch *batch,
                                float *out);

/** Predicts from windows x [n_rows, n], at one time for all or each row's own; returns [n_rows, n], borrowed from
 * work. Shapes: time [1] or [n_rows]; wanted, counts [n_rows]. Nullable: wanted, counts (of a U-Net). */
const float *mdp_window_diffusion_predict(const struct mdp_window_diffusion *diffusion, const float *params, int n_rows,
                                          const float *x, const double *time, int is_one_time, const float *wanted,
                                          const float *counts, struct mdp_graph_work *work);

/** Takes a gradient step of the loss, which it returns. Shapes: noisy [n_rows, n], written. */
double mdp_window_diffusion_step(struct mdp_window_diffusion *diffusion, const struct mdp_window_batch *batch,
                                 double lr, float *noisy);

#endif
