#include "bench/stage/evaluation.h"

#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/diffusion.h"
#include "algos/precision.h"
#include "base/claim.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "bench/run/evaluations.h"
#include "bench/run/outputs.h"
#include "bench/run/version.h"
#include "bench/run/world.h"
#include "bench/stage/held.h"
#include "results/alike.h"
#include "bench/stage/evaluation_internal.h"

static void set_text(char *to, size_t size, const char *text) { snprintf(to, size, "%s", text); }

/* what results record of how it was evaluated */
static mdp_err record(struct mdp_eval_job *job) {
    json_t *inputs = job->acting->inputs;
    const struct mdp_eval_settings *s = &job->acting->used;
    mdp_err err;
    json_t *settings = json_pack("{s:s, s:O}", "env", job->acting->spec->id, "inputs", inputs);
    MDP_TRY(mdp_settings_record(&mdp_eval_table, s, job->acting->holds, settings));
    mdp_physics_add_setting(s->engine, settings);
    if (job->acting->extras != NULL) json_object_update_recursive(settings, job->acting->extras);
    err = mdp_json_text(settings, &job->settings_json);
    settings = NULL;
    job->inputs_json = json_dumps(inputs, JSON_SORT_KEYS | JSON_COMPACT);
    if (job->inputs_json == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "settings: no memory"));
    job->info.head.settings = job->settings_json;
    job->info.head.inputs = job->inputs_json;
out:
    json_decref(settings);
    return err;
}

/* whether the matrix library multiplies, whose last bits follow the processor; kernels have bits of their own */
static int has_products(const struct mdp_eval_job *job) {
    const struct mdp_eval_settings *s = &job->acting->used;
    const struct mdp_kernel *kernel;
    if ((job->acting->holds & MDP_WITH_PROCESS) != 0) return 0;
    /* gradients of scores come from the layers of training */
    enum mdp_guide guide = mdp_guide_of(s);
    if ((job->acting->holds & MDP_WITH_BEHAVIOR) != 0 || job->acting->diffusion->window != NULL || s->lambda != 0 ||
        s->langevin_steps > 0 || guide == MDP_GUIDE_NOISY || guide == MDP_GUIDE_CLEAN)
        return 1;
    return mdp_precision_find(s->precision, &kernel) == MDP_OK && kernel == NULL;
}

/* the part of the file's header that every evaluation has */
static mdp_err describe(struct mdp_eval_job *job) {
    mdp_err err;
    const struct mdp_eval_settings *s = &job->acting->used;
    struct mdp_episodes_info *info = &job->info;
    struct mdp_engine_facts physics;
    MDP_TRY(mdp_engine_describe(s->engine, job->acting->spec, &physics));
    MDP_TRY(mdp_world_describe(job->acting->spec, &physics, info));
    set_text(info->precision, sizeof info->precision, s->precision);
    set_text(info->return_rule, sizeof info->return_rule, mdp_names_at(mdp_return_rule_names(), (int)s->rule));
    set_text(info->actor, sizeof info->actor, s->actor);
    info->seed = s->seed;
    info->candidates = s->n_candidates;
    info->temperature = s->temperature;
    info->w_t = s->w_t;
    MDP_TRY(record(job));
    MDP_TRY(mdp_physics_machine_text(s->engine, job->acting->spec, info->head.machine));
    mdp_isa_text(has_products(job), info->isa);
out:
    return err;
}

void mdp_eval_fill_row(struct mdp_episodes *episodes, long i, const struct mdp_rollout *rollout,
                       const struct mdp_eval_settings *settings) {
    episodes->returns[i] = rollout->episode_return;
    if (episodes->objective_returns != NULL) episodes->objective_returns[i] = rollout->objective_return;
    episodes->lengths[i] = rollout->length;
    episodes->ends[i] = rollout->last.non_finite   ? MDP_END_NON_FINITE
                        : rollout->last.terminated ? MDP_END_TERMINATED
                                                   : MDP_END_TIME_LIMIT;
    episodes->seeds[i] = settings->seed;
    episodes->indices[i] = settings->first_episode + i;
}

static const struct mdp_objective *objective_of(const struct mdp_eval_job *job) {
    return job->acting->used.reward != NULL ? &job->acting->objective : NULL;
}

/* ---- what a stop leaves ---- */

static void describe_tape(const struct mdp_eval_job *job, struct mdp_checkpoint_info *info) {
    *info = (struct mdp_checkpoint_info){.kind = "resume",
                                         .algo = "eval",
                                         .seed = job->acting->used.seed,
                                         .step = job->info.step < 0 ? 0 : job->info.step,
                                         .n_obs = job->acting->spec->n_obs,
                                         .n_act = job->acting->spec->n_act,
                                         .head = {.settings = job->settings_json, .inputs = job->inputs_json}};
    set_text(info->task, sizeof info->task, job->info.task);
    set_text(info->isa, sizeof info->isa, job->info.isa);
    set_text(info->head.machine, sizeof info->head.machine, job->info.head.machine);
}

