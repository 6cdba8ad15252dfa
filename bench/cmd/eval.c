/* mdpbench eval: 50 randomized episodes for every checkpoint, any composition, or a behaviour policy. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/precision.h"
#include "base/cpu.h"
#include "bench/cmd/verb.h"
#include "bench/run/checkpoints.h"
#include "bench/run/composition.h"
#include "bench/run/physics.h"
#include "bench/run/work.h"
#include "bench/stage/evaluation.h"

/* the command's options; NULL, NaN, 0 or -1 where none was given */
struct request {
    struct mdp_eval_settings settings;
    const char *diffusion, *guidance, *behavior, *actor, *rule, *precision, *physics, *out;
    double temperature, selection_temperature, lambda, langevin_size;
    long step, n_episodes, n_lanes, n_threads, n_candidates, n_sampling_steps, n_langevin, langevin_time;
    int as_json;
};

/* one evaluation that was asked for */
struct pair {
    char diffusion[MDP_PATH_MAX], guidance[MDP_PATH_MAX]; /* guidance "" for none */
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

/* what stands between step and ending: the label, else how a policy acted where that is not the usual way */
static const char *name_label(const struct request *request) {
    if (request->settings.label != NULL) return request->settings.label;
    if (request->behavior != NULL) return request->settings.is_stochastic ? MDP_LABEL_STOCHASTIC : "";
    return request->settings.use_ema ? "" : MDP_LABEL_ONLINE;
}

static mdp_err eval_one(const struct request *request, const struct pair *pair) {
    struct mdp_eval_result result;
    char out[MDP_PATH_MAX];
    mdp_err err;
    const char *input = request->behavior != NULL ? request->behavior : pair->diffusion;
    if (request->out != NULL)
        MDP_TRY(mdp_fsx_path(out, "%s", request->out));
    else
        MDP_TRY(mdp_path_beside(input, name_label(request), MDP_FILE_EPISODES, out));
    if (request->behavior != NULL)
        MDP_TRY(mdp_eval_behavior(&request->settings, request->behavior, out, &result));
    else
        MDP_TRY(mdp_eval_modules(&request->settings, pair->diffusion, pair->guidance[0] != 0 ? pair->guidance : NULL,
                                 out, &result));
    MDP_TRY(print_result(request, &result));
    if (fflush(stdout) != 0) err = mdp_fail(MDP_E_IO, "standard output: cannot write");
out:
    return err;
}

static mdp_err find_pair(const struct request *request, const char *diffusion, struct pair *pair) {
    mdp_err err;
    MDP_TRY(mdp_fsx_path(pair->diffusion, "%s", diffusion));
    MDP_TRY(mdp_guidance_locate(request->guidance != NULL ? request->guidance : "own", diffusion, pair->guidance));
out:
    return err;
}

/* the pairs of a run's steps; all are found before the first is evaluated, so that a missing one shows at once */
static mdp_err find_pairs(const struct request *request, const char *folder, struct pair **pairs, int *n) {
    struct mdp_step_files files = {0, NULL};
    char diffusion[MDP_PATH_MAX];
    mdp_err err;
    *pairs = NULL;
    *n = 0;
    MDP_TRY(mdp_diffusion_files_list(folder, request->step, &files));
    MDP_TRY(mdp_calloc(pairs, (unsigned long)files.n, sizeof **pairs, "modules to evaluate"));
    for (; *n < files.n; (*n)++) {
        MDP_TRY(mdp_step_name_path(folder, &files.names[*n], diffusion));
        MDP_TRY(find_pair(request, diffusion, &(*pairs)[*n]));
    }
out:
    free(files.names);
    return err;
}

static mdp_err eval_folder(const struct request *request, const char *folder) {
    struct pair *pairs;
    int n;
    mdp_err err;
    MDP_TRY(find_pairs(request, folder, &pairs, &n));
    for (int i = 0; i < n; i++) MDP_TRY(eval_one(request, &pairs[i]));
out:
    free(pairs);
    return err;
}

static mdp_err eval_all(const struct request *request, int n_folders, char **folders) {
    struct pair pair = {"", ""};
    mdp_err err = MDP_OK;
    if (request->diffusion != NULL) MDP_TRY(find_pair(request, request->diffusion, &pair));
    if (n_folders == 0) MDP_TRY(eval_one(request, &pair));
    for (int i = 0; i < n_folders; i++) MDP_TRY(eval_folder(request, folders[i]));
out:
    return err;
}

/* ---- options that go together ---- */

/* an option that would be ignored is refused */
static mdp_err check_meaning(const struct request *r) {
    const struct mdp_eval_settings *s = &r->settings;
    int is_behavior = r->behavior != NULL, is_unguided = r->guidance != NULL && strcmp(r->guidance, "none") == 0;
    const struct {
        const char *name;
        int is_given, has_meaning;
        const char *expected;
    } rules[] = {
        {"stochastic", s->is_stochastic, is_behavior, "--behavior beside it, found none"},
        {"guidance", r->guidance != NULL, !is_behavior, "none beside --behavior, found it"},
        {"step", r->step >= 0, r->diffusion == NULL && !is_behavior, "a run's folder beside it, found a file"},
        {"candidates", r->n_candidates != 0, !is_behavior, "none beside --behavior, found it"},
        {"candidates", r->n_candidates > 1, !is_unguided, "1 beside --guidance none, which selects none, found more"},
        {"paper-exact", s->is_paper_exact, !is_behavior, "none beside --behavior, found it"},
        {"paper-exact", s->is_paper_exact, !is_unguided, "none beside --guidance none, found it"},
        {"paper-exact", s->is_paper_exact, r->n_candidates == 0, "none beside --candidates, found it"},
        {"temperature", !isnan(r->temperature), !is_behavior, "none beside --behavior, found it"},
        {"w-t", !isnan(r->selection_temperature), !is_behavior, "none beside --behavior, found it"},
        {"w-t", !isnan(r->selection_temperature), !is_unguided, "none beside --guidance none, found it"},
        {"lambda", !isnan(r->lambda), !is_behavior, "none beside --behavior, found it"},
        {"lambda", r->lambda > 0, !is_unguided, "0 beside --guidance none, found more"},
        {"langevin-steps", r->n_langevin >= 0, !is_behavior, "none beside --behavior, found it"},
        {"langevin-steps", r->n_langevin > 0, !isnan(r->langevin_size), "--langevin-step-size beside it, found none"},
        {"langevin-step-size", !isnan(r->langevin_size), r->n_langevin > 0, "--langevin-steps beside it, found none"},
        {"langevin-time", r->langevin_time >= 0, r->n_langevin > 0, "--langevin-steps beside it, found none"},
        {"solver", s->solver != NULL, !is_behavior, "none beside --behavior, found it"},
        {"sampling-steps", r->n_sampling_steps != 0, !is_behavior, "none beside --behavior, found it"},
        {"actor", r->actor != NULL, !is_behavior, "none beside --behavior, found it"},
        {"precision", r->precision != NULL, !is_behavior, "none beside --behavior, found it"},
        {"label", s->label != NULL, r->out == NULL, "none beside --out, found it"},
    };
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].is_given && !rules[i].has_meaning)
            return mdp_fail(MDP_E_USAGE, "eval: option --%s: expected %s", rules[i].name, rules[i].expected);
    return MDP_OK;
}

