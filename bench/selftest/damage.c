#include "bench/selftest/damage.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/rng.h"
#include "results/checkpoint.h"

enum { SOME_DAY = 20000101, N_SPEEDS = 10, SPEED_EPISODES = 2, GROUPS_MAX = 16, TENSORS_MAX = 2048 };

/* every weight of a file */
struct weights {
    struct mdp_checkpoint_entry *entries;
    int n_entries, n_groups;
    char names[GROUPS_MAX][MDP_TENSOR_NAME_MAX];
    struct mdp_tensor_group groups[GROUPS_MAX];
    struct mdp_tensor tensors[TENSORS_MAX];
};

/* a way to evaluate: which files, which name, which seed */
struct variant {
    enum mdp_gate_damage damage;
    int i_repeat, i_part;
    double slowdown; /* how many times as long a timed loop takes; up to 1: none */
};

const char *mdp_gate_damage_text(enum mdp_gate_damage damage) {
    static const char *const texts[MDP_N_GATE_DAMAGES] = {
#define TEXT(name, text, must_fail) text,
        MDP_GATE_DAMAGE_LIST(TEXT)
#undef TEXT
    };
    return texts[damage];
}

/* ---- damaged files ---- */

static void weights_free(struct weights *w) {
    for (int i = 0; i < w->n_entries && i < TENSORS_MAX; i++) free(w->tensors[i].data);
    free(w->entries);
    free(w);
}

/* "/tensors/GROUP/NAME", groups one after the other */
static mdp_err add_tensor(const char *path, struct weights *w, int i) {
    static const char folder[] = "/tensors/";
    const struct mdp_checkpoint_entry *entry = &w->entries[i];
    const char *group = entry->name + sizeof folder - 1, *name = mdp_path_name(entry->name);
    int n_group = (int)(name - 1 - group);
    if (strncmp(entry->name, folder, sizeof folder - 1) != 0 || n_group <= 0 || n_group >= MDP_TENSOR_NAME_MAX)
        return mdp_fail(MDP_E_DATA, "%s: expected tensors only, found %s", path, entry->name);
    int is_new = w->n_groups == 0 || strncmp(w->names[w->n_groups - 1], group, (size_t)n_group) != 0 ||
                 w->names[w->n_groups - 1][n_group] != 0;
    if (is_new && w->n_groups == GROUPS_MAX)
        return mdp_fail(MDP_E_DATA, "%s: expected at most %d groups of tensors", path, GROUPS_MAX);
    if (is_new) {
        snprintf(w->names[w->n_groups], MDP_TENSOR_NAME_MAX, "%.*s", n_group, group);
        w->groups[w->n_groups] = (struct mdp_tensor_group){w->names[w->n_groups], 0, &w->tensors[i]};
        w->n_groups++;
    }
    w->groups[w->n_groups - 1].n++;
    struct mdp_tensor *t = &w->tensors[i];
    snprintf(t->name, sizeof t->name, "%.63s", name);
    t->rank = entry->shape.rank;
    t->rows = (int)entry->shape.extent[0];
    t->cols = t->rank >= 2 ? (int)entry->shape.extent[1] : 1;
    t->taps = t->rank == 3 ? (int)entry->shape.extent[2] : 0;
    return mdp_calloc(&t->data, (unsigned long)mdp_tensor_count(t), sizeof *t->data, "weights");
}

static mdp_err weights_read(const char *path, struct mdp_checkpoint_info *info, struct weights **out) {
    mdp_err err;
    struct weights *w = NULL;
    MDP_TRY(mdp_calloc(&w, 1, sizeof *w, "weights"));
    MDP_TRY(mdp_checkpoint_read_info(path, info));
    MDP_TRY(mdp_checkpoint_list(path, &w->entries, &w->n_entries));
    if (w->n_entries > TENSORS_MAX)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected at most %d tensors, found %d", path, TENSORS_MAX, w->n_entries));
    for (int i = 0; i < w->n_entries; i++) MDP_TRY(add_tensor(path, w, i));
    MDP_TRY(mdp_checkpoint_read(path, info->kind, NULL, w->n_groups, w->groups));
    *out = w;
    return MDP_OK;
out:
    if (w != NULL) weights_free(w);
    return err;
}

