#include "bench/verify/units.h"

#include <math.h>
#include <stdlib.h>

#include "algos/nn/kernel.h"
#include "bench/verify/golden.h"
#include "results/h5/file.h"
#include "results/h5/read.h"

/* ---- element-wise functions ---- */

static mdp_err verify_mish(struct mdp_golden *g) {
    mdp_err err = MDP_OK;
    struct mdp_h5_shape shape;
    float *x = NULL, *y = NULL, *bias = NULL, *slope = NULL;
    MDP_TRY(mdp_h5_expect(g->file, "x", MDP_H5_1D(-1)));
    MDP_TRY(mdp_h5_shape(g->file, "x", &shape));
    unsigned long n = (unsigned long)shape.extent[0];
    MDP_TRY(mdp_golden_read(g, "x", &shape, &x));
    MDP_TRY(mdp_calloc(&y, n, sizeof *y, "mish"));
    MDP_TRY(mdp_calloc(&bias, n, sizeof *bias, "mish"));
    MDP_TRY(mdp_calloc(&slope, n, sizeof *slope, "mish"));
    mdp_kernel_best()->rows.activate(MDP_ACT_MISH, 1, (int)n, bias, x, slope, y);
    MDP_TRY(mdp_golden_check(g, "mish", &shape, y, MDP_BOUND_OUTPUT_SMALL));
    MDP_TRY(mdp_golden_check(g, "mish_grad", &shape, slope, MDP_BOUND_OUTPUT_SMALL));
out:
    free(x);
    free(y);
    free(bias);
    free(slope);
    return err;
}

/* runs the row functions of the best kernel of this machine, since these are the ones that train */
static mdp_err verify_norm(struct mdp_golden *g) {
    mdp_err err = MDP_OK;
    struct mdp_h5_shape shape;
    float *x = NULL, *w = NULL, *b = NULL, *dy = NULL, *work = NULL;
    MDP_TRY(mdp_h5_expect(g->file, "f32/layernorm/x", MDP_H5_2D(-1, -1)));
    MDP_TRY(mdp_h5_shape(g->file, "f32/layernorm/x", &shape));
    long m = shape.extent[0], n = shape.extent[1];
    MDP_TRY(mdp_golden_read(g, "f32/layernorm/x", &shape, &x));
    MDP_TRY(mdp_golden_read(g, "f32/layernorm/g", &shape, &dy));
    MDP_TRY(mdp_golden_read(g, "f32/layernorm/w", MDP_H5_1D(n), &w));
    MDP_TRY(mdp_golden_read(g, "f32/layernorm/b", MDP_H5_1D(n), &b));
    MDP_TRY(mdp_calloc(&work, (unsigned long)(4 * m * n + m + 2 * n), sizeof *work, "layer norm"));
    float *y = work, *xhat = y + m * n, *dx = xhat + m * n, *zero = dx + m * n, *dw = zero + m * n, *db = dw + n;
    const struct mdp_rows *rows = &mdp_kernel_best()->rows;
    const struct mdp_row_norm norm = {w, b, xhat, db + n};
    const struct mdp_row_mask all = {NULL, 1.0f};
    rows->branch((int)m, (int)n, x, all, &norm, y);
    rows->branch_back((int)m, (int)n, dy, zero, all, &norm, dx, dx);
    rows->add_norm((int)m, (int)n, dy, xhat, dw, db);
    MDP_TRY(mdp_golden_check(g, "layernorm/y", &shape, y, MDP_BOUND_OUTPUT_SMALL));
    MDP_TRY(mdp_golden_check(g, "layernorm/dx", &shape, dx, MDP_BOUND_GRADIENT));
    MDP_TRY(mdp_golden_check(g, "layernorm/dw", MDP_H5_1D(n), dw, MDP_BOUND_GRADIENT));
    MDP_TRY(mdp_golden_check(g, "layernorm/db", MDP_H5_1D(n), db, MDP_BOUND_GRADIENT));
out:
    free(x);
    free(w);
    free(b);
    free(dy);
    free(work);
    return err;
}

/* ---- optimisers ---- */

/* runs the stored gradients from `start` and compares with one precision's data */
static mdp_err compare_run(struct mdp_golden *g, struct mdp_quantity *quantity, int precision, double decay,
                           const struct mdp_h5_shape *shape, const double *start, float *grads) {
    mdp_err err = MDP_OK;
    struct mdp_adam adam = {0};
    float *params = NULL;
    double *got = NULL, *want = NULL;
    long n_steps = shape->extent[0], n = shape->extent[1];
    char path[MDP_H5_NAME_MAX];
    snprintf(path, sizeof path, "%s/optim/%s", precision == 0 ? "f32" : "f64", decay > 0 ? "adamw" : "adam");
    MDP_TRY(mdp_adam_alloc(&adam, n, decay));
    MDP_TRY(mdp_calloc(&params, (unsigned long)n, sizeof *params, "parameters"));
    MDP_TRY(mdp_calloc(&got, (unsigned long)(n * n_steps), sizeof *got, "parameters"));
    MDP_TRY(mdp_h5_read_new(g->file, path, MDP_H5_F64, shape, NULL, &want));
    for (long j = 0; j < n; j++) params[j] = (float)start[j];
    for (long k = 0; k < n_steps; k++) {
        float *grad = grads + k * n;
        mdp_adam_step(&adam, params, &grad, 1, 3e-4, 1);
        for (long j = 0; j < n; j++) got[k * n + j] = params[j];
    }
    mdp_quantity_compare(quantity, precision, path, n * n_steps, got, want, MDP_BOUND_PARAM);
out:
    mdp_adam_free(&adam);
    free(params);
    free(got);
    free(want);
    return err;
}