/* refused here, before any work is done */
static mdp_err check_precision(const char *name) {
    const struct mdp_kernel *kernel;
    mdp_err err = mdp_precision_find(name, &kernel);
    return err == MDP_OK ? MDP_OK : mdp_fail_context(err, "eval: option --precision");
}

static mdp_err check(const struct request *r, int n_folders) {
    int n_inputs = (r->diffusion != NULL) + (r->behavior != NULL) + (n_folders > 0);
    mdp_err err;
    if (n_inputs != 1)
        return mdp_fail(MDP_E_USAGE,
                        "eval: expected one of a run's folder, --diffusion or --behavior, found %d of them", n_inputs);
    MDP_TRY(check_meaning(r));
    if (r->out != NULL && (n_folders > 1 || (n_folders == 1 && r->step < 0)))
        return mdp_fail(MDP_E_USAGE,
                        "eval: option --out: expected one evaluation, found a folder; name one with --step");
    if (r->actor != NULL && strcmp(r->actor, "ema") != 0 && strcmp(r->actor, "online") != 0)
        return mdp_fail(MDP_E_USAGE, "eval: option --actor: expected ema or online, found '%s'", r->actor);
    if (strcmp(r->rule, "standard") != 0 && strcmp(r->rule, "cleandiffuser") != 0)
        return mdp_fail(MDP_E_USAGE, "eval: option --return-rule: expected standard or cleandiffuser, found '%s'",
                        r->rule);
    if (r->settings.label != NULL && mdp_label_check(r->settings.label) != MDP_OK)
        return mdp_fail_context(MDP_E_USAGE, "eval: option --label");
    if (r->precision != NULL) MDP_TRY(check_precision(r->precision));
out:
    return err;
}

