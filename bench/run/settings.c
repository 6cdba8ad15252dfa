#include "bench/run/settings.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "algos/algorithm.h"
#include "algos/diffusion/schedule.h"
#include "algos/learner.h"
#include "algos/precision.h"
#include "algos/temperature.h"
#include "envs/episode.h"
#include "bench/run/names.h"
#include "results/alike.h"

/* ---- tables ---- */

#define EVAL_ROW(member, kind, ...) MDP_ROW(struct mdp_eval_settings, member, kind, __VA_ARGS__),
#define TRAIN_ROW(member, kind, ...) MDP_ROW(struct mdp_training, member, kind, __VA_ARGS__),
#define COLLECT_ROW(member, kind, ...) MDP_ROW(struct mdp_collection, member, kind, __VA_ARGS__),
static const struct mdp_setting eval_rows[] = {MDP_EVAL_SETTING_LIST(EVAL_ROW)};
static const struct mdp_setting train_rows[] = {MDP_TRAIN_SETTING_LIST(TRAIN_ROW)};
static const struct mdp_setting collect_rows[] = {MDP_COLLECT_SETTING_LIST(COLLECT_ROW)};
const struct mdp_settings mdp_eval_table = MDP_SETTINGS(struct mdp_eval_settings, eval_rows);
const struct mdp_settings mdp_train_table = MDP_SETTINGS(struct mdp_training, train_rows);
const struct mdp_settings mdp_collect_table = MDP_SETTINGS(struct mdp_collection, collect_rows);

MDP_NAMES_FUNCTION(mdp_talk_format_names, [MDP_TALK_BINARY] = "binary", [MDP_TALK_JSON] = "json")
MDP_NAMES_FUNCTION(mdp_actor_names, "ema", "online")
MDP_NAMES_FUNCTION(
    mdp_return_rule_names, [MDP_RETURN_STANDARD] = "standard", [MDP_RETURN_CLEANDIFFUSER] = "cleandiffuser")

static const struct mdp_guidance_alone trained_alone[] = {
    {"iql", "the dataset's actions", &mdp_guidance_iql, 0},
    {"sarsa", "what the dataset did next", &mdp_guidance_double_q, 1},
    {"qgpo", "what --diffusion-file would do next", &mdp_guidance_energy, 0},
    {"return", "what windows of steps returned", &mdp_guidance_returns, 0}};

const struct mdp_names *mdp_guidance_alone_names(void) {
    static const struct mdp_names names = MDP_NAMES_NOTED(trained_alone, name, what);
    return &names;
}

const struct mdp_guidance_alone *mdp_guidance_alone_find(const char *name) {
    int i = mdp_names_index(mdp_guidance_alone_names(), name);
    return i >= 0 ? &trained_alone[i] : NULL;
}

const struct mdp_names *mdp_noise_names(void) {
    static const struct {
        const char *name, *what;
    } kinds[] = {[MDP_NOISE_OF_NET] = {"net", "an untrained network"},
                 [MDP_NOISE_OF_GRADIENT] = {"grad", "noise as its gradient"}};
    static const struct mdp_names names = MDP_NAMES_NOTED(kinds, name, what);
    return &names;
}

/* all modes but the last, which --guidance-only stands for */
const struct mdp_names *mdp_training_mode_names(void) {
#define ROW(identifier, name, trains, loads, what) {name, what},
    static const struct { const char *name, *what; } modes[] = {MDP_MODE_LIST(ROW)};
#undef ROW
    static const struct mdp_names names = {&modes[0].name, sizeof *modes, MDP_MODE_GUIDANCE, &modes[0].what};
    return &names;
}

/* ---- would it be ignored? ---- */

/* the first bit that a row needs and that does not hold, -1 if there is none */
static int missing_bit(const struct mdp_setting_at *setting, const struct mdp_meaning *meaning) {
    for (int i = 0; i < MDP_N_NEEDS; i++) {
        unsigned bit = 1u << i;
        if ((setting->row->needs & bit) == 0 || (meaning->holds & bit) != 0 || meaning->expected[i] == NULL) continue;
        if (!meaning->lets_neutral[i] || mdp_setting_does_something(setting)) return i;
    }
    return -1;
}

