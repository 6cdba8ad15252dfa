/* verify algos, the schedule file: noise levels of every step of the solvers, and the cosine learning rate. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/denoiser.h"
#include "algos/diffusion/schedule.h"
#include "algos/nn/optimizer.h"
#include "bench/verify/golden.h"
#include "bench/verify/units.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

/* compares n values with both precisions, f64 strictly, as one line */
static mdp_err check(struct mdp_golden *g, const char *group, const char *name, long n, const double *got) {
    mdp_err err = MDP_OK;
    struct mdp_quantity quantity;
    char path[MDP_H5_NAME_MAX];
    double *want = NULL;
    mdp_quantity_start(&quantity, "%s/%s", group, name);
    for (int p = 0; p < 2; p++) {
        snprintf(path, sizeof path, "%s/%s/%s", group, p == 0 ? "f32" : "f64", name);
        MDP_TRY(mdp_h5_read_new(g->file, path, MDP_H5_F64, MDP_H5_1D(n), NULL, &want));
        mdp_quantity_compare(&quantity, p, path, n, got, want, p == 0 ? MDP_BOUND_SCHEDULE_F32 : MDP_BOUND_DOUBLE);
        free(want);
        want = NULL;
    }
    mdp_verify_report_quantity(g->report, g->path, &quantity);
out:
    free(want);
    return err;
}

/* the file names its arrays as the public code does */
static mdp_err check_visits(struct mdp_golden *g, const char *group, const char *which, const struct mdp_visits *v) {
    mdp_err err = MDP_OK;
    long n = v->n_steps + 1;
    double index[MDP_SCHEDULE_MAX + 1], expm1_neg_h[MDP_SCHEDULE_MAX + 1];
    for (long i = 0; i < n; i++) {
        index[i] = v->index[i];
        expm1_neg_h[i] = expm1(-v->h[i]);
    }
    const struct {
        const char *name;
        long n;
        const double *got;
    } arrays[] = {{"idx", n, index},
                  {"alphas", n, v->alpha},
                  {"sigmas", n, v->sigma},
                  {"logSNRs", n, v->log_snr},
                  {"hs", n, v->h},
                  {"stds", n, v->std},
                  {"ddpm_eps_coef", n - 1, v->eps_coef + 1},
                  {"dpmpp_expm1_neg_h", n, expm1_neg_h}};
    for (unsigned long i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        char name[96];
        snprintf(name, sizeof name, "%s/%s", which, arrays[i].name);
        MDP_TRY(check(g, group, name, arrays[i].n, arrays[i].got));
    }
out:
    return err;
}

/* the indices of an old library's bug are taken from the file; what follows from them is checked */
static mdp_err check_old_visits(struct mdp_golden *g, const char *group, const struct mdp_schedule *schedule,
                                int n_steps) {
    char path[MDP_H5_NAME_MAX];
    int index[MDP_SCHEDULE_MAX + 1];
    struct mdp_visits visits;
    snprintf(path, sizeof path, "%s/f64/torch113/idx", group);
    if (!mdp_h5_exists(g->file, path)) return MDP_OK;
    mdp_err err = mdp_h5_read(g->file, path, MDP_H5_I32, MDP_H5_1D(n_steps + 1), index);
    if (err != MDP_OK) return err;
    if ((err = mdp_visits_build_from(&visits, schedule, n_steps, index)) != MDP_OK)
        return mdp_fail_context(MDP_E_DATA, "%s: %s", g->path, path);
    return check_visits(g, group, "torch113", &visits);
}

/* checks the arrays posemb_int_<E> for all sizes E in the file; arrays for float times belong to no algorithm */
static mdp_err check_embeddings(struct mdp_golden *g, const char *group, int n_times) {
    mdp_err err = MDP_OK;
    struct mdp_h5_child *children = NULL;
    int n_children, n_emb, end;
    char path[MDP_H5_NAME_MAX];
    float *table = NULL;
    double *wide = NULL;
    snprintf(path, sizeof path, "%s/f64", group);
    MDP_TRY(mdp_h5_list(g->file, path, &children, &n_children));
    for (int i = 0; i < n_children; i++) {
        struct mdp_quantity quantity;
        if (strncmp(children[i].name, "posemb_float_", 13) == 0)
            mdp_verify_report_skip(g->report, g->path, children[i].name, "no algorithm embeds float times");
        if (sscanf(children[i].name, "posemb_int_%d%n", &n_emb, &end) != 1 || children[i].name[end] != 0) continue;
        if (n_emb < 2 || n_emb > 4096 || n_emb % 2 != 0)
            MDP_TRY(
                mdp_fail(MDP_E_DATA, "%s: %s/%s: expected an even size of 2 to 4096", g->path, path, children[i].name));
        MDP_TRY(mdp_calloc(&table, (unsigned long)(n_times * n_emb), sizeof *table, "embeddings"));
        MDP_TRY(mdp_calloc(&wide, (unsigned long)(n_times * n_emb), sizeof *wide, "embeddings"));
        for (int t = 0; t < n_times; t++) mdp_time_embedding(n_emb, t, table + t * n_emb);
        for (int j = 0; j < n_times * n_emb; j++) wide[j] = table[j];
        mdp_quantity_start(&quantity, "%s/%s", group, children[i].name);
        for (int p = 0; p < 2; p++) {
            double *want = NULL;
            char name[MDP_H5_NAME_MAX + 16];
            snprintf(name, sizeof name, "%.64s/%s/posemb_int_%d", group, p == 0 ? "f32" : "f64", n_emb);
            MDP_TRY(mdp_h5_read_new(g->file, name, MDP_H5_F64, MDP_H5_2D(n_times, n_emb), NULL, &want));
            mdp_quantity_compare(&quantity, p, name, (long)n_times * n_emb, wide, want, MDP_BOUND_OUTPUT_SMALL);
            free(want);
        }
        mdp_verify_report_quantity(g->report, g->path, &quantity);
        free(table);
        free(wide);
        table = NULL;
        wide = NULL;
    }
out:
    free(children);
    free(table);
    free(wide);
    return err;
}