/* what was given takes the place of the defaults */
static void settle(struct request *r) {
    struct mdp_eval_settings *s = &r->settings;
    s->n_episodes = (int)r->n_episodes;
    s->n_lanes = (int)r->n_lanes;
    s->n_threads = (int)r->n_threads;
    s->n_sampling_steps = (int)r->n_sampling_steps;
    if (r->n_candidates > 0) s->n_candidates = (int)r->n_candidates;
    if (!isnan(r->temperature)) s->temperature = r->temperature;
    if (!isnan(r->selection_temperature)) s->selection_temperature = r->selection_temperature;
    if (!isnan(r->lambda)) s->lambda = r->lambda;
    if (r->n_langevin > 0)
        s->langevin = (struct mdp_langevin){(int)r->n_langevin, r->langevin_size, (int)r->langevin_time};
    if (r->precision != NULL) s->precision = r->precision;
    s->use_ema = r->actor == NULL || strcmp(r->actor, "ema") == 0;
    s->rule = strcmp(r->rule, "standard") == 0 ? MDP_RETURN_STANDARD : MDP_RETURN_CLEANDIFFUSER;
}

static mdp_err parse(const struct mdp_verb *verb, int argc, char **argv, struct request *r, int *first, int *done) {
    struct mdp_eval_settings *s = &r->settings;
    const struct mdp_option options[] = {
        {"diffusion", MDP_OPT_STRING, &r->diffusion, "FILE", "a diffusion module", 0, 0},
        {"guidance", MDP_OPT_STRING, &r->guidance, "WHICH",
         "what selects: own (as trained), none, FILE, or FOLDER for the same step of another run (own)", 0, 0},
        {"behavior", MDP_OPT_STRING, &r->behavior, "FILE", "a behaviour policy instead", 0, 0},
        {"stochastic", MDP_OPT_FLAG, &s->is_stochastic, NULL, "behaviour policies draw their actions", 0, 0},
        {"step", MDP_OPT_INT, &r->step, "N", "only this checkpoint of a folder; -1: all", -1, 1e9},
        {"episodes", MDP_OPT_INT, &r->n_episodes, "N", "episodes", 1, 1000000},
        {"seed", MDP_OPT_U64, &s->seed, "S", "seed of episodes and sampling noise", 0, 0},
        {"candidates", MDP_OPT_INT, &r->n_candidates, "N", "candidate actions per state (50; without guidance 1)", 1,
         4096},
        {"paper-exact", MDP_OPT_FLAG, &s->is_paper_exact, NULL,
         "as many candidates as the algorithm's code: idql by its own guidance takes 256", 0, 0},
        {"temperature", MDP_OPT_REAL, &r->temperature, "X", "scale of the start noise (0.5)", 0, 100},
        {"w-t", MDP_OPT_REAL, &r->selection_temperature, "X",
         "weight of scores in the softmax (of the guidance's algorithm and the task)", 0, 1e9},
        {"lambda", MDP_OPT_REAL, &r->lambda, "X", "step of candidates up the guidance's gradient (0)", 0, 1e6},
        {"langevin-steps", MDP_OPT_INT, &r->n_langevin, "N", "Langevin steps of candidates on the tilted policy (0)", 0,
         MDP_LANGEVIN_STEPS_MAX},
        {"langevin-step-size", MDP_OPT_REAL, &r->langevin_size, "H", "their step size", 1e-12, 1e3},
        {"langevin-time", MDP_OPT_INT, &r->langevin_time, "I",
         "denoising time of their score (the first with sigma of at least 0.1)", 0, 255},
        {"actor", MDP_OPT_STRING, &r->actor, "NAME", "ema or online parameters (ema)", 0, 0},
        {"solver", MDP_OPT_STRING, &s->solver, "NAME", "of the reverse process (as trained)", 0, 0},
        {"sampling-steps", MDP_OPT_INT, &r->n_sampling_steps, "N", "of the reverse process (as trained)", 1, 1000},
        {"return-rule", MDP_OPT_STRING, &r->rule, "NAME", "standard or cleandiffuser", 0, 0},
        {"precision", MDP_OPT_STRING, &r->precision, "NAME",
         "f32, f32-plain (the matrix library), bf16 (AMX), bf16-avx512 (AVX512_BF16) or bf16-emulated (f32)", 0, 0},
        {"lanes", MDP_OPT_INT, &r->n_lanes, "N", "episodes side by side; does not change the result", 1, 10000},
        {"threads", MDP_OPT_INT, &r->n_threads, "N", "threads; does not change the result", 1, 256},
        MDP_PHYSICS_OPTION(&r->physics),
        {"label", MDP_OPT_STRING, &s->label, "NAME", "names the result stepNNNNNN.NAME.episodes.h5", 0, 0},
        {"out", MDP_OPT_STRING, &r->out, "FILE", "episodes file (beside the input)", 0, 0},
        {"json", MDP_OPT_FLAG, &r->as_json, NULL, "one JSON object per evaluation", 0, 0},
    };
    return mdp_options_parse(verb, options, sizeof options / sizeof options[0], argc, argv, first, done);
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r = {.step = -1,
                        .n_threads = mdp_cpu_count(),
                        .rule = "standard",
                        .temperature = NAN,
                        .selection_temperature = NAN,
                        .lambda = NAN,
                        .langevin_size = NAN,
                        .n_langevin = -1,
                        .langevin_time = -1};
    struct mdp_engine *engine = NULL;
    int first, done;
    mdp_eval_defaults(&r.settings);
    r.n_episodes = r.settings.n_episodes;
    r.n_lanes = r.settings.n_lanes;
    mdp_err err = parse(verb, argc, argv, &r, &first, &done);
    if (err != MDP_OK || done) return err;
    MDP_TRY(check(&r, argc - first));
    settle(&r);
    mdp_work_begin(r.n_threads);
    MDP_TRY(mdp_physics_open(r.physics, &engine));
    r.settings.engine = engine;
    MDP_TRY(eval_all(&r, argc - first, argv + first));
out:
    mdp_engine_free(engine);
    return err;
}

const struct mdp_verb mdp_verb_eval = {
    .name = "eval",
    .summary = "evaluate checkpoints, compositions or behaviour policies over randomized episodes",
    .usage = "RUN_FOLDER... | --diffusion FILE | --behavior FILE  [options]",
    .details = "Guidance at inference selects one of the candidates that the diffusion module samples. By default it "
               "is what\n"
               "the run was trained with: the same step's module, the frozen one, the noise, or none. Any other module "
               "of the\n"
               "same sizes, task and normaliser may take its place.\n"
               "Writes one episodes file per checkpoint: return, length, end and seed of every episode. Episode k of a "
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