static mdp_err check_others(const struct mdp_setting_list *list, const struct mdp_setting_at *setting,
                            const char *dashes) {
    const struct mdp_setting *row = setting->row;
    const struct mdp_setting_at *beside = row->beside != NULL ? mdp_setting_find(list, row->beside) : NULL;
    const struct mdp_setting_at *instead = row->instead != NULL ? mdp_setting_find(list, row->instead) : NULL;
    if (beside != NULL && mdp_setting_does_something(setting) &&
        (!mdp_setting_is_given(beside) || !mdp_setting_does_something(beside)))
        return mdp_fail(MDP_E_USAGE, "expected %s%s beside it, found none", dashes, row->beside);
    if (instead != NULL && mdp_setting_is_given(instead))
        return mdp_fail(MDP_E_USAGE, "expected none beside %s%s, found it", dashes, row->instead);
    return MDP_OK;
}

static mdp_err refuse_missing(const struct mdp_setting_at *setting, const struct mdp_meaning *meaning, int bit) {
    char text[MDP_NUMBER_MAX];
    const char *value = setting->row->neutral != NULL ? setting->row->neutral : "none";
    int has_value = meaning->lets_neutral[bit];
    return mdp_fail(MDP_E_USAGE, "expected %s%s%s, found '%s'", has_value ? value : "", has_value ? " " : "",
                    meaning->expected[bit], mdp_setting_text(setting, text));
}

/* what a guide takes follows from which it is. commands have rows of their own for the weight, which the table's do not
 * meet */
static mdp_err check_guide(const struct mdp_eval_settings *s, const struct mdp_meaning *meaning,
                           const struct mdp_setting **culprit) {
    const char *without = meaning->expected[MDP_NEED_GUIDANCE];
    struct mdp_setting_list list;
    mdp_settings_list(&mdp_eval_table, 0, s, &list);
    const struct mdp_setting_at *guide = mdp_setting_find(&list, "guide");
    enum mdp_guide which = mdp_guide_of(s);
    int has_weight = MDP_GIVEN(&mdp_eval_table, s, guide_weight);
    if (has_weight && !MDP_GIVEN(&mdp_eval_table, s, guide)) {
        *culprit = mdp_setting_find(&list, "guide-weight")->row;
        return mdp_fail(MDP_E_USAGE, "expected %sguide beside it, found none", meaning->dashes);
    }
    if (!MDP_GIVEN(&mdp_eval_table, s, guide)) return MDP_OK;
    *culprit = guide->row;
    if (mdp_guide_needs_guidance(which) && (meaning->holds & MDP_WITH_GUIDANCE) == 0 && without != NULL)
        return mdp_fail(MDP_E_USAGE, "expected none or free %s, found '%s'", without, s->guide);
    if (mdp_guide_bends(which) && which != MDP_GUIDE_ENERGY && !has_weight)
        return mdp_fail(MDP_E_USAGE, "expected %sguide-weight beside it, found none", meaning->dashes);
    if (mdp_guide_bends(which) || !has_weight) return MDP_OK;
    *culprit = mdp_setting_find(&list, "guide-weight")->row;
    return mdp_fail(MDP_E_USAGE, "expected a guide that bends steps beside it, found '%s'", s->guide);
}

mdp_err mdp_settings_check_meaning(const struct mdp_settings *table, unsigned takers, const void *base,
                                   const struct mdp_meaning *meaning, const struct mdp_setting **culprit) {
    struct mdp_setting_list list;
    mdp_settings_list(table, takers, base, &list);
    for (int i = 0; i < list.n; i++) {
        const struct mdp_setting_at *setting = &list.rows[i];
        if (!mdp_setting_is_given(setting)) continue;
        *culprit = setting->row;
        int bit = missing_bit(setting, meaning);
        if (bit >= 0) return refuse_missing(setting, meaning, bit);
        mdp_err err = check_others(&list, setting, meaning->dashes);
        if (err != MDP_OK) return err;
    }
    return table == &mdp_eval_table ? check_guide(base, meaning, culprit) : MDP_OK;
}

