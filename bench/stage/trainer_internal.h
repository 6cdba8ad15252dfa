/* a training run in memory, between the two halves of the trainer: what it is made of, and how it goes on. */
#ifndef MDP_BENCH_STAGE_TRAINER_INTERNAL_H
#define MDP_BENCH_STAGE_TRAINER_INTERNAL_H

#include <jansson.h>

#include "algos/batches.h"
#include "algos/support.h"
#include "base/windows.h"
#include "bench/run/modules.h"
#include "bench/run/reward.h"
#include "bench/stage/trainer.h"

/* a run; what its mode does not have is NULL */
struct mdp_run {
    const struct mdp_training *training;
    struct mdp_transitions data;         /* of windows the sizes alone */
    const struct mdp_algorithm *planner; /* whose windows are learnt; NULL: transitions are */
    struct mdp_windows windows;
    struct mdp_normalizer normalizer;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;  /* the guidance that acts in training, whether it learns or not */
    json_t *bounds;                 /* range that actions had in the data; NULL for [-1, 1] */
    struct mdp_reward reward;       /* what is learned in place of the dataset's */
    json_t *guidance_file;          /* where a loaded guidance came from, as settings record it */
    struct mdp_diffusion *behavior; /* whose actions guidance alone learns from, */
    json_t *diffusion_file;         /* where it came from, */
    struct mdp_support *support;    /* and what it would do next */
    struct mdp_batches *batches;
    struct mdp_learner *learner;
    struct mdp_module_facts facts;
    char isa[MDP_ISA_MAX]; /* of the files of a run that goes on */
    char *settings, *inputs;
    char state[MDP_PATH_MAX], log[MDP_PATH_MAX];
};

/** Loads the dataset and makes modules, batches, learner and settings. Owns: caller, mdp_run_free, also after a
 * failure. Errors: IO, DATA, USAGE. */
mdp_err mdp_run_build(struct mdp_run *run, const struct mdp_training *training);

/** Loads the batch of the next step, with supported actions where guidance alone learns from them. Errors: IO. */
mdp_err mdp_run_load_batch(struct mdp_run *run, struct mdp_batch *batch);

/** Frees what a run holds. */
void mdp_run_free(struct mdp_run *run);

/** Refuses a run whose recorded settings name a module file that it reads with another hash. Errors: USAGE. */
mdp_err mdp_run_check_files(const struct mdp_run *run, const char *recorded);

#endif
