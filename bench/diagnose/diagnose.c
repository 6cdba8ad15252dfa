#include "bench/diagnose/diagnose.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/diffusion/density.h"
#include "algos/diffusion/window_diffusion.h"
#include "algos/temperature.h"
#include "base/log.h"
#include "bench/diagnose/internal.h"
#include "bench/run/composition.h"
#include "bench/run/modules.h"

static const struct mdp_setting rows[] = {
    MDP_ROW(struct mdp_diagnose_settings, n_states, WHOLE, .name = "states", .low = 10, .high = 1e6, .fallback = "1000",
            .help = "held-out states to look at"),
    MDP_ROWS_OF(struct mdp_diagnose_settings, acting, mdp_eval_table, .takers = MDP_FOR_DIAGNOSE),
    MDP_ROW(struct mdp_diagnose_settings, guidance_data, TEXT, .name = "guidance-data", .argument = "FILE",
            .help = "dataset of --guidance-task, for its reward scale (datasets/TASK.hdf5)"),
    MDP_ROW(struct mdp_diagnose_settings, score_time, WHOLE, .name = "score-time", .low = 0, .high = 255,
            .argument = "I", .help = "denoising time of the score (the first with sigma of at least 0.1)"),
    MDP_ROW(struct mdp_diagnose_settings, tail, REAL, .name = "tail", .low = 1e-9, .high = 0.5, .fallback = "0.01",
            .help = "discounted weight that a return may miss where an episode is cut"),
};
const struct mdp_settings mdp_diagnose_table = MDP_SETTINGS(struct mdp_diagnose_settings, rows);

/* one guidance on its way from a file to a judgement */
struct guide {
    struct mdp_guidance *module;
    struct mdp_checkpoint_info info;
    struct mdp_judgement judgement;
};

/* all modules of a diagnosis */
struct modules {
    struct mdp_diffusion *diffusion;
    struct mdp_checkpoint_info info;
    struct guide guides[MDP_DIAGNOSE_GUIDES_MAX];
    int n_others; /* of other tasks than the diffusion's */
};

static void modules_free(struct modules *m) {
    mdp_diffusion_free(m->diffusion);
    mdp_checkpoint_info_free(&m->info);
    for (int i = 0; i < MDP_DIAGNOSE_GUIDES_MAX; i++) {
        mdp_guidance_free(m->guides[i].module);
        mdp_checkpoint_info_free(&m->guides[i].info);
        mdp_judgement_free(&m->guides[i].judgement);
    }
    free(m);
}

/* ---- modules ---- */

/* what a module recorded of its training data; imported ones know of none */
static mdp_err check_trained_on(const char *data, uint64_t data_hash, const char *path,
                                const struct mdp_checkpoint_info *info) {
    json_t *settings = json_loads(info->head.settings, 0, NULL);
    const char *recorded = json_string_value(json_object_get(settings, "data"));
    char found[17];
    mdp_err err = MDP_OK;
    snprintf(found, sizeof found, "%016" PRIx64, data_hash);
    if (recorded != NULL && strcmp(recorded, found) != 0)
        err = mdp_fail(MDP_E_DATA, "%s: expected the data that %s was trained on, hash %s, found hash %s", data, path,
                       recorded, found);
    json_decref(settings);
    return err;
}

static double discount_of(const struct mdp_checkpoint_info *info) {
    json_t *settings = json_loads(info->head.settings, 0, NULL);
    const json_t *recorded = json_object_get(settings, "discount");
    double discount = json_is_number(recorded) ? json_number_value(recorded) : 0.99;
    json_decref(settings);
    return discount;
}

static mdp_err read_diffusion(const struct mdp_diagnose_settings *s, const struct mdp_held_out *h, const char *path,
                              struct modules *m, struct mdp_diagnosis *out) {
    mdp_err err;
    MDP_TRY(mdp_fsx_path(out->diffusion, "%s", path));
    MDP_TRY(mdp_diffusion_read(path, &m->diffusion, &m->info));
    if (m->diffusion->inverse != NULL)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected a module that guidance goes with, found one that is told a return",
                         path));
    out->has_plans = m->diffusion->window != NULL;
    out->n_candidates = s->acting.n_candidates;
    if (out->has_plans && !MDP_GIVEN(&mdp_eval_table, &s->acting, n_candidates))
        out->n_candidates = mdp_algorithm_of_denoiser(m->diffusion->config.kind)->n_candidates;
    MDP_TRY(mdp_fsx_hash(path, &out->diffusion_hash));
    MDP_TRY(check_trained_on(h->training, h->training_hash, path, &m->info));
    const struct mdp_schedule *schedule = &m->diffusion->schedule;
    out->step = (long)m->info.step;
    out->solver = m->diffusion->config.solver->name;
    out->n_sampling_steps = m->diffusion->config.n_steps;
    out->score_time = s->score_time >= 0 ? (int)s->score_time : mdp_density_time(schedule);
    if (mdp_density_check_time(schedule, out->score_time) != MDP_OK) MDP_TRY(mdp_fail_context(MDP_E_USAGE, "%s", path));
    out->score_sigma = schedule->sigma[out->score_time];