/* names come from a list, so that they are found */
enum mdp_guide mdp_guide_of(const struct mdp_eval_settings *settings) {
    int i = mdp_names_index(mdp_guide_names(), settings->guide);
    return i >= 0 ? (enum mdp_guide)i : MDP_GUIDE_NONE;
}

int mdp_acts_by_ema(const struct mdp_eval_settings *settings) { return strcmp(settings->actor, "ema") == 0; }

/* of guidance alone: what it learns from */
static unsigned holds_alone(const struct mdp_training *t) {
    const struct mdp_guidance_alone *row = mdp_guidance_alone_find(t->alone != NULL ? t->alone : t->algo);
    return row != NULL && row->kind->needs_support ? MDP_WITH_SUPPORT | MDP_WITH_SUPPORTER | MDP_WITH_SAMPLER : 0;
}

/* guidance of windows that comes from a file has its own unit of returns */
static unsigned holds_returns(const struct mdp_training *t, const struct mdp_algorithm *planner) {
    const int learns = t->alone != NULL || t->mode == MDP_MODE_GUIDANCE || t->mode == MDP_MODE_JOINT;
    return learns || planner->planning->has_told_returns ? MDP_WITH_RETURNS : 0;
}

unsigned mdp_training_holds(const struct mdp_training *t) {
    const struct mdp_algorithm *algorithm = NULL;
    const struct mdp_algorithm *planner = mdp_training_planner(t);
    const unsigned windows = planner != NULL ? MDP_WITH_WINDOWS | holds_returns(t, planner) : MDP_WITH_TRANSITIONS;
    /* what windows return is learnt by another reader */
    const unsigned rewards = planner != NULL ? 0 : MDP_WITH_REWARDS;
    if (t->alone != NULL || t->mode == MDP_MODE_GUIDANCE) return windows | rewards | holds_alone(t);
    int has_action = mdp_algorithm_find(t->algo, &algorithm) == MDP_OK && algorithm->action != MDP_ACTION_NONE;
    /* what goes on learning is of the file's kind, which only reading it tells */
    int has_support = mdp_mode_describe(t->mode)->trains_guidance && planner == NULL && algorithm != NULL &&
                      (algorithm->guidance->needs_support || t->mode == MDP_MODE_CONTINUED);
    return MDP_WITH_DIFFUSION | windows | MDP_WITH_SAMPLER | (has_support ? MDP_WITH_SUPPORT : 0) |
           (has_action && t->mode != MDP_MODE_NONE ? MDP_WITH_POLICY_LOSS : 0) |
           (mdp_mode_describe(t->mode)->loads_guidance ? MDP_WITH_LOADED : 0) |
           (t->mode == MDP_MODE_NOISE ? MDP_WITH_NOISE : 0) |
           (mdp_mode_describe(t->mode)->trains_guidance ? rewards : 0);
}

/* plans are sampled by the layers of training; dense U-Nets and energies have layers of float32 alone */
static mdp_err check_precision(const struct mdp_training *t, unsigned holds) {
    const struct mdp_algorithm *algorithm = NULL;
    const struct mdp_kernel *kernel;
    enum mdp_products_kind products = MDP_PRODUCTS_EMULATED;
    if ((holds & MDP_WITH_WINDOWS) != 0)
        return strcmp(t->precision, MDP_PRECISION_DEFAULT) == 0
                   ? MDP_OK
                   : mdp_fail(MDP_E_USAGE, "expected %s of plans, found '%s'", MDP_PRECISION_DEFAULT, t->precision);
    int is_unet = (holds & MDP_WITH_DIFFUSION) != 0 && mdp_algorithm_find(t->algo, &algorithm) == MDP_OK &&
                  algorithm->denoiser == MDP_DENOISER_UNET;
    if (!is_unet && ((holds & MDP_WITH_SUPPORT) == 0 || t->mode == MDP_MODE_CONTINUED)) return MDP_OK;
    if (mdp_precision_find_training(t->precision, &kernel, &products) == MDP_OK && products == MDP_PRODUCTS_F32)
        return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "expected f32 or f32-plain of qgpo, found '%s'", t->precision);
}

