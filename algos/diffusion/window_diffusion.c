#include "algos/diffusion/window_diffusion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

static mdp_err build_net(struct mdp_window_diffusion *d) {
    mdp_err err;
    if (d->config.kind == MDP_WINDOW_UNET) {
        const struct mdp_window_sizes *s = &d->config.unet;
        d->graph = &d->unet.graph;
        err = mdp_window_net_build(&d->unet, s);
        d->x = d->unet.x;
        d->out = d->unet.out;
        d->n = s->horizon * (s->n_obs + s->n_act);
        d->n_known = s->n_obs;
        d->n_emphasis = s->n_act;
    } else {
        const struct mdp_transformer_sizes *s = &d->config.transformer;
        d->graph = &d->transformer.graph;
        err = mdp_window_transformer_build(&d->transformer, s);
        d->x = d->transformer.x;
        d->out = d->transformer.out;
        d->n = s->horizon * s->n_obs;
        d->n_known = d->n_emphasis = s->n_obs;
    }
    return err;
}

/* real times are evenly apart from 1e-3 to 1, whole ones as mdp_visits_build picks them */
static mdp_err build_times(struct mdp_window_diffusion *d) {
    double alpha[MDP_SCHEDULE_MAX + 1], sigma[MDP_SCHEDULE_MAX + 1];
    int n = d->config.n_steps;
    mdp_err err;
    if (n < 1 || n > MDP_SCHEDULE_MAX)
        return mdp_fail(MDP_E_USAGE, "sampler: expected 1 to %d steps, found %d", MDP_SCHEDULE_MAX, n);
    if (d->config.kind == MDP_WINDOW_UNET) {
        MDP_TRY(mdp_schedule_build(&d->schedule, d->config.n_times));
        MDP_TRY(mdp_visits_build(&d->visits, &d->schedule, n));
        for (int i = 0; i <= n; i++) d->times[i] = d->visits.index[i];
    } else {
        for (int i = 0; i <= n; i++) {
            d->times[i] = 1e-3 + 0.999 * i / n;
            mdp_schedule_linear(d->config.rates[0], d->config.rates[1], d->times[i], &alpha[i], &sigma[i]);
        }
        MDP_TRY(mdp_visits_build_scales(&d->visits, n, alpha, sigma));
    }
out:
    return err;
}

mdp_err mdp_window_diffusion_solve(struct mdp_window_diffusion *diffusion, const struct mdp_solver *solver) {
    diffusion->config.solver = solver;
    return mdp_solver_fill(solver, &diffusion->visits, diffusion->rows);
}

mdp_err mdp_window_diffusion_alloc(struct mdp_window_diffusion *diffusion, const struct mdp_window_config *config) {
    mdp_err err;
    *diffusion = (struct mdp_window_diffusion){.config = *config};
    MDP_TRY(build_net(diffusion));
    MDP_TRY(build_times(diffusion));
    MDP_TRY(mdp_window_diffusion_solve(diffusion, config->solver));
    const struct mdp_trained_config trained = {
        .value = diffusion->out, .decay = config->decay, .average_keep = config->average_keep};
    MDP_TRY(mdp_trained_alloc(&diffusion->trained, diffusion->graph, &trained));
    if (config->batch > 0) MDP_TRY(mdp_window_diffusion_rows_new(diffusion, config->batch, config->n_threads));
    return MDP_OK;
out:
    mdp_window_diffusion_free(diffusion);
    return err;
}

mdp_err mdp_window_diffusion_rows_new(struct mdp_window_diffusion *diffusion, int batch, int n_threads) {
    mdp_err err;
    free(diffusion->square_sums);
    diffusion->square_sums = NULL;
    diffusion->config.batch = batch;
    MDP_TRY(mdp_trained_rows_new(&diffusion->trained, batch, n_threads));
    MDP_TRY(mdp_calloc(&diffusion->square_sums, (unsigned long)batch, sizeof(double), "training batch"));
out:
    return err;
}

void mdp_window_diffusion_free(struct mdp_window_diffusion *diffusion) {
    free(diffusion->square_sums);
    mdp_trained_free(&diffusion->trained);
    mdp_graph_free(&diffusion->unet.graph);
    mdp_graph_free(&diffusion->transformer.graph);
    memset(diffusion, 0, sizeof *diffusion);
}

/* ---- predicting ---- */

static void scales_at(const struct mdp_window_diffusion *d, double time, double *alpha, double *sigma) {
    if (d->config.kind == MDP_WINDOW_UNET) {
        *alpha = d->schedule.alpha[(int)time];
        *sigma = d->schedule.sigma[(int)time];
    } else {
        mdp_schedule_linear(d->config.rates[0], d->config.rates[1], time, alpha, sigma);
    }
}

