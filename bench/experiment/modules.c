#include "bench/experiment/modules.h"

#include "algos/algorithm.h"
#include "bench/run/task.h"

const struct mdp_algorithm *mdp_run_algorithm(const struct mdp_run_spec *run) {
    const struct mdp_algorithm *algorithm = NULL;
    return mdp_algorithm_find(run->train.algo, &algorithm) == MDP_OK ? algorithm : NULL;
}

const struct mdp_guidance_kind *mdp_run_guidance_kind(const struct mdp_experiment_file *file, int i_run) {
    const struct mdp_run_spec *run = &file->runs[i_run];
    if (run->train.alone != NULL) return mdp_guidance_alone_find(run->train.alone)->kind;
    if (run->from != NULL) return mdp_run_guidance_kind(file, mdp_experiment_run(file, run->from));
    return mdp_run_algorithm(run)->guidance;
}

const struct mdp_guidance_kind *mdp_arm_guidance_kind(const struct mdp_experiment_file *f,
                                                      const struct mdp_arm_spec *arm) {
    const int named = arm->guidance != NULL ? mdp_experiment_run(f, arm->guidance) : -1;
    const int run = mdp_experiment_run(f, arm->run);
    if (!mdp_arm_is_guided(f, arm)) return NULL;
    if (named < 0 && f->runs[run].train.mode == MDP_MODE_NOISE) return &mdp_guidance_noise;
    return mdp_run_guidance_kind(f, named >= 0 ? named : run);
}

/* of modules as they are made: no formula of its own that could say otherwise */
static mdp_err count_diffusion(const struct mdp_training *t, const struct mdp_algorithm *algorithm,
                               const struct mdp_env_spec *env, long *n) {
    struct mdp_diffusion_config config;
    struct mdp_diffusion *module = NULL;
    mdp_training_diffusion(t, algorithm, env->n_obs, env->n_act, &config);
    mdp_err err = mdp_diffusion_alloc(&config, &module);
    if (err != MDP_OK) return err;
    *n = mdp_diffusion_parameters(module);
    mdp_diffusion_free(module);
    return MDP_OK;
}

static mdp_err count_guidance(const struct mdp_training *t, const struct mdp_guidance_kind *kind,
                              const struct mdp_env_spec *env, long *n) {
    struct mdp_guidance_config config;
    struct mdp_guidance *module = NULL;
    mdp_training_guidance(t, NULL, env->n_obs, env->n_act, &config);
    config.kind = kind;
    mdp_err err = mdp_guidance_alloc(&config, &module);
    if (err != MDP_OK) return err;
    *n += mdp_guidance_parameters(module);
    mdp_guidance_free(module);
    return MDP_OK;
}

mdp_err mdp_run_count_parameters(const struct mdp_experiment_file *file, int i_run, int i_task,
                                 struct mdp_run_parameters *out) {
    const struct mdp_run_spec *run = &file->runs[i_run];
    struct mdp_training t = run->train;
    struct mdp_task task;
    mdp_err err;
    *out = (struct mdp_run_parameters){0, 0};
    MDP_TRY(mdp_task_parse(file->tasks[i_task], &task));
    t.task_name = task.name;
    if (t.alone == NULL) MDP_TRY(count_diffusion(&t, mdp_run_algorithm(run), task.spec, &out->diffusion));
    if (run->train.mode != MDP_MODE_NONE)
        MDP_TRY(count_guidance(&t, mdp_run_guidance_kind(file, i_run), task.spec, &out->guidance));
out:
    return err;
}