/* groups of one name in two places, e.g. a network and its average, get the same noise */
static mdp_err disturb(struct mdp_tensor *t, double noise, uint64_t seed, uint32_t i_tensor) {
    long n = mdp_tensor_count(t);
    float *draws;
    double sum = 0;
    struct mdp_rng rng = mdp_rng_stream(seed, MDP_RNG_SELFTEST, (uint32_t)-1, i_tensor);
    mdp_err err = mdp_calloc(&draws, (unsigned long)n, sizeof *draws, "noise");
    if (err != MDP_OK) return err;
    mdp_rng_normal(&rng, draws, n);
    for (long i = 0; i < n; i++) sum += (double)t->data[i] * (double)t->data[i];
    double scale = noise * sqrt(sum / (double)n);
    for (long i = 0; i < n; i++) t->data[i] += (float)(scale * (double)draws[i]);
    free(draws);
    return MDP_OK;
}

mdp_err mdp_gate_damage_file(const char *from, const char *to, double noise, double shift, uint64_t seed) {
    mdp_err err;
    struct weights *w = NULL;
    struct mdp_checkpoint_info info = {.step = 0};
    if (mdp_fsx_exists(to)) return MDP_OK;
    MDP_TRY(weights_read(from, &info, &w));
    for (int g = 0; g < w->n_groups && noise > 0; g++)
        for (int i = 0; i < w->groups[g].n; i++)
            MDP_TRY(disturb((struct mdp_tensor *)&w->groups[g].tensors[i], noise, seed, (uint32_t)i));
    for (int i = 0; i < info.normalizer.n; i++) info.normalizer.mean[i] += shift * info.normalizer.std[i];
    MDP_TRY(mdp_fsx_make_parents(to));
    MDP_TRY(mdp_checkpoint_write(to, &info, w->n_groups, w->groups, 0, NULL, MDP_PUBLISH_REPLACE));
out:
    mdp_checkpoint_info_free(&info);
    if (w != NULL) weights_free(w);
    return err;
}

/* ---- evaluations ---- */

/* the files that a damage acts with: a wrong normaliser is that of both modules, or they would not fit */
static mdp_err damaged_files(const struct mdp_gate_damage_plan *plan, enum mdp_gate_damage damage,
                             struct mdp_policy_files *files) {
    mdp_err err = MDP_OK;
    const struct mdp_policy_files *whole = &plan->subject.files;
    struct mdp_policy_files copy;
    uint64_t seed = plan->settings.seed;
    int is_noise = damage == MDP_GATE_DAMAGE_NOISE;
    *files = *whole;
    if (!is_noise && damage != MDP_GATE_DAMAGE_NORMALIZER) return MDP_OK;
    MDP_TRY(mdp_gate_subject_copy(&plan->subject, plan->work, is_noise ? "noise" : "normalizer", &copy));
    MDP_TRY(mdp_gate_damage_file(whole->policy, copy.policy, is_noise ? plan->noise : 0, is_noise ? 0 : 1, seed));
    strcpy(files->policy, copy.policy);
    if (is_noise || whole->guidance[0] == 0) return MDP_OK;
    MDP_TRY(mdp_gate_damage_file(whole->guidance, copy.guidance, 0, 1, seed));
    strcpy(files->guidance, copy.guidance);
out:
    return err;
}

static mdp_err evaluate(const struct mdp_gate_damage_plan *plan, const struct variant *v, const char *out,
                        double *loop_seconds) {
    struct mdp_eval_settings s = plan->settings;
    struct mdp_policy_files files;
    struct mdp_eval_result result;
    mdp_err err = damaged_files(plan, v->damage, &files);
    if (err != MDP_OK) return err;
    s.seed += 2 * (uint64_t)v->i_repeat + (v->damage == MDP_GATE_DAMAGE_NONE && v->i_part == 1);
    if (v->damage == MDP_GATE_DAMAGE_NO_SELECTION) s.w_t = 0;
    if (v->damage >= MDP_GATE_DAMAGE_SAME_SPEED) {
        s.n_episodes = SPEED_EPISODES;
        s.n_threads = 1;
    }
    err = mdp_eval_policy(&s, &files, out, &result);
    if (err == MDP_OK) *loop_seconds = result.loop_seconds;
    return err;
}

