/* what holds for a part and is said for all of them */
#include <stdio.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/precision.h"
#include "algos/temperature.h"
#include "bench/experiment/check.h"
#include "bench/experiment/modules.h"
#include "bench/experiment/paths.h"
#include "bench/yaml/yaml.h"

/* where a setting of the whole experiment stands: the file that lists a part, else the part */
static const struct mdp_yaml *file_with(const struct mdp_yaml *own, const struct mdp_yaml *top, const char *key) {
    return mdp_yaml_line(top, key) > 0 ? top : own;
}

static mdp_err check_run_precision(const struct mdp_experiment *e, int i, const struct mdp_yaml *own,
                                   const struct mdp_yaml *top) {
    const struct mdp_run_instance instance = {.i_run = i};
    struct mdp_training training;
    char why[256];
    mdp_instance_training(e, &instance, &training);
    if (mdp_training_check_precision(&training) == MDP_OK) return MDP_OK;
    snprintf(why, sizeof why, "%s", mdp_err_message());
    return mdp_yaml_refuse(file_with(own, top, "precision"), "precision", "%s by run %s", why, e->file.runs[i].name);
}

/* an energy learns after them */
static mdp_err check_value_steps(const struct mdp_experiment *e, unsigned i, const struct mdp_yaml *own) {
    const long n = e->file.runs[i].train.n_value_steps;
    char key[64];
    if (n < e->file.train.n_steps) return MDP_OK;
    snprintf(key, sizeof key, "runs[%u].value-steps", i);
    return mdp_yaml_refuse(own, key, "expected fewer than steps %ld, as the energy learns after them, found %ld",
                           e->file.train.n_steps, n);
}

/* plans, U-Nets and energies are evaluated in float32 alone */
static mdp_err check_arm_precision(const struct mdp_experiment *e, unsigned i, const struct mdp_yaml *own,
                                   const struct mdp_yaml *top) {
    const struct mdp_experiment_file *f = &e->file;
    const struct mdp_arm_spec *arm = &f->arms[i];
    const struct mdp_run_spec *run = &f->runs[mdp_experiment_run(f, arm->run)];
    const struct mdp_guidance_kind *kind = mdp_arm_guidance_kind(f, arm);
    const char *precision = f->eval.precision;
    const int is_given = MDP_GIVEN(&mdp_eval_table, &f->eval, precision);
    const char *key = is_given ? "evaluation-precision" : "precision";
    const char *what = mdp_training_planner(&run->train) != NULL               ? "plans"
                       : mdp_run_algorithm(run)->denoiser == MDP_DENOISER_UNET ? run->train.algo
                       : kind != NULL && kind->needs_support                   ? "an energy"
                                                                               : NULL;
    if (what == NULL || strcmp(precision, MDP_PRECISION_DEFAULT) == 0 || strcmp(precision, "f32-plain") == 0)
        return MDP_OK;
    return mdp_yaml_refuse(file_with(own, top, key), key, "expected f32 or f32-plain of %s, found '%s' by arm %s", what,
                           precision, arm->name);
}

/* an energy's weight is known for some tasks only */
static mdp_err check_guide_weight(const struct mdp_experiment *e, unsigned i, const struct mdp_yaml *own) {
    const struct mdp_experiment_file *f = &e->file;
    const struct mdp_arm_spec *arm = &f->arms[i];
    const char *of_guidance = arm->eval.guidance_task;
    char key[64];
    if (mdp_guide_of(&arm->eval) != MDP_GUIDE_ENERGY || MDP_GIVEN(&mdp_eval_table, &arm->eval, guide_weight))
        return MDP_OK;
    snprintf(key, sizeof key, "arms[%u].guide", i);
    for (unsigned k = 0; k < f->tasks_count; k++) {
        const char *task = of_guidance != NULL ? of_guidance : f->tasks[k];
        double weight;
        if (mdp_guide_weight(mdp_guidance_energy.algorithm, task, &weight) == MDP_OK) continue;
        return mdp_yaml_refuse(own, key, "expected guide-weight beside it, as none is known for %s, found none", task);
    }
    return MDP_OK;
}

mdp_err mdp_experiment_check_whole(const struct mdp_experiment *e, const struct mdp_yaml *own,
                                   const struct mdp_yaml *top) {
    mdp_err err = MDP_OK;
    for (unsigned i = 0; i < e->file.runs_count; i++) {
        MDP_TRY(check_run_precision(e, (int)i, own, top));
        MDP_TRY(check_value_steps(e, i, own));
    }
    for (unsigned i = 0; i < e->file.arms_count; i++) {
        MDP_TRY(check_arm_precision(e, i, own, top));
        MDP_TRY(check_guide_weight(e, i, own));
    }
out:
    return err;
}