static mdp_err verify_group(struct mdp_golden *g, const char *group, int n_times, int n_steps) {
    mdp_err err = MDP_OK;
    struct mdp_schedule schedule;
    struct mdp_visits visits;
    if (mdp_schedule_build(&schedule, n_times) != MDP_OK || mdp_visits_build(&visits, &schedule, n_steps) != MDP_OK)
        return mdp_fail_context(MDP_E_DATA, "%s: %s", g->path, group);
    MDP_TRY(check(g, group, "t_diffusion", n_times, schedule.time));
    MDP_TRY(check(g, group, "alpha", n_times, schedule.alpha));
    MDP_TRY(check(g, group, "sigma", n_times, schedule.sigma));
    MDP_TRY(check(g, group, "logSNR", n_times, schedule.log_snr));
    MDP_TRY(check_visits(g, group, "exact", &visits));
    MDP_TRY(check_old_visits(g, group, &schedule, n_steps));
    MDP_TRY(check_embeddings(g, group, n_times));
out:
    return err;
}

/* one array of learning rates at given steps (NULL: 0, 1, ...) of a schedule of `total` steps */
static mdp_err check_rates(struct mdp_golden *g, const char *name, const int64_t *steps, long n, long total) {
    mdp_err err = MDP_OK;
    struct mdp_quantity quantity;
    double *want = NULL, *got = NULL;
    mdp_quantity_start(&quantity, "%s", name);
    MDP_TRY(mdp_h5_read_new(g->file, name, MDP_H5_F64, MDP_H5_1D(n), NULL, &want));
    MDP_TRY(mdp_calloc(&got, (unsigned long)n, sizeof *got, "learning rates"));
    for (long i = 0; i < n; i++) got[i] = mdp_cosine_rate(3e-4, steps != NULL ? (long)steps[i] : i, total);
    mdp_quantity_compare(&quantity, 1, name, n, got, want, MDP_BOUND_RATE);
    mdp_verify_report_quantity(g->report, g->path, &quantity);
out:
    free(want);
    free(got);
    return err;
}

static mdp_err verify_rates(struct mdp_golden *g) {
    mdp_err err = MDP_OK;
    struct mdp_h5_shape shape;
    int64_t *steps = NULL;
    if (!mdp_h5_exists(g->file, "cosine_lr")) return MDP_OK;
    MDP_TRY(mdp_h5_read_new(g->file, "cosine_lr/step", MDP_H5_I64, MDP_H5_1D(-1), &shape, &steps));
    MDP_TRY(check_rates(g, "cosine_lr/lr_closed_form_T2e6", steps, shape.extent[0], 2000000));
    MDP_TRY(mdp_h5_expect(g->file, "cosine_lr/torch_recursive_T1000", MDP_H5_1D(1001)));
    MDP_TRY(check_rates(g, "cosine_lr/torch_recursive_T1000", NULL, 1001, 1000));
out:
    free(steps);
    return err;
}

mdp_err mdp_verify_schedule(struct mdp_verify_report *report, const char *path) {
    mdp_err err = MDP_OK;
    struct mdp_golden g = {.path = path, .report = report};
    struct mdp_h5_child *children = NULL;
    int n_children, n_times, n_steps, end;
    MDP_TRY(mdp_h5_open(path, &g.file));
    MDP_TRY(mdp_h5_list(g.file, "/", &children, &n_children));
    for (int i = 0; i < n_children; i++)
        if (sscanf(children[i].name, "T%d_S%d%n", &n_times, &n_steps, &end) == 2 && children[i].name[end] == 0)
            MDP_TRY(verify_group(&g, children[i].name, n_times, n_steps));
    MDP_TRY(verify_rates(&g));
out:
    free(children);
    mdp_golden_close(&g);
    return err;
}
