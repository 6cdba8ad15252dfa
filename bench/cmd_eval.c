/* mdpbench eval: 50 randomized episodes for every checkpoint, any composition, or a behaviour policy. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/stop.h"
#include "bench/checkpoints.h"
#include "bench/eval.h"
#include "bench/physics.h"
#include "bench/verb.h"

/* the command's options */
struct request {
    struct mdp_eval_settings settings;
    const char *diffusion, *guidance, *behavior, *out;
    long step;
    int as_json;
};

static void print_text(const struct mdp_eval_result *r) {
    const struct mdp_summary *s = &r->normalized;
    printf("%s: step %ld, %ld episodes, normalized return mean %.4f, sd %.4f, iqm %.4f [%.4f, %.4f]%s, quartiles "
           "%.4f %.4f %.4f, return mean %.1f\n",
           r->path, r->step, s->n, s->mean, s->sd, s->iqm, s->iqm_low, s->iqm_high,
           s->has_few ? " (too narrow: few episodes)" : "", s->q1, s->median, s->q3, r->returns.mean);
}

static mdp_err print_result(const struct request *request, const struct mdp_eval_result *r) {
    if (!request->as_json) {
        print_text(r);
        return MDP_OK;
    }
    json_t *object = json_pack("{s:I, s:I, s:o, s:o, s:s}", "step", (json_int_t)r->step, "episodes",
                               (json_int_t)r->returns.n, "return", mdp_summary_json(&r->returns), "normalized_return",
                               mdp_summary_json(&r->normalized), "path", r->path);
    char *text = object != NULL ? json_dumps(object, JSON_REAL_PRECISION(12)) : NULL;
    json_decref(object);
    if (text == NULL) return mdp_fail(MDP_E_NOMEM, "eval: no memory for the result");
    printf("%s\n", text);
    free(text);
    return MDP_OK;
}

/* a name beside the input: step000400.diffusion.h5 becomes step000400.episodes.h5, online actors say so */
static mdp_err default_out(const struct request *request, const char *input, char out[MDP_PATH_MAX]) {
    static const char *const endings[] = {".diffusion.h5", ".behavior.h5", ".h5"};
    const char *mark = request->behavior != NULL ? (request->settings.is_stochastic ? ".stochastic" : "")
                                                 : (request->settings.use_ema ? "" : ".online");
    size_t n = strlen(input);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t length = strlen(endings[i]);
        if (n <= length || strcmp(input + n - length, endings[i]) != 0) continue;
        return mdp_fsx_path(out, "%.*s%s.episodes.h5", (int)(n - length), input, mark);
    }
    return mdp_fsx_path(out, "%s%s.episodes.h5", input, mark);
}

static mdp_err eval_one(const struct request *request, const char *diffusion, const char *guidance) {
    struct mdp_eval_result result;
    char out[MDP_PATH_MAX];
    mdp_err err;
    const char *input = request->behavior != NULL ? request->behavior : diffusion;
    if (request->out != NULL)
        MDP_TRY(mdp_fsx_path(out, "%s", request->out));
    else
        MDP_TRY(default_out(request, input, out));
    if (request->behavior != NULL)
        MDP_TRY(mdp_eval_behavior(&request->settings, request->behavior, out, &result));
    else
        MDP_TRY(mdp_eval_modules(&request->settings, diffusion, guidance, out, &result));
    MDP_TRY(print_result(request, &result));
    if (fflush(stdout) != 0) err = mdp_fail(MDP_E_IO, "standard output: cannot write");
out:
    return err;
}

/* the guidance that goes with a diffusion file unless another is named: same run, same step */
static mdp_err eval_pair(const struct request *request, const char *folder, long step) {
    char diffusion[MDP_PATH_MAX], guidance[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_fsx_path(diffusion, "%s/step%06ld.diffusion.h5", folder, step));
    MDP_TRY(mdp_fsx_path(guidance, "%s/step%06ld.guidance.h5", folder, step));
    if (request->guidance != NULL) MDP_TRY(mdp_fsx_path(guidance, "%s", request->guidance));
    MDP_TRY(eval_one(request, diffusion, strcmp(guidance, "none") != 0 ? guidance : NULL));
out:
    return err;
}

static mdp_err eval_folder(const struct request *request, const char *folder) {
    struct mdp_steps steps = {0, NULL};
    int n_done = 0;
    mdp_err err;
    MDP_TRY(mdp_steps_list(folder, ".diffusion.h5", &steps));
    for (int i = 0; i < steps.n; i++) {
        if (request->step >= 0 && steps.steps[i] != request->step) continue;
        MDP_TRY(eval_pair(request, folder, steps.steps[i]));
        n_done++;
    }
    if (n_done == 0)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected stepNNNNNN.diffusion.h5 of %s, found none", folder,
                         request->step >= 0 ? "that step" : "a training run"));
out:
    free(steps.steps);
    return err;
}