/* the float32 adamw data may go on from where its adam run ended instead of from w0; its first row tells which */
static const double *adamw_start(const double *w0, const double *adam_end, const double *first, long n) {
    double from_w0 = 0, from_end = 0;
    for (long j = 0; j < n; j++) {
        from_w0 += fabs(first[j] - w0[j]);
        from_end += fabs(first[j] - adam_end[j]);
    }
    return from_w0 <= from_end ? w0 : adam_end;
}

/* the stored gradients are the same for Adam and AdamW; the file's start of AdamW in float32 has to be found out */
static mdp_err verify_optimisers(struct mdp_golden *g) {
    mdp_err err = MDP_OK;
    struct mdp_h5_shape shape;
    struct mdp_quantity quantity;
    float *grads = NULL;
    double *w0 = NULL, *adam = NULL, *adamw = NULL;
    MDP_TRY(mdp_h5_expect(g->file, "f32/optim/grads", MDP_H5_2D(-1, -1)));
    MDP_TRY(mdp_h5_shape(g->file, "f32/optim/grads", &shape));
    long n = shape.extent[1], last = (shape.extent[0] - 1) * n;
    MDP_TRY(mdp_golden_read(g, "f32/optim/grads", &shape, &grads));
    MDP_TRY(mdp_h5_read_new(g->file, "f32/optim/w0", MDP_H5_F64, MDP_H5_1D(n), NULL, &w0));
    MDP_TRY(mdp_h5_read_new(g->file, "f32/optim/adam", MDP_H5_F64, &shape, NULL, &adam));
    MDP_TRY(mdp_h5_read_new(g->file, "f32/optim/adamw", MDP_H5_F64, &shape, NULL, &adamw));
    mdp_quantity_start(&quantity, "optim/adam");
    MDP_TRY(compare_run(g, &quantity, 0, 0.0, &shape, w0, grads));
    MDP_TRY(compare_run(g, &quantity, 1, 0.0, &shape, w0, grads));
    mdp_verify_report_quantity(g->report, g->path, &quantity);
    mdp_quantity_start(&quantity, "optim/adamw");
    MDP_TRY(compare_run(g, &quantity, 0, 0.01, &shape, adamw_start(w0, adam + last, adamw, n), grads));
    MDP_TRY(compare_run(g, &quantity, 1, 0.01, &shape, w0, grads));
    mdp_verify_report_quantity(g->report, g->path, &quantity);
out:
    free(grads);
    free(w0);
    free(adam);
    free(adamw);
    return err;
}

/* ---- one clipped ddpm step ---- */

/* an all-ones gradient of the result gives the derivatives that the file stores */
static mdp_err verify_ddpm_step(struct mdp_golden *g, const struct mdp_diffusion *diffusion, int i) {
    mdp_err err = MDP_OK;
    struct mdp_h5_shape shape;
    char name[64], eps[64];
    float *x = NULL, *p = NULL, *work = NULL;
    snprintf(name, sizeof name, "f32/ddpm_step/i%d/xt", i);
    snprintf(eps, sizeof eps, "f32/ddpm_step/i%d/eps", i);
    MDP_TRY(mdp_h5_expect(g->file, name, MDP_H5_1D(-1)));
    MDP_TRY(mdp_h5_shape(g->file, name, &shape));
    MDP_TRY(mdp_golden_read(g, name, &shape, &x));
    MDP_TRY(mdp_golden_read(g, eps, &shape, &p));
    long n = shape.extent[0];
    MDP_TRY(mdp_calloc(&work, (unsigned long)(5 * n), sizeof *work, "ddpm step"));
    float *next = work, *inside = next + n, *one = inside + n, *d_p = one + n, *d_x = d_p + n;
    for (long j = 0; j < n; j++) one[j] = 1.0f;
    const struct mdp_solver_io io = {.x = x, .prediction = p, .inside = inside, .next = next};
    mdp_solver_step(diffusion, i, n, &io);
    mdp_solver_step_backward(diffusion, i, n, inside, one, NULL, d_p, d_x);
    snprintf(name, sizeof name, "ddpm_step/i%d/mean_next", i);
    MDP_TRY(mdp_golden_check(g, name, &shape, next, MDP_BOUND_ACTION_SMALL));
    snprintf(name, sizeof name, "ddpm_step/i%d/d_xt", i);
    MDP_TRY(mdp_golden_check(g, name, &shape, d_x, MDP_BOUND_GRADIENT));
    snprintf(name, sizeof name, "ddpm_step/i%d/d_eps", i);
    MDP_TRY(mdp_golden_check(g, name, &shape, d_p, MDP_BOUND_GRADIENT));
out:
    free(x);
    free(p);
    free(work);
    return err;
}

mdp_err mdp_verify_units(struct mdp_verify_report *report, const char *path) {
    mdp_err err = MDP_OK;
    struct mdp_golden g = {.path = path, .report = report};
    struct mdp_diffusion_config config;
    struct mdp_diffusion *diffusion = NULL;
    mdp_diffusion_defaults(&config, 1, 1);
    MDP_TRY(mdp_diffusion_new(&config, 0, &diffusion));
    MDP_TRY(mdp_h5_open(path, &g.file));
    MDP_TRY(verify_mish(&g));
    MDP_TRY(verify_norm(&g));
    MDP_TRY(verify_optimisers(&g));
    for (int i = 1; i <= config.n_steps; i++) MDP_TRY(verify_ddpm_step(&g, diffusion, i));
out:
    mdp_diffusion_free(diffusion);
    mdp_golden_close(&g);
    return err;
}