mdp_err mdp_training_check_precision(const struct mdp_training *t) { return check_precision(t, mdp_training_holds(t)); }

mdp_err mdp_training_check_meaning(const struct mdp_training *t, const struct mdp_meaning *words,
                                   const struct mdp_setting **culprit) {
    struct mdp_meaning meaning = *words;
    struct mdp_setting_list list;
    meaning.holds = mdp_training_holds(t);
    mdp_err err = mdp_settings_check_meaning(&mdp_train_table, 0, t, &meaning, culprit);
    if (err != MDP_OK) return err;
    mdp_settings_list(&mdp_train_table, 0, t, &list);
    *culprit = mdp_setting_find(&list, "precision")->row;
    err = check_precision(t, meaning.holds);
    if (err != MDP_OK || t->noise != MDP_NOISE_OF_GRADIENT || (meaning.holds & MDP_WITH_POLICY_LOSS) != 0) return err;
    *culprit = mdp_setting_find(&list, "noise")->row;
    return mdp_fail(MDP_E_USAGE, "expected net, since there is no policy loss to disrupt, found 'grad'");
}

const struct mdp_algorithm *mdp_training_planner(const struct mdp_training *t) {
    const char *alone = t->alone != NULL ? t->alone : t->mode == MDP_MODE_GUIDANCE ? t->algo : NULL;
    const struct mdp_algorithm *algorithm = NULL;
    for (int i = 0; alone != NULL && (algorithm = mdp_algorithm_at(i)) != NULL; i++)
        if (algorithm->guidance->sees_windows && strcmp(algorithm->guidance->name, alone) == 0) return algorithm;
    if (alone != NULL || t->algo == NULL || mdp_names_index(mdp_algorithm_names(), t->algo) < 0) return NULL;
    algorithm = mdp_algorithm_at(mdp_names_index(mdp_algorithm_names(), t->algo));
    return algorithm->planning != NULL ? algorithm : NULL;
}

void mdp_training_complete(struct mdp_training *t) {
    const struct mdp_algorithm *planner = mdp_training_planner(t);
    if (planner == NULL) return;
    if (!MDP_GIVEN(&mdp_train_table, t, batch)) t->batch = planner->planning->batch;
    if (!MDP_GIVEN(&mdp_train_table, t, learning_rate)) t->learning_rate = planner->planning->lr;
    if (!MDP_GIVEN(&mdp_train_table, t, lr_steps)) t->lr_steps = planner->planning->lr_steps;
    if (!MDP_GIVEN(&mdp_train_table, t, mode) && t->alone == NULL && !planner->guidance->sees_windows)
        t->mode = MDP_MODE_NONE;
}

void mdp_eval_complete(struct mdp_eval_settings *s, const struct mdp_algorithm *algorithm, const char *task,
                       int has_guidance) {
    const struct mdp_plan_tuning *tuned = mdp_plan_tuned(algorithm, task);
    const enum mdp_guide guide = algorithm->planning->guide;
    int is_told = guide == MDP_GUIDE_FREE;
    if (!MDP_GIVEN(&mdp_eval_table, s, n_candidates)) s->n_candidates = algorithm->n_candidates;
    if (!has_guidance) s->n_candidates = 1;
    if (!MDP_GIVEN(&mdp_eval_table, s, guide) && (has_guidance || is_told))
        s->guide = mdp_names_at(mdp_guide_names(), (int)guide);
    if (!mdp_guide_bends(mdp_guide_of(s)) || tuned == NULL) return;
    if (isnan(s->guide_weight)) s->guide_weight = tuned->weight;
    if (is_told && isnan(s->target_return)) s->target_return = tuned->target;
}

static void shape_windows(const struct mdp_training *t, const struct mdp_algorithm *planner,
                          struct mdp_window_make *windows) {
    mdp_plan_windows(mdp_plan_tuned(planner, t->task_name != NULL ? t->task_name : t->task.name), t->horizon, windows);
}

