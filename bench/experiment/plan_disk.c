/* how much disk what is missing will take: a run's checkpoints by the sizes of its modules, evaluations and datasets by
 * their rows. */
#include <string.h>

#include "algos/algorithm.h"
#include "bench/experiment/plan.h"
#include "bench/run/evaluations.h"
#include "bench/run/task.h"

/* a curve file, measured: its header, the facts of an evaluation, and at most a row of one; rows of a dataset as they
 * are before compression */
enum { BYTES_OF_CURVE = 9000, BYTES_OF_EVALUATION = 150, BYTES_OF_EPISODE = 13, DEFAULT_ROWS = 1000000 };

static const struct mdp_env_spec *env_of(const struct mdp_job *job) {
    struct mdp_task task;
    return mdp_task_parse(job->experiment->file.tasks[job->i_task], &task) == MDP_OK ? task.spec : NULL;
}

/* modules as the run would make them; guidance that is loaded and learns on is taken for the algorithm's own */
static mdp_err measure_modules(struct mdp_job *job) {
    struct mdp_training t = job->train;
    const struct mdp_env_spec *env = env_of(job);
    const struct mdp_algorithm *algorithm = NULL;
    struct mdp_diffusion_config diffusion_config;
    struct mdp_guidance_config guidance_config;
    struct mdp_diffusion *diffusion = NULL;
    struct mdp_guidance *guidance = NULL;
    mdp_err err = MDP_OK;
    mdp_training_settle(&t);
    if (t.mode != MDP_MODE_GUIDANCE) {
        MDP_TRY(mdp_algorithm_find(t.algo, &algorithm));
        mdp_training_diffusion(&t, algorithm, env->n_obs, env->n_act, &diffusion_config);
        MDP_TRY(mdp_diffusion_alloc(&diffusion_config, &diffusion));
    }
    if (mdp_mode_describe(t.mode)->trains_guidance) {
        mdp_training_guidance(&t, algorithm, env->n_obs, env->n_act, &guidance_config);
        MDP_TRY(mdp_guidance_alloc(&guidance_config, &guidance));
    }
    mdp_run_disk(diffusion, guidance, &job->disk);
out:
    mdp_diffusion_free(diffusion);
    mdp_guidance_free(guidance);
    return err;
}

static int is_text(const char *a, const char *b) { return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0); }

/* whether two runs have modules of the same sizes */
static int has_same_modules(const struct mdp_job *a, const struct mdp_job *b) {
    return b->kind == MDP_JOB_RUN && b->disk.state > 0 && env_of(a) == env_of(b) && a->train.mode == b->train.mode &&
           is_text(a->train.algo, b->train.algo) && is_text(a->train.alone, b->train.alone) &&
           a->train.horizon == b->train.horizon && a->train.width == b->train.width;
}

static long checkpoints_until(const struct mdp_job *job, long step) {
    return step >= job->steps ? (job->steps + job->every - 1) / job->every : step / job->every;
}

static mdp_err measure_run(const struct mdp_plan *plan, struct mdp_job *job) {
    mdp_err err = MDP_OK;
    for (const struct mdp_job *other = plan->jobs; other < job && job->disk.state == 0; other++)
        if (has_same_modules(job, other)) job->disk = other->disk;
    if (job->disk.state == 0) err = measure_modules(job);
    if (err != MDP_OK) return err;
    const long n_all = checkpoints_until(job, job->steps), n = n_all - checkpoints_until(job, job->done);
    const long n_old = job->keep >= 0 && job->keep < n_all ? n_all - job->keep : 0;
    const double each = job->disk.diffusion + job->disk.guidance;
    job->bytes = (double)n * each + job->disk.state;
    job->bytes_removed = (double)(n_old < n ? n_old : n) * each;
    return MDP_OK;
}

static void measure_data(struct mdp_job *job) {
    const struct mdp_env_spec *env = env_of(job);
    const long n = job->experiment->file.collect.n_steps;
    const double row = 4.0 * (2 * env->n_obs + env->n_act + 1) + 2 + 16.0 * (3 + env->n_act);
    job->bytes = row * (double)(n > 0 ? n : DEFAULT_ROWS);
}

/* seen: curves that have been counted */
static mdp_err measure_evaluation(struct mdp_job *job, struct mdp_text_index *seen) {
    char curve[MDP_PATH_MAX];
    int i_curve = 0;
    const int n = seen->n;
    mdp_err err = mdp_evaluation_curve(job->path, curve);
    if (err == MDP_OK) err = mdp_text_index_put(seen, curve, n, &i_curve);
    job->bytes = BYTES_OF_EVALUATION + BYTES_OF_EPISODE * (double)job->eval.n_episodes;
    if (i_curve == n) job->bytes += BYTES_OF_CURVE;
    return err;
}

mdp_err mdp_plan_measure(struct mdp_plan *plan) {
    struct mdp_text_index seen = {.n = 0};
    mdp_err err = MDP_OK;
    for (int i = 0; i < plan->n; i++) {
        struct mdp_job *job = &plan->jobs[i];
        job->bytes = job->bytes_removed = 0;
        if (!job->is_needed) continue;
        switch (job->kind) {
        case MDP_JOB_DATA: measure_data(job); break;
        case MDP_JOB_RUN: err = measure_run(plan, job); break;
        default: err = measure_evaluation(job, &seen); break;
        }
        if (err != MDP_OK) break;
    }
    mdp_text_index_free(&seen);
    return err;
}