void mdp_window_diffusion_noise(const struct mdp_window_diffusion *diffusion, const struct mdp_window_batch *batch,
                                float *out) {
    for (int r = 0; r < batch->n_rows; r++) {
        const float *x0 = batch->x0 + (long)r * diffusion->n, *eps = batch->eps + (long)r * diffusion->n;
        double scales[2];
        scales_at(diffusion, batch->time[r], &scales[0], &scales[1]);
        float alpha = (float)scales[0], sigma = (float)scales[1], *x = out + (long)r * diffusion->n;
        for (int j = 0; j < diffusion->n; j++) x[j] = j < diffusion->n_known ? x0[j] : alpha * x0[j] + sigma * eps[j];
    }
}

/* writes what the network reads of times and returns */
static void set_conditions(const struct mdp_window_diffusion *d, const float *params, int n_rows, const double *time,
                           int is_one_time, const float *wanted, const float *counts, struct mdp_graph_work *work) {
    const struct mdp_window_transformer *net = &d->transformer;
    for (int r = 0; r < n_rows; r++) {
        double t = time[is_one_time ? 0 : r];
        if (d->config.kind == MDP_WINDOW_UNET) {
            int width = d->config.unet.width;
            mdp_window_embed(width, (int)t, mdp_graph_at(work, d->graph, d->unet.embedding) + (long)r * width);
            continue;
        }
        long n_waves = d->graph->values[net->waves].channels;
        mdp_window_transformer_waves(net, params, t, mdp_graph_at(work, d->graph, net->waves) + r * n_waves);
        mdp_graph_at(work, d->graph, net->wanted)[r] = wanted[r];
        mdp_graph_at(work, d->graph, net->counts)[r] = counts[r];
    }
}

const float *mdp_window_diffusion_predict(const struct mdp_window_diffusion *diffusion, const float *params, int n_rows,
                                          const float *x, const double *time, int is_one_time, const float *wanted,
                                          const float *counts, struct mdp_graph_work *work) {
    memcpy(mdp_graph_at(work, diffusion->graph, diffusion->x), x, (size_t)n_rows * (size_t)diffusion->n * sizeof *x);
    set_conditions(diffusion, params, n_rows, time, is_one_time, wanted, counts, work);
    mdp_graph_forward(diffusion->graph, params, n_rows, work);
    return mdp_graph_at(work, diffusion->graph, diffusion->out);
}

/* ---- training ---- */

struct loss {
    struct mdp_window_diffusion *diffusion;
    const struct mdp_window_batch *batch;
    const float *noisy;
};

/* a row's weighted squares and their gradient in a mean over all numbers of the batch, the known ones included */
static double row_loss(const struct mdp_window_diffusion *d, double scale, const float *out, const float *target,
                       float *d_out) {
    double sum = 0;
    for (int j = 0; j < d->n; j++) {
        double weight = j < d->n_known ? 0 : j < d->n_known + d->n_emphasis ? d->config.emphasis : 1;
        double error = (double)out[j] - target[j];
        sum += weight * error * error;
        d_out[j] = (float)(2 * scale * weight * error);
    }
    return sum;
}

static void loss_rows(void *context, int first, int n, struct mdp_graph_work *work, float *d_value) {
    struct loss *loss = context;
    const struct mdp_window_diffusion *d = loss->diffusion;
    const struct mdp_window_batch *batch = loss->batch;
    long start = (long)first * d->n;
    int is_unet = d->config.kind == MDP_WINDOW_UNET;
    const float *target = (is_unet ? batch->x0 : batch->eps) + start;
    const float *out = mdp_window_diffusion_predict(d, d->trained.params, n, loss->noisy + start, batch->time + first,
                                                    0, is_unet ? NULL : batch->wanted + first,
                                                    is_unet ? NULL : batch->counts + first, work);
    double scale = 1 / ((double)batch->n_rows * d->n);
    for (long r = 0; r < n; r++)
        d->square_sums[first + r] = row_loss(d, scale, out + r * d->n, target + r * d->n, d_value + r * d->n);
}

double mdp_window_diffusion_step(struct mdp_window_diffusion *diffusion, const struct mdp_window_batch *batch,
                                 double lr, float *noisy) {
    struct loss loss = {diffusion, batch, noisy};
    double sum = 0;
    mdp_window_diffusion_noise(diffusion, batch, noisy);
    mdp_trained_step(&diffusion->trained, lr, loss_rows, &loss);
    for (int r = 0; r < batch->n_rows; r++) sum += diffusion->square_sums[r];
    return sum / ((double)batch->n_rows * diffusion->n);
}
