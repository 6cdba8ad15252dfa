/* where an experiment's files are: folders and names follow from the settings, never from the names in the YAML file,
 * so that arms and files that mean the same work share it. docs/formats.md. */
#ifndef MDP_BENCH_EXPERIMENT_PATHS_H
#define MDP_BENCH_EXPERIMENT_PATHS_H

#include "bench/experiment/experiment.h"

enum { MDP_VARIANT_MAX = 224 };

/* one training of a run; its seed is offset more than seeds[i_seed], or than `fixed` */
struct mdp_run_instance {
    int i_run, i_task, i_seed;
    long offset;
    int has_fixed; /* `fixed` takes the place of the list's seed */
    uint64_t fixed;
};

/* one evaluation of an arm */
struct mdp_arm_instance {
    int i_arm, i_task, i_seed;
    int is_online;
    long step;
    /* of the training, as in mdp_run_instance: other than 0 only for evaluations that choose the best guidance */
    long offset;
    int has_fixed;
    uint64_t fixed;
};

/** Returns the seed of a training. */
uint64_t mdp_instance_seed(const struct mdp_experiment *e, const struct mdp_run_instance *run);

/** Finds the training whose guidance a frozen or continued run starts from, or whose actions guidance alone learns
 * from. Returns 0 if it needs none. */
int mdp_instance_source(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                        struct mdp_run_instance *source);

/** Writes how a run is trained; paths of files are not set. */
void mdp_instance_training(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                           struct mdp_training *out);

/** Writes how an arm is evaluated. */
void mdp_arm_settings(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                      struct mdp_eval_settings *out);

/** Finds the training that an arm evaluates. */
struct mdp_run_instance mdp_arm_run(const struct mdp_experiment *e, const struct mdp_arm_instance *arm);

/** Finds the training whose guidance selects in an arm. Returns 0 if that is the run's own, or none. */
int mdp_arm_source(const struct mdp_experiment *e, const struct mdp_arm_instance *arm, struct mdp_run_instance *source);

/** Writes the dataset's path. Errors: USAGE if it does not fit, as below. */
mdp_err mdp_data_path(const struct mdp_experiment *e, int i_task, char path[MDP_PATH_MAX]);

/** Writes a training's folder, e.g. runs/walker2d-expert/dql/frozen/seed0. */
mdp_err mdp_instance_folder(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                            char path[MDP_PATH_MAX]);

/** Returns the evaluation of a training at a step, one of those by which its best guidance is chosen. */
struct mdp_arm_instance mdp_choice_instance(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                                            long step);

/** Writes the module of that training, as `train` takes it; "" if there is none. */
mdp_err mdp_instance_module_path(const struct mdp_experiment *e, const struct mdp_run_instance *run,
                                 char path[MDP_PATH_MAX]);

/** Returns the step of that module; 0 if there is none, or it is the best. */
long mdp_instance_guidance_step(const struct mdp_experiment *e, const struct mdp_run_instance *run);

/** Returns the step of a source's guidance that has to be there though nobody evaluates it; 0 if there is none. */
long mdp_source_step(const struct mdp_source_spec *source);

/** Writes an arm's selecting guidance of another run, as `eval` takes it; "" if there is none. */
mdp_err mdp_arm_guidance_path(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                              char path[MDP_PATH_MAX]);

/** Writes the same as `eval` takes it for many steps: the run's folder, where the guidance is that of the same step. */
mdp_err mdp_arm_guidance_choice(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                                char path[MDP_PATH_MAX]);

/** Writes the path that an evaluation's episodes have in a file of their own. */
mdp_err mdp_arm_episodes_path(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                              char path[MDP_PATH_MAX]);

/** Returns an arm's title for people; borrowed. */
const char *mdp_arm_title(const struct mdp_experiment *e, int i_arm);

#endif