/* the time embedding of a U-Net is as wide as its first level, heads of a transformer are as wide as the usual ones */
void mdp_training_diffusion(const struct mdp_training *t, const struct mdp_algorithm *algorithm, int n_obs, int n_act,
                            struct mdp_diffusion_config *out) {
    const struct mdp_planning *planning = algorithm->planning;
    mdp_algorithm_diffusion(algorithm, n_obs, n_act, out);
    if (planning == NULL) return;
    shape_windows(t, algorithm, &out->windows);
    if (!isnan(t->return_scale) && t->return_scale > 0) out->return_scale = t->return_scale;
    if (t->width < 1) return;
    out->n_hidden = (int)t->width;
    if (out->kind == MDP_DENOISER_WINDOW_UNET) {
        out->n_emb = out->n_hidden;
        return;
    }
    int wide = planning->width / planning->n_heads;
    out->n_heads = out->n_hidden > wide && out->n_hidden % wide == 0 ? out->n_hidden / wide : 1;
}

static void plan_guidance(const struct mdp_training *t, const struct mdp_algorithm *planner,
                          struct mdp_guidance_config *out) {
    mdp_algorithm_guidance(planner, out->n_obs, out->n_act, out);
    if (!out->kind->sees_windows) return;
    shape_windows(t, planner, &out->windows);
    if (t->width > 0) out->n_hidden = (int)t->width;
    if (!isnan(t->return_scale) && t->return_scale > 0) out->return_scale = t->return_scale;
}

void mdp_training_guidance(const struct mdp_training *t, const struct mdp_algorithm *algorithm, int n_obs, int n_act,
                           struct mdp_guidance_config *out) {
    const struct mdp_guidance_alone *row = algorithm == NULL ? mdp_guidance_alone_find(t->algo) : NULL;
    int i = algorithm == NULL ? mdp_names_index(mdp_algorithm_names(), t->algo) : -1;
    mdp_guidance_defaults(out, n_obs, n_act);
    if (i >= 0) algorithm = mdp_algorithm_at(i);
    if (algorithm != NULL) mdp_algorithm_guidance(algorithm, n_obs, n_act, out);
    if (row != NULL) out->kind = row->kind;
    const struct mdp_algorithm *planner = mdp_training_planner(t);
    if (planner != NULL) plan_guidance(t, planner, out);
    if (t->mode == MDP_MODE_NOISE) out->kind = &mdp_guidance_noise;
}

void mdp_training_settle(struct mdp_training *t) {
    struct mdp_learner_config rates;
    if (t->is_diffusion_only) t->mode = MDP_MODE_NONE;
    if (t->alone != NULL) {
        t->mode = MDP_MODE_GUIDANCE;
        t->algo = t->alone;
    }
    int i = mdp_names_index(mdp_algorithm_names(), t->algo);
    mdp_learner_defaults(&rates);
    if (i >= 0) mdp_algorithm_learner(mdp_algorithm_at(i), &rates);
    if (isnan(t->learning_rate)) t->learning_rate = rates.lr;
    if (t->lr_steps == 0) t->lr_steps = rates.lr_steps;
}

/* ---- commands and file names ---- */

void mdp_settings_put_command(const struct mdp_settings *table, unsigned takers, const void *base, FILE *stream) {
    struct mdp_setting_list list;
    char text[MDP_NUMBER_MAX];
    mdp_settings_list(table, takers, base, &list);
    for (int i = 0; i < list.n; i++) {
        const struct mdp_setting_at *setting = &list.rows[i];
        const struct mdp_setting *row = setting->row;
        if (!mdp_setting_has_value(setting)) continue;
        int is_default = row->fallback != NULL && mdp_setting_is(setting, row->fallback);
        if (is_default && (row->takers & MDP_FOR_PLAN) == 0) continue;
        if (row->kind != MDP_FLAG)
            fprintf(stream, " --%s %s", row->name, mdp_setting_text(setting, text));
        else if (mdp_setting_is(setting, "true"))
            fprintf(stream, " --%s", row->name);
    }
}

