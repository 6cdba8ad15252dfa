#include "bench/verify/algos.h"

#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "bench/verify/checkpoints.h"
#include "bench/verify/planners.h"
#include "bench/verify/qgpo.h"
#include "bench/verify/report.h"
#include "bench/verify/training.h"
#include "bench/verify/units.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"

/* the kinds of file, each with the object that tells it; `verify` NULL is skipped */
static const struct kind {
    const char *name, *object;
    mdp_err (*verify)(struct mdp_verify_report *report, const char *path);
    const char *reason;
} kinds[] = {
    {"units", "f64/ddpm_step", mdp_verify_units, NULL},
    {"stats", "curves", NULL, "stats: not a file of the algorithms"},
    {"schedule", "*/f64/t_diffusion", mdp_verify_schedule, NULL},
    {"diffuser", "f64/fwd/classifier_out", mdp_verify_diffuser, NULL},
    {"dd", "f64/fwd/actor_out_uncond", mdp_verify_decision, NULL},
    {"trajectories", "*/h4", mdp_verify_windows, NULL},
    {"dataset", "*/raw", mdp_verify_dataset, NULL},
    {"eval_return", "*/return_standard", mdp_verify_returns, NULL},
    {"qgpo", "in/cep_eps", mdp_verify_qgpo, NULL},
    {"checkpoints", "model_ema_out", mdp_verify_checkpoints, NULL},
};
/* the kind of a file that names an algorithm in its attribute "alg" */
static const struct kind training = {"training", NULL, mdp_verify_training, NULL};
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

static mdp_err detect_algorithm(const char *path, struct mdp_h5 *file, const struct kind **out) {
    const struct mdp_algorithm *algorithm;
    char name[32];
    mdp_err err = mdp_h5_attr_text(file, "/", "alg", name, sizeof name);
    if (err != MDP_OK) return err;
    *out = &training;
    if (mdp_algorithm_find(name, &algorithm) == MDP_OK) return MDP_OK;
    return mdp_fail_context(MDP_E_DATA, "%s: attribute alg", path);
}

static mdp_err refuse(const char *path) {
    static const struct mdp_names names = MDP_NAMES(kinds, name);
    char algorithms[MDP_NAMES_MAX], others[MDP_NAMES_MAX];
    return mdp_fail(MDP_E_DATA,
                    "%s: /: expected reference vectors of the algorithms (%s, %s), found none of their objects", path,
                    mdp_names_text(mdp_algorithm_names(), algorithms), mdp_names_text(&names, others));
}

static mdp_err detect(const char *path, const struct kind **out) {
    mdp_err err = MDP_OK;
    struct mdp_h5 *file = NULL;
    struct mdp_h5_child *children = NULL;
    int n_children;
    *out = NULL;
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(mdp_h5_list(file, "/", &children, &n_children));
    if (mdp_h5_attr_exists(file, "/", "alg")) MDP_TRY(detect_algorithm(path, file, out));
    for (int i = 0; i < N_KINDS && *out == NULL; i++)
        if (has_object(file, children, n_children, kinds[i].object)) *out = &kinds[i];
    if (*out == NULL) err = refuse(path);
out:
    free(children);
    mdp_h5_close(file);
    return err;
}

mdp_err mdp_verify_algos(int n_files, char **files, FILE *stream) {
    mdp_err err = MDP_OK;
    struct mdp_verify_report report = {0};
    if (n_files < 1) return mdp_fail(MDP_E_USAGE, "verify algos: expected at least one file, found none");
    MDP_TRY(mdp_verify_report_open(&report));
    for (int i = 0; i < n_files; i++) {
        const struct kind *kind;
        MDP_TRY(detect(files[i], &kind));
        if (kind->verify == NULL)
            mdp_verify_report_skip(&report, files[i], "", kind->reason);
        else
            MDP_TRY(kind->verify(&report, files[i]));
    }
    return mdp_verify_report_close(&report, stream);
out:
    mdp_verify_report_close(&report, NULL);
    return err;
}