out:
    return err;
}

static mdp_err find_w_t(const struct mdp_diagnose_settings *s, const struct mdp_pair *pair,
                        const struct mdp_checkpoint_info *info, double *w_t) {
    const char *scale;
    mdp_err err = mdp_guidance_scale(pair->guidance, info, &scale);
    if (err != MDP_OK) return err;
    *w_t = s->acting.w_t;
    if (!isnan(*w_t) || mdp_selection_temperature(scale, info->task, w_t) == MDP_OK) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s: option --w-t: expected a number, as none is known for %s and %s, found none",
                    pair->guidance, scale, info->task);
}

/* the best window is taken, and returns are those that were learnt */
static mdp_err take_plans(const struct mdp_diagnose_settings *s, const struct mdp_checkpoint_info *info,
                          const struct mdp_guidance *guidance, struct mdp_pair *pair) {
    json_t *settings = json_loads(info->head.settings, 0, NULL);
    const json_t *terminal = json_object_get(settings, "terminal_penalty");
    pair->w_t = 0;
    pair->has_own_rewards = 1;
    pair->rewards = (struct mdp_held_out_rewards){guidance->config.return_scale,
                                                  json_is_number(terminal) ? json_number_value(terminal) : NAN};
    json_decref(settings);
    if (isnan(s->acting.w_t)) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "%s: option --w-t: expected none, as the plan of the highest return is taken, found one",
                    pair->guidance);
}

/* as the next pair */
static mdp_err read_guide(const struct mdp_diagnose_settings *s, const struct mdp_held_out *h, struct modules *m,
                          const char *choice, const char *path, uint64_t hash, struct mdp_diagnosis *out) {
    struct mdp_pair *pair = &out->pairs[out->n_pairs];
    struct guide *guide = &m->guides[out->n_pairs];
    mdp_err err;
    pair->choice = choice;
    pair->mean_return = NAN;
    pair->guidance_hash = hash;
    MDP_TRY(mdp_fsx_path(pair->guidance, "%s", path));
    MDP_TRY(mdp_guidance_read(pair->guidance, &guide->module, &guide->info));
    MDP_TRY(mdp_modules_fit_kinds(pair->guidance, m->diffusion, guide->module));
    /* guidance of another task has seen other data */
    const int is_other = strcmp(guide->info.task, m->info.task) != 0;
    MDP_TRY(mdp_guidance_fit(out->diffusion, &m->info, pair->guidance, &guide->info,
                             is_other ? s->acting.guidance_task : NULL, guide->module));
    if (!mdp_acts_by_ema(&s->acting)) mdp_guidance_use_online(guide->module);
    MDP_TRY(check_trained_on(is_other ? h->other : h->training, is_other ? h->other_hash : h->training_hash,
                             pair->guidance, &guide->info));
    if (is_other) {
        pair->has_own_rewards = 1;
        pair->rewards = (struct mdp_held_out_rewards){h->other_range / 1000, NAN};
    }
    if (out->has_plans)
        MDP_TRY(take_plans(s, &guide->info, guide->module, pair));
    else
        MDP_TRY(find_w_t(s, pair, &guide->info, &pair->w_t));
    pair->reward_scale = pair->has_own_rewards ? 1 / pair->rewards.scale : 1000 / h->reward_range;
    m->n_others += is_other;
    pair->discount = discount_of(&guide->info);
    out->n_pairs++;
out:
    return err;
}

