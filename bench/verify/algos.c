#include "bench/verify/algos.h"

#include <stdlib.h>
#include <string.h>

#include "bench/verify/checkpoints.h"
#include "bench/verify/report.h"
#include "bench/verify/training.h"
#include "bench/verify/units.h"

/* the kinds of file, each with what tells it: a value of the attribute "alg", or an object; `verify` NULL is skipped */
static const struct kind {
    const char *name, *alg, *object;
    mdp_err (*verify)(struct mdp_verify_report *report, const char *path);
    const char *reason;
} kinds[] = {
    {"dql", "dql", NULL, mdp_verify_training, NULL},
    {"edp", "edp", NULL, mdp_verify_training, NULL},
    {"idql", "idql", NULL, mdp_verify_training, NULL},
    {"units", NULL, "f64/ddpm_step", mdp_verify_units, NULL},
    {"stats", NULL, "curves", NULL, "stats: not a file of the algorithms"},
    {"schedule", NULL, "*/f64/t_diffusion", mdp_verify_schedule, NULL},
    {"dataset", NULL, "*/raw", mdp_verify_dataset, NULL},
    {"eval_return", NULL, "*/return_standard", mdp_verify_returns, NULL},
    {"checkpoints", NULL, "model_ema_out", mdp_verify_checkpoints, NULL},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* an object path may start with "*" for any group of the root */
static int has_object(struct mdp_h5 *file, const struct mdp_h5_child *children, int n_children, const char *object) {
    char path[2 * MDP_H5_NAME_MAX];
    if (object[0] != '*') return mdp_h5_exists(file, object);
    for (int i = 0; i < n_children; i++) {
        snprintf(path, sizeof path, "%s%s", children[i].name, object + 1);
        if (children[i].is_group && mdp_h5_exists(file, path)) return 1;
    }
    return 0;
}

static mdp_err detect(const char *path, const struct kind **out) {
    mdp_err err = MDP_OK;
    struct mdp_h5 *file = NULL;
    struct mdp_h5_child *children = NULL;
    int n_children;
    char alg[32] = "";
    *out = NULL;
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(mdp_h5_list(file, "/", &children, &n_children));
    if (mdp_h5_attr_exists(file, "/", "alg")) MDP_TRY(mdp_h5_attr_text(file, "/", "alg", alg, sizeof alg));
    for (int i = 0; i < N_KINDS && *out == NULL; i++)
        if (kinds[i].alg != NULL ? strcmp(kinds[i].alg, alg) == 0
                                 : !*alg && has_object(file, children, n_children, kinds[i].object))
            *out = &kinds[i];
    if (*out != NULL) goto out;
    if (*alg)
        err = mdp_fail(MDP_E_DATA, "%s: attribute alg: expected dql, edp or idql, found \"%s\"", path, alg);
    else
        err = mdp_fail(MDP_E_DATA,
                       "%s: /: expected reference vectors of the algorithms (dql, edp, idql, units, schedule, dataset, "
                       "eval_return, checkpoints), found none of their objects",
                       path);
out:
    free(children);
    mdp_h5_close(file);
    return err;
}

mdp_err mdp_verify_algos(int n_files, char **files) {
    mdp_err err = MDP_OK;
    struct mdp_verify_report report = {0};
    if (n_files < 1) return mdp_fail(MDP_E_USAGE, "verify algos: expected at least one file, found none");
    MDP_TRY(mdp_report_open(&report));
    for (int i = 0; i < n_files; i++) {
        const struct kind *kind;
        MDP_TRY(detect(files[i], &kind));
        if (kind->verify == NULL)
            mdp_report_skip(&report, files[i], "", kind->reason);
        else
            MDP_TRY(kind->verify(&report, files[i]));
    }
    return mdp_report_close(&report, stdout);
out:
    mdp_report_close(&report, NULL);
    return err;
}