static mdp_err add_evaluation(const struct mdp_gate_damage_plan *plan, const struct variant *v,
                              struct mdp_gate_side *side) {
    struct mdp_gate_eval eval = {.path = ""};
    char folder[MDP_PATH_MAX], stem[32];
    double seconds;
    mdp_err err;
    MDP_TRY(mdp_fsx_path(folder, "%s/repeat%d", plan->work, v->i_repeat));
    snprintf(stem, sizeof stem, "damage%d", (int)v->damage);
    MDP_TRY(mdp_gate_episodes_path(folder, stem, side->name, eval.path));
    MDP_TRY(evaluate(plan, v, eval.path, &seconds));
    MDP_TRY(mdp_episodes_read(eval.path, &eval.info, &eval.episodes));
    MDP_TRY(mdp_gate_side_add(side, "", plan->subject.name, &eval));
    mdp_gate_side_order(side);
out:
    mdp_episodes_free(&eval.episodes);
    mdp_episodes_info_free(&eval.info);
    return err;
}

/* ---- speeds ---- */

/* environment steps per second of one short evaluation, whose file is of no use afterwards. processor time, as other
 * programs must not decide */
static mdp_err time_one(const struct mdp_gate_damage_plan *plan, const struct variant *v, double *rate) {
    char path[MDP_PATH_MAX];
    struct mdp_episodes episodes = {.n = 0};
    double n_steps = 0, seconds;
    mdp_err err;
    MDP_TRY(mdp_gate_episodes_path(plan->work, "timed", "", path));
    remove(path);
    MDP_TRY(evaluate(plan, v, path, &seconds));
    seconds *= fmax(v->slowdown, 1);
    MDP_TRY(mdp_episodes_read(path, NULL, &episodes));
    remove(path);
    for (long i = 0; i < episodes.n; i++) n_steps += episodes.lengths[i];
    *rate = n_steps / seconds;
out:
    mdp_episodes_free(&episodes);
    return err;
}

static mdp_err add_speed(struct mdp_gate_side *side) {
    struct mdp_gate_speed *speed;
    mdp_err err = mdp_calloc(&speed, 1, sizeof *speed, "speeds");
    if (err == MDP_OK) err = mdp_calloc(&speed->values, N_SPEEDS, sizeof(double), "speeds");
    if (err != MDP_OK) {
        free(speed);
        return err;
    }
    snprintf(speed->name, sizeof speed->name, "eval/loop");
    snprintf(speed->unit, sizeof speed->unit, "steps/s");
    speed->n_files = 1;
    speed->n = N_SPEEDS;
    side->speeds = speed;
    side->n_speeds = 1;
    return MDP_OK;
}

/* both sides in turn, and the first of each pair by turns too, so that what else the machine does falls on both */
static mdp_err time_both(const struct mdp_gate_damage_plan *plan, const struct variant *v,
                         struct mdp_gate_side *const sides[2]) {
    mdp_err err;
    struct variant whole = *v;
    whole.slowdown = 0;
    for (int k = 0; k < 2; k++) MDP_TRY(add_speed(sides[k]));
    for (int i = 0; i < 2 * N_SPEEDS; i++) {
        int k = (i + i / 2) % 2;
        MDP_TRY(time_one(plan, k == 0 ? &whole : v, &sides[k]->speeds[0].values[i / 2]));
    }
out:
    return err;
}

/* ---- judging ---- */

/* the policy's speed row for the loop; NULL if it has none */
static const struct mdp_gate_rule *speed_rule(const struct mdp_gate_policy *policy) {
    for (unsigned i = 0; i < policy->n_rules; i++)
        if (policy->rules[i].metric == MDP_GATE_SPEED && fnmatch(policy->rules[i].measure, "eval/loop", 0) == 0)
            return &policy->rules[i];
    return NULL;
}

static const char *why_skipped(const struct mdp_gate_damage_plan *plan, enum mdp_gate_damage damage,
                               int has_normalizer) {
    int is_speed = damage >= MDP_GATE_DAMAGE_SAME_SPEED;
    if (damage == MDP_GATE_DAMAGE_NORMALIZER && !has_normalizer) return "the policy has no normaliser";
    if (damage == MDP_GATE_DAMAGE_NO_SELECTION && plan->subject.files.guidance[0] == 0) return "no guidance selects";
    if (is_speed && speed_rule(plan->policy) == NULL) return "the gate has no row for speeds";
    return NULL;
}