/* a tape of another evaluation, or of other last bits, says nothing of this one */
static mdp_err read_tape(const struct mdp_eval_job *job, const char *path, struct mdp_tape *tape) {
    struct mdp_checkpoint_info found = {.step = 0};
    mdp_err err;
    MDP_TRY(mdp_checkpoint_read_info(path, &found));
    if (strcmp(found.kind, "resume") != 0 || strcmp(found.algo, "eval") != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected what a stopped evaluation has left, found %s of %s", path,
                         found.kind, found.algo));
    if (mdp_check_same_settings(path, found.head.settings, job->settings_json, MDP_WAY_OUT_OF_EVAL) != MDP_OK ||
        strcmp(found.isa, job->info.isa) != 0) {
        mdp_log("%s: was left by an evaluation of other settings or instructions, not used", path);
        goto out;
    }
    MDP_TRY(mdp_tape_read(path, tape));
    mdp_log("%s: goes on from there", path);
out:
    mdp_checkpoint_info_free(&found);
    return err;
}

/* when the file is there, and under its claim: one that a kill has left between the two, too. one that asks for more
 * episodes is what is there of a longer evaluation */
static void drop_tape(const struct mdp_eval_job *job, const char *own) {
    struct mdp_checkpoint_info found = {.step = 0};
    char path[MDP_PATH_MAX];
    if (mdp_tape_path(own, path) != MDP_OK || !mdp_fsx_exists(path)) return;
    if (mdp_checkpoint_read_info(path, &found) == MDP_OK && strcmp(found.algo, "eval") == 0 &&
        !mdp_wants_more(job->settings_json, found.head.settings))
        (void)mdp_fsx_remove(path);
    mdp_checkpoint_info_free(&found);
}

/* of a file that was there; while another process makes more of it, nothing is left behind */
static void drop_left_tape(const struct mdp_eval_job *job, const char *own) {
    struct mdp_claim *claim = NULL;
    char path[MDP_PATH_MAX];
    if (mdp_tape_path(own, path) != MDP_OK || !mdp_fsx_exists(path)) return;
    if (mdp_claim_take(own, &claim) == MDP_OK) drop_tape(job, own);
    mdp_claim_free(claim);
}

/* rolls out what is missing of held episodes, from a tape if there is one, and leaves one at a stop */
static mdp_err roll_out(const struct mdp_eval_job *job, const struct mdp_evaluation *evaluation, const char *out,
                        const struct mdp_held *held, struct mdp_rollout *rollouts) {
    struct mdp_tape tape;
    struct mdp_checkpoint_info info;
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_tape_new(evaluation->n_episodes, job->acting->spec->max_steps, job->acting->spec->n_act, &tape));
    tape.has_objective = evaluation->objective != NULL;
    MDP_TRY(mdp_tape_path(out, path));
    if (mdp_fsx_exists(path)) MDP_TRY(read_tape(job, path, &tape));
    if (mdp_tape_is_empty(&tape))
        MDP_TRY(mdp_held_to_tape(held, out, evaluation->first_episode, evaluation->rule, &tape));
    err = mdp_evaluate_on(evaluation, &job->acting->actor, out, &tape, rollouts);
    if (err != MDP_E_INTERRUPTED || mdp_tape_is_empty(&tape)) goto out;
    describe_tape(job, &info);
    MDP_TRY(mdp_tape_write(path, &info, &tape));
    MDP_TRY(mdp_stop_requested());
out:
    mdp_tape_free(&tape);
    return err;
}

/* the clock stops before the file is written, so that rates are those of the loop. a file that is there has the first
 * of these episodes */
static mdp_err run(const struct mdp_eval_job *job, const char *out, const struct mdp_held *held, enum mdp_publish how,
                   double *loop_seconds) {
    mdp_err err;
    const struct mdp_eval_settings *s = &job->acting->used;
    struct mdp_rollout *rollouts = NULL;
    struct mdp_episodes episodes = {.n = 0};
    const struct mdp_evaluation evaluation = {.spec = job->acting->spec,
                                              .n_episodes = (int)s->n_episodes,
                                              .n_lanes = (int)(s->n_lanes < s->n_episodes ? s->n_lanes : s->n_episodes),
                                              .n_threads = (int)s->n_threads,
                                              .seed = s->seed,
                                              .rule = s->rule,
                                              .engine = s->engine,
                                              .first_episode = (int)s->first_episode,
                                              .objective = objective_of(job)};
    MDP_TRY(mdp_calloc(&rollouts, (unsigned long)s->n_episodes, sizeof *rollouts, "episodes"));
    MDP_TRY(mdp_episodes_alloc(&episodes, s->n_episodes));
    if (evaluation.objective != NULL) MDP_TRY(mdp_episodes_add_objective(&episodes));
    double start = mdp_clock_cpu_seconds();
    MDP_TRY(roll_out(job, &evaluation, out, held, rollouts));
    *loop_seconds = mdp_clock_cpu_seconds() - start;
    for (int i = 0; i < s->n_episodes; i++) mdp_eval_fill_row(&episodes, i, &rollouts[i], s);
    MDP_TRY(mdp_episodes_write(out, &job->info, &episodes, how));
out:
    free(rollouts);
    mdp_episodes_free(&episodes);
    return err;
}

