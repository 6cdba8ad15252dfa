#include "bench/experiment/weight.h"

#include <math.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/temperature.h"
#include "bench/experiment/modules.h"

/* the algorithm whose values a run's guidance has: the one that trained it, if it trains values of this kind. of files,
 * mdp_guidance_scale says the same */
static const char *scale_of(const struct mdp_experiment_file *file, int i_run) {
    const struct mdp_run_spec *run = &file->runs[i_run];
    const struct mdp_guidance_kind *kind = mdp_run_guidance_kind(file, i_run);
    if (run->train.alone != NULL) return kind->algorithm;
    if (run->train.mode == MDP_MODE_FROZEN) return scale_of(file, mdp_experiment_run(file, run->from));
    return mdp_run_algorithm(run)->guidance == kind ? run->train.algo : kind->algorithm;
}

/* the algorithm whose weight an arm takes, NULL if nothing selects */
static const char *scale_of_arm(const struct mdp_experiment_file *file, const struct mdp_arm_spec *arm) {
    if (!mdp_arm_is_guided(file, arm)) return NULL;
    int i_other = arm->guidance != NULL ? mdp_experiment_run(file, arm->guidance) : -1;
    return scale_of(file, i_other >= 0 ? i_other : mdp_experiment_run(file, arm->run));
}

double mdp_arm_weight_given(const struct mdp_experiment_file *file, int i_arm, int i_task) {
    const struct mdp_arm_spec *arm = &file->arms[i_arm];
    const char *scale = scale_of_arm(file, arm);
    const char *task = arm->eval.guidance_task != NULL ? arm->eval.guidance_task : file->tasks[i_task];
    if (scale == NULL || !isnan(arm->eval.w_t)) return scale == NULL ? NAN : arm->eval.w_t;
    for (unsigned i = 0; i < file->weights_count; i++) {
        const struct mdp_weight_spec *weight = &file->weights[i];
        if (strcmp(weight->task, task) == 0 && strcmp(weight->algo, scale) == 0) return weight->w_t;
    }
    return NAN;
}

double mdp_arm_weight(const struct mdp_experiment_file *file, int i_arm, int i_task) {
    const char *scale = scale_of_arm(file, &file->arms[i_arm]), *of_guidance = file->arms[i_arm].eval.guidance_task;
    double weight = mdp_arm_weight_given(file, i_arm, i_task);
    if (scale == NULL) return 0;
    if (isnan(weight) &&
        mdp_selection_temperature(scale, of_guidance != NULL ? of_guidance : file->tasks[i_task], &weight) != MDP_OK)
        return NAN;
    return weight;
}