/* a row's usual value of a rate's length is not that of every algorithm */
static int is_usual(const struct mdp_settings *table, const void *base, const struct mdp_setting_at *setting) {
    if (setting->row->usual == NULL || !mdp_setting_is(setting, setting->row->usual)) return 0;
    if (table != &mdp_train_table || setting->row->offset != offsetof(struct mdp_training, lr_steps)) return 1;
    struct mdp_training own = *(const struct mdp_training *)base;
    const struct mdp_algorithm *planner = mdp_training_planner(&own);
    const long given = own.lr_steps;
    own.lr_steps = planner != NULL ? planner->planning->lr_steps : 0;
    mdp_training_settle(&own);
    return own.lr_steps == given;
}

static mdp_err append_mark(const struct mdp_setting_at *setting, size_t size, char *label) {
    char text[MDP_NUMBER_MAX];
    const struct mdp_setting *row = setting->row;
    size_t n = strlen(label);
    const char *value = mdp_setting_text(setting, text);
    if (n + strlen(row->mark) + strlen(value) >= size)
        return mdp_fail(MDP_E_USAGE, "%s%s%s..: expected at most %zu bytes of settings in a file's name, found more",
                        label, row->mark, value, size - 1);
    snprintf(label + n, size - n, "%s", row->mark);
    mdp_label_text(value, size - n - strlen(row->mark), label + strlen(label));
    return MDP_OK;
}

mdp_err mdp_settings_append_label(const struct mdp_settings *table, unsigned takers, const void *base, size_t size,
                                  char *label) {
    struct mdp_setting_list list;
    mdp_settings_list(table, takers, base, &list);
    for (int is_last = 0; is_last < 2; is_last++)
        for (int i = 0; i < list.n; i++) {
            const struct mdp_setting *row = list.rows[i].row;
            if (row->mark == NULL || row->is_marked_last != is_last) continue;
            if (!mdp_setting_is_given(&list.rows[i]) || is_usual(table, base, &list.rows[i])) continue;
            mdp_err err = append_mark(&list.rows[i], size, label);
            if (err != MDP_OK) return err;
        }
    return MDP_OK;
}

/* ---- recorded settings ---- */

static json_t *json_of(const struct mdp_setting_at *setting) {
    char text[MDP_NUMBER_MAX];
    switch (setting->row->kind) {
    case MDP_FLAG: return json_boolean(*(int *)setting->value);
    case MDP_WHOLE: return json_integer(*(long *)setting->value);
    case MDP_SEED: return json_integer((json_int_t) * (uint64_t *)setting->value);
    case MDP_REAL: return json_real(*(double *)setting->value);
    default: return json_string(mdp_setting_text(setting, text));
    }
}

/* facts are called as in files, in small letters */
int mdp_setting_fact(const struct mdp_setting *row) {
    for (int i = 0; row->json != NULL && i < MDP_N_FACTS; i++) {
        const char *name = mdp_fact_row((enum mdp_fact)i)->name;
        if (strncasecmp(row->json, name, strlen(name)) == 0 &&
            (row->json[strlen(name)] == 0 || row->json[strlen(name)] == '.'))
            return i;
    }
    return -1;
}

/* whether results record a setting */
static int is_recorded(const struct mdp_setting_list *list, const struct mdp_setting_at *setting, unsigned holds) {
    const struct mdp_setting *row = setting->row;
    if (row->json == NULL || row->recorded == MDP_RECORDED_NEVER || !mdp_setting_has_value(setting)) return 0;
    if (row->recorded == MDP_RECORDED_ALWAYS) return 1;
    if (row->recorded == MDP_RECORDED_OF_MODULES) return (holds & MDP_WITH_MODULES) != 0;
    if ((row->needs & holds) != row->needs) return 0;
    if (row->recorded == MDP_RECORDED_WHERE_MEANT) return 1;
    const struct mdp_setting_at *beside = row->beside != NULL ? mdp_setting_find(list, row->beside) : NULL;
    return mdp_setting_does_something(setting) && (beside == NULL || mdp_setting_does_something(beside));
}