/* several choices may mean the same file, e.g. `own` and its path: it is examined only once */
static mdp_err read_guides(const struct mdp_diagnose_settings *s, const struct mdp_held_out *h, struct modules *m,
                           const char *const *choices, int n_choices, struct mdp_diagnosis *out) {
    char path[MDP_PATH_MAX];
    uint64_t hash;
    mdp_err err = MDP_OK;
    for (int i = 0; i < n_choices; i++) {
        const struct mdp_pair *same = NULL;
        MDP_TRY(mdp_guidance_locate(choices[i], out->diffusion, path));
        if (path[0] == 0)
            MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected guidance to examine, found none in '%s'; name a file or a run",
                             out->diffusion, choices[i]));
        MDP_TRY(mdp_fsx_hash(path, &hash));
        for (int k = 0; k < out->n_pairs; k++)
            if (out->pairs[k].guidance_hash == hash) same = &out->pairs[k];
        if (same != NULL)
            mdp_log("%s: %s is %s, looked at once", out->diffusion, choices[i], same->choice);
        else
            MDP_TRY(read_guide(s, h, m, choices[i], path, hash, out));
    }
    if (m->n_others == 0 && s->acting.guidance_task != NULL && strcmp(s->acting.guidance_task, m->info.task) != 0)
        err = mdp_fail(MDP_E_USAGE, "%s: option --guidance-task: expected guidance of %s, found that of %s alone",
                       out->diffusion, s->acting.guidance_task, m->info.task);
out:
    return err;
}

/* ---- the examination ---- */

static mdp_err measure(const struct mdp_states *states, struct modules *m, struct mdp_diagnosis *out) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < out->n_pairs; i++) {
        MDP_TRY(mdp_states_judge(states, m->guides[i].module, &m->guides[i].judgement));
        MDP_TRY(mdp_pair_measure(states, &m->guides[i].judgement, &out->pairs[i]));
    }
    for (int a = 0, k = 0; a < out->n_pairs; a++)
        for (int b = a + 1; b < out->n_pairs; b++, k++) {
            out->agreements[k].a = a;
            out->agreements[k].b = b;
            MDP_TRY(mdp_agreement_measure(states, &m->guides[a].judgement, out->pairs[a].w_t, &m->guides[b].judgement,
                                          out->pairs[b].w_t, &out->agreements[k]));
        }
out:
    return err;
}

static mdp_err examine(const struct mdp_diagnose_settings *s, const struct mdp_held_out *h, struct modules *m,
                       struct mdp_diagnosis *out) {
    struct mdp_eval_settings acting = s->acting;
    const struct mdp_diffusion *d = m->diffusion;
    struct mdp_states states = {.acting = &acting,
                                .tail = s->tail,
                                .held_out = h,
                                .diffusion = m->diffusion,
                                .normalizer = &m->info.normalizer,
                                .n = h->n,
                                .n_obs = m->info.n_obs,
                                .n_act = m->info.n_act,
                                .n_vector = d->window != NULL ? d->window->n : m->info.n_act,
                                .takes_best = out->has_plans,
                                .score_time = out->score_time};
    mdp_err err;
    acting.n_candidates = out->n_candidates;
    MDP_TRY(mdp_states_fill(&states));
    MDP_TRY(measure(&states, m, out));
out:
    mdp_states_free(&states);
    return err;
}

mdp_err mdp_diagnose(const struct mdp_diagnose_settings *settings, const struct mdp_held_out *held_out,
                     const char *diffusion, const char *const *choices, int n_choices, struct mdp_diagnosis *out) {
    struct modules *modules = NULL;
    mdp_err err;
    *out = (struct mdp_diagnosis){.n_pairs = 0};
    if (n_choices < 1 || n_choices > MDP_DIAGNOSE_GUIDES_MAX)
        return mdp_fail(MDP_E_USAGE, "diagnose: expected 1 to %d guidances, found %d", MDP_DIAGNOSE_GUIDES_MAX,
                        n_choices);
    MDP_TRY(mdp_calloc(&modules, 1, sizeof *modules, "modules"));
    MDP_TRY(mdp_calloc(&out->pairs, (unsigned long)n_choices, sizeof *out->pairs, "pairs"));
    MDP_TRY(read_diffusion(settings, held_out, diffusion, modules, out));
    MDP_TRY(read_guides(settings, held_out, modules, choices, n_choices, out));
    out->n_agreements = out->n_pairs * (out->n_pairs - 1) / 2;
    MDP_TRY(mdp_calloc(&out->agreements, (unsigned long)out->n_agreements + 1, sizeof *out->agreements, "pairs"));
    MDP_TRY(examine(settings, held_out, modules, out));
out:
    if (modules != NULL) modules_free(modules);
    if (err != MDP_OK) mdp_diagnosis_free(out);
    return err;
}

void mdp_diagnosis_free(struct mdp_diagnosis *diagnosis) {
    free(diagnosis->pairs);
    free(diagnosis->agreements);
    *diagnosis = (struct mdp_diagnosis){.n_pairs = 0};
}