/* a file with the same settings may still be of another environment or physics, which settings do not tell */
static void warn_of_world(const char *path, const struct mdp_episodes_info *found,
                          const struct mdp_episodes_info *now) {
    struct mdp_facts then, today;
    mdp_facts_read(found, &then);
    mdp_facts_read(now, &today);
    int i = mdp_facts_unlike(MDP_FACTS_OF_WORLD, &then, &today);
    if (i >= 0)
        mdp_log("%s: %s: was made with %s, now it is %s", path, mdp_fact_row((enum mdp_fact)i)->text, then.values[i],
                today.values[i]);
}

/* what is there: in a file of its own, else where it was found */
static mdp_err look(const struct mdp_eval_job *job, const char *own, const char *found, struct mdp_held *held) {
    const char *path = mdp_fsx_exists(own) ? own : found;
    mdp_held_free(held);
    return mdp_evaluation_file_exists(path) ? mdp_held_read(path, &job->info, held) : MDP_OK;
}

/* makes the file under a claim, unless another process has made it until that is taken */
static mdp_err make(const struct mdp_eval_job *job, const char *own, const char *found, struct mdp_held *held,
                    double *loop_seconds) {
    struct mdp_claim *claim = NULL;
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(own));
    MDP_TRY(mdp_claim_take(own, &claim));
    /* one that is there now is read before it is replaced; one that appears meanwhile is somebody's */
    const enum mdp_publish how = mdp_fsx_exists(own) ? MDP_PUBLISH_REPLACE : MDP_PUBLISH_NEW;
    MDP_TRY(look(job, own, found, held));
    if (held->is_whole) goto out;
    MDP_TRY(run(job, own, held, how, loop_seconds));
    drop_tape(job, own);
    mdp_held_free(held);
out:
    mdp_claim_free(claim);
    return err;
}

/* makes what is missing of the file, then summarises it. `out` may be part of a curve, whose evaluations become longer
 * in files of their own */
static mdp_err finish(const struct mdp_eval_job *job, const char *out, struct mdp_eval_result *result) {
    mdp_err err;
    struct mdp_held held = {.is_whole = 0};
    char own[MDP_PATH_MAX];
    result->loop_seconds = 0;
    MDP_TRY(mdp_evaluation_own(out, own));
    MDP_TRY(look(job, out, out, &held));
    if (!held.is_whole) MDP_TRY(make(job, own, out, &held, &result->loop_seconds));
    if (held.is_whole) {
        mdp_log("%s: exists with these settings, not made again", out);
        warn_of_world(out, &held.info, &job->info);
        drop_left_tape(job, own);
        MDP_TRY(mdp_fsx_path(result->path, "%s", out));
    } else {
        MDP_TRY(mdp_held_read(own, &job->info, &held));
        MDP_TRY(mdp_fsx_path(result->path, "%s", own));
    }
    result->step = (long)held.info.step;
    MDP_TRY(mdp_summarize(held.episodes.returns, held.episodes.n, NULL, &result->returns));
    MDP_TRY(mdp_summarize(held.episodes.normalized_returns, held.episodes.n, NULL, &result->normalized));
    mdp_episodes_objective(&held.info, result->objective);
    if (result->objective[0] != 0)
        MDP_TRY(mdp_summarize(held.episodes.objective_returns, held.episodes.n, NULL, &result->objective_returns));
out:
    mdp_held_free(&held);
    return err;
}

mdp_err mdp_eval_use_acting(const struct mdp_acting *acting, const struct mdp_eval_use *use) {
    struct mdp_eval_job job = {.acting = acting, .info = acting->info};
    mdp_err err;
    MDP_TRY(describe(&job));
    MDP_TRY(use->act(&job, use->context));
out:
    free(job.settings_json);
    free(job.inputs_json);
    return err;
}

mdp_err mdp_eval_use_policy(const struct mdp_eval_settings *settings, const struct mdp_policy_files *files,
                            const struct mdp_eval_use *use) {
    struct mdp_acting acting;
    mdp_err err = mdp_acting_open(settings, files, &acting);
    if (err == MDP_OK) err = mdp_eval_use_acting(&acting, use);
    mdp_acting_free(&acting);
    return err;
}

/* where an evaluation goes, and what it found */
struct goal {
    const char *out;
    struct mdp_eval_result *result;
};

static mdp_err reach(const struct mdp_eval_job *job, void *context) {
    const struct goal *goal = context;
    return finish(job, goal->out, goal->result);
}

mdp_err mdp_eval_policy(const struct mdp_eval_settings *settings, const struct mdp_policy_files *files, const char *out,
                        struct mdp_eval_result *result) {
    struct goal goal = {out, result};
    return mdp_eval_use_policy(settings, files, &(struct mdp_eval_use){reach, &goal});
}

mdp_err mdp_eval_acting(const struct mdp_acting *acting, const char *out, struct mdp_eval_result *result) {
    struct goal goal = {out, result};
    return mdp_eval_use_acting(acting, &(struct mdp_eval_use){reach, &goal});
}