/* for a name "a.b" the object a, which is made if it is missing and `makes` is set; *member becomes "b" */
static json_t *object_of(json_t *object, const char *name, int makes, const char **member) {
    char outer[32];
    const char *point = strchr(name, '.');
    *member = point != NULL ? point + 1 : name;
    if (point == NULL) return object;
    snprintf(outer, sizeof outer, "%.*s", (int)(point - name), name);
    if (json_object_get(object, outer) == NULL && makes) json_object_set_new(object, outer, json_object());
    return json_object_get(object, outer);
}

mdp_err mdp_settings_record(const struct mdp_settings *table, const void *base, unsigned holds, json_t *object) {
    struct mdp_setting_list list;
    const char *member;
    mdp_settings_list(table, 0, base, &list);
    for (int i = 0; i < list.n; i++) {
        if (!is_recorded(&list, &list.rows[i], holds)) continue;
        json_t *within = object_of(object, list.rows[i].row->json, 1, &member);
        if (json_object_set_new(within, member, json_of(&list.rows[i])) != 0)
            return mdp_fail(MDP_E_NOMEM, "settings: no memory");
    }
    return MDP_OK;
}

/* ---- are they the ones that are wanted? ---- */

static const char *found_text(const json_t *value, char text[MDP_NUMBER_MAX]) {
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_boolean(value)) return json_is_true(value) ? "true" : "false";
    if (!json_is_number(value)) return value == NULL ? "none" : "something else";
    mdp_number_shortest(json_number_value(value), text);
    return text;
}

/* a missing entry was unknown when the file was made, unless it is of those that are recorded only if they do something
 */
static int is_wanted_one(const struct mdp_setting_at *setting, int is_wanted, const json_t *found) {
    int tells = setting->row->recorded == MDP_RECORDED_WHERE_USED;
    if (found == NULL) return !is_wanted || !tells;
    if (!is_wanted) return !tells;
    json_t *wanted = json_of(setting);
    /* a real number may have been written as a whole one */
    int is_same = json_equal(wanted, found);
    if (!is_same && (json_is_real(wanted) || json_is_real(found)) && json_is_number(wanted) && json_is_number(found))
        is_same = json_number_value(wanted) == json_number_value(found);
    json_decref(wanted);
    return is_same;
}

mdp_err mdp_settings_check_recorded(const struct mdp_settings *table, const void *base, unsigned holds,
                                    const char *path, const json_t *recorded) {
    struct mdp_setting_list list;
    char wanted[MDP_NUMBER_MAX], text[MDP_NUMBER_MAX];
    const char *member;
    mdp_settings_list(table, 0, base, &list);
    for (int i = 0; i < list.n; i++) {
        const struct mdp_setting_at *setting = &list.rows[i];
        if (setting->row->json == NULL) continue;
        const json_t *within = object_of((json_t *)recorded, setting->row->json, 0, &member);
        const json_t *found = json_object_get(within, member);
        int is_wanted = is_recorded(&list, setting, holds);
        if (is_wanted_one(setting, is_wanted, found)) continue;
        return mdp_fail(
            MDP_E_USAGE, "%s was made with other settings; use another folder or delete it: %s: expected %s, found %s",
            path, setting->row->json, is_wanted ? mdp_setting_text(setting, wanted) : "none", found_text(found, text));
    }
    return MDP_OK;
}

mdp_err mdp_settings_restore(const struct mdp_settings *table, const json_t *recorded, unsigned holds, void *base) {
    struct mdp_setting_list list;
    char text[MDP_NUMBER_MAX];
    const char *member;
    mdp_settings_defaults(table, base);
    mdp_settings_list(table, 0, base, &list);
    for (int i = 0; i < list.n; i++) {
        const struct mdp_setting *row = list.rows[i].row;
        if (row->json == NULL || row->kind == MDP_FLAG || (row->needs & holds) != row->needs) continue;
        const json_t *within = object_of((json_t *)recorded, row->json, 0, &member);
        const json_t *found = json_object_get(within, member);
        if (found == NULL) continue;
        if (json_is_integer(found)) snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(found));
        if (mdp_setting_set(&list.rows[i], json_is_integer(found) ? text : found_text(found, text)) != MDP_OK)
            return mdp_fail_context(MDP_E_DATA, "recorded setting %s", row->json);
    }
    return MDP_OK;
}
