/* the checkpoints of a run evaluated into one curve file.
 *
 * each evaluation has a file of its own until all are there, so that a kill costs no more than the one in work and
 * every verb shows what is done; then they move into the curve, which appears whole. */
#ifndef MDP_BENCH_STAGE_CURVE_EVALUATION_H
#define MDP_BENCH_STAGE_CURVE_EVALUATION_H

#include "bench/run/checkpoints.h"
#include "bench/stage/evaluation.h"

/* what is evaluated, and who hears of it */
struct mdp_curve_work {
    const char *folder;                 /* of the run */
    const struct mdp_step_files *steps; /* its checkpoints */
    const char *guidance;               /* a choice as in mdp_guidance_locate; NULL: own */
    const char *out;                    /* FOLDER/[LABEL.]curve.h5 */
    mdp_err (*tell)(void *context, const struct mdp_eval_result *result);
    void *context;
};

/** Evaluates the checkpoints of a run whose evaluations the curve does not have, beside those that are there in files
 * of their own; with more episodes than it has, all of its checkpoints. An evaluation that is there stays as it is
 * where its modules are gone, and else must have the same settings. Errors: as mdp_eval_policy; USAGE for a checkpoint
 * that has neither evaluation nor modules. */
mdp_err mdp_eval_curve(const struct mdp_eval_settings *settings, const struct mdp_curve_work *work);

#endif