/* the gate's own judgement, by a policy whose rows may find nothing: there are speeds or episodes, never both */
static mdp_err judge(const struct mdp_gate_damage_plan *plan, const struct variant *v, struct mdp_gate_report *report,
                     struct mdp_gate_side *const sides[2]) {
    mdp_err err;
    struct mdp_gate_policy policy = *plan->policy;
    MDP_TRY(mdp_calloc(&policy.rules, policy.n_rules, sizeof *policy.rules, "rows"));
    memcpy(policy.rules, plan->policy->rules, policy.n_rules * sizeof *policy.rules);
    for (unsigned i = 0; i < policy.n_rules; i++) policy.rules[i].is_required = 0;
    policy.may_differ |= MDP_FACT_BIT(MDP_FACT_W_T);
    policy.n_accepted = 0;
    if (v->damage >= MDP_GATE_DAMAGE_SAME_SPEED) {
        MDP_TRY(time_both(plan, v, sides));
    } else {
        struct variant whole = {MDP_GATE_DAMAGE_NONE, v->i_repeat, 0, 0};
        MDP_TRY(add_evaluation(plan, &whole, sides[0]));
        MDP_TRY(add_evaluation(plan, v, sides[1]));
    }
    MDP_TRY(mdp_gate_judge(&policy, sides[0], sides[1], SOME_DAY, report));
out:
    free(policy.rules);
    return err;
}

int mdp_gate_damage_is_harmless(const struct mdp_gate_damage_result *result) {
    return result->must_fail && result->n > 0 && result->harm < 1;
}

/* what the row that lost most has lost, in margins */
static double harm_of(const struct mdp_gate_report *report) {
    double most = -INFINITY;
    for (int i = 0; i < report->n_rows; i++)
        if (!isnan(report->rows[i].p_pass))
            most = fmax(most, -report->rows[i].scale_gain / report->rows[i].scale_margin);
    return most;
}

static mdp_err run_one(const struct mdp_gate_damage_plan *plan, enum mdp_gate_damage damage, int i_repeat,
                       struct mdp_gate_damage_result *out) {
    struct mdp_gate_side baseline = {.name = "baseline"}, candidate = {.name = "candidate"};
    struct mdp_gate_report report = {.n_rows = 0};
    struct variant v = {damage, i_repeat, 1, 0};
    if (damage == MDP_GATE_DAMAGE_SLOW) v.slowdown = pow(1 / (1 - speed_rule(plan->policy)->margin), plan->loss);
    mdp_err err = judge(plan, &v, &report, (struct mdp_gate_side *const[2]){&baseline, &candidate});
    if (err == MDP_OK) {
        out->n_of[report.decision]++;
        out->n++;
        out->harm += (harm_of(&report) - out->harm) / (double)out->n;
        snprintf(out->reason, sizeof out->reason, "%s", report.verdict);
    }
    mdp_gate_report_free(&report);
    mdp_gate_side_free(&baseline);
    mdp_gate_side_free(&candidate);
    return err;
}

mdp_err mdp_gate_damage_run(const struct mdp_gate_damage_plan *plan, struct mdp_gate_damage_result *out) {
    static const int must_fail[MDP_N_GATE_DAMAGES] = {
#define MUST(name, text, must) must,
        MDP_GATE_DAMAGE_LIST(MUST)
#undef MUST
    };
    struct mdp_checkpoint_info info;
    mdp_err err = mdp_checkpoint_read_info(plan->subject.files.policy, &info);
    if (err != MDP_OK) return err;
    int has_normalizer = info.normalizer.n > 0;
    mdp_checkpoint_info_free(&info);
    for (int d = 0; d < MDP_N_GATE_DAMAGES; d++) {
        const char *why = why_skipped(plan, (enum mdp_gate_damage)d, has_normalizer);
        out[d] = (struct mdp_gate_damage_result){.must_fail = must_fail[d]};
        if (why != NULL) snprintf(out[d].reason, sizeof out[d].reason, "%s", why);
        for (int r = 0; r < plan->n_repeats && why == NULL; r++)
            MDP_TRY(run_one(plan, (enum mdp_gate_damage)d, r, &out[d]));
    }
out:
    return err;
}