static mdp_err check(const struct request *request, int n_folders, const char *actor, const char *rule) {
    int n_inputs = (request->diffusion != NULL) + (request->behavior != NULL) + (n_folders > 0);
    if (n_inputs != 1)
        return mdp_fail(MDP_E_USAGE,
                        "eval: expected one of a run's folder, --diffusion or --behavior, found %d of them", n_inputs);
    if (request->diffusion != NULL && request->guidance == NULL)
        return mdp_fail(MDP_E_USAGE,
                        "eval: option --guidance: expected a file or 'none' beside --diffusion, found nothing");
    if (request->behavior == NULL && request->settings.is_stochastic)
        return mdp_fail(MDP_E_USAGE, "eval: option --stochastic: expected --behavior beside it, found none");
    if (request->behavior != NULL && request->guidance != NULL)
        return mdp_fail(MDP_E_USAGE, "eval: option --guidance: expected none beside --behavior, found '%s'",
                        request->guidance);
    if (request->out != NULL && n_folders > 0 && request->step < 0)
        return mdp_fail(MDP_E_USAGE,
                        "eval: option --out: expected one evaluation, found a folder; name one with --step");
    if (strcmp(actor, "ema") != 0 && strcmp(actor, "online") != 0)
        return mdp_fail(MDP_E_USAGE, "eval: option --actor: expected ema or online, found '%s'", actor);
    if (strcmp(rule, "standard") != 0 && strcmp(rule, "cleandiffuser") != 0)
        return mdp_fail(MDP_E_USAGE, "eval: option --return-rule: expected standard or cleandiffuser, found '%s'",
                        rule);
    return MDP_OK;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request request = {.step = -1};
    mdp_eval_defaults(&request.settings);
    struct mdp_eval_settings *s = &request.settings;
    long n_episodes = s->n_episodes, n_lanes = s->n_lanes, n_threads = mdp_cpu_count(), n_candidates = s->n_candidates;
    const char *actor = "ema", *rule = "standard", *physics = NULL;
    struct mdp_engine *engine = NULL;
    const struct mdp_option options[] = {
        {"diffusion", MDP_OPT_STRING, &request.diffusion, "FILE", "a diffusion module", 0, 0},
        {"guidance", MDP_OPT_STRING, &request.guidance, "FILE",
         "guidance that selects; 'none': one candidate (own of the same step)", 0, 0},
        {"behavior", MDP_OPT_STRING, &request.behavior, "FILE", "a behaviour policy instead", 0, 0},
        {"stochastic", MDP_OPT_FLAG, &s->is_stochastic, NULL, "behaviour policies draw their actions", 0, 0},
        {"step", MDP_OPT_INT, &request.step, "N", "only this checkpoint of a folder; -1: all", -1, 1e9},
        {"episodes", MDP_OPT_INT, &n_episodes, "N", "episodes", 1, 1000000},
        {"seed", MDP_OPT_U64, &s->seed, "S", "seed of episodes and sampling noise", 0, 0},
        {"candidates", MDP_OPT_INT, &n_candidates, "N", "candidate actions per state", 1, 4096},
        {"temperature", MDP_OPT_REAL, &s->temperature, "X", "scale of the start noise", 0, 100},
        {"w-t", MDP_OPT_REAL, &s->selection_temperature, "X", "weight of scores in the softmax; -1: the task's own", -1,
         1e9},
        {"actor", MDP_OPT_STRING, &actor, "NAME", "ema or online parameters", 0, 0},
        {"return-rule", MDP_OPT_STRING, &rule, "NAME", "standard or cleandiffuser", 0, 0},
        {"lanes", MDP_OPT_INT, &n_lanes, "N", "episodes side by side; does not change the result", 1, 10000},
        {"threads", MDP_OPT_INT, &n_threads, "N", "threads; does not change the result", 1, 256},
        MDP_PHYSICS_OPTION(&physics),
        {"out", MDP_OPT_STRING, &request.out, "FILE", "episodes file (beside the input)", 0, 0},
        {"json", MDP_OPT_FLAG, &request.as_json, NULL, "one JSON object per evaluation", 0, 0},
    };
    int first, done;
    mdp_err err = mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    mdp_stop_install();
    MDP_TRY(check(&request, argc - first, actor, rule));
    MDP_TRY(mdp_physics_open(physics, &engine));
    s->engine = engine;
    s->n_episodes = (int)n_episodes;
    s->n_lanes = (int)n_lanes;
    s->n_threads = (int)n_threads;
    s->n_candidates = (int)n_candidates;
    s->use_ema = strcmp(actor, "ema") == 0;
    s->rule = strcmp(rule, "standard") == 0 ? MDP_RETURN_STANDARD : MDP_RETURN_CLEANDIFFUSER;
    if (first == argc) {
        const char *guidance =
            request.guidance != NULL && strcmp(request.guidance, "none") == 0 ? NULL : request.guidance;
        MDP_TRY(eval_one(&request, request.diffusion, guidance));
    }
    for (int i = first; i < argc; i++) MDP_TRY(eval_folder(&request, argv[i]));
out:
    mdp_engine_free(engine);
    return err;
}

const struct mdp_verb mdp_verb_eval = {
    .name = "eval",
    .summary = "evaluate checkpoints, compositions or behaviour policies over randomized episodes",
    .usage = "RUN_FOLDER... | --diffusion FILE --guidance FILE|none | --behavior FILE  [options]",
    .details = "Writes one episodes file per checkpoint: return, length, end and seed of every episode. Episode k of a "
               "seed starts\n"
               "alike and sees the same sampling noise for every policy, so evaluations with one seed are paired. An "
               "episodes\n"
               "file that exists with the same settings is read instead of made.\n"
               "--json prints {step, episodes, return, normalized_return, path}; the two samples as {mean, sd, iqm, "
               "q1, median,\n"
               "q3, iqm_ci95, iqm_ci95_stream, iqm_ci95_few}.",
    .example = "mdpbench eval runs/halfcheetah-medium/dql/joint/seed0 --actor ema --seed 0",
    .run = run_verb,
};
