#include "bench/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* ---- reports ---- */

static const char non_finite[] = "Stopped at a value that is not finite: %ld of %ld episodes of %s%s%s; their returns "
                                 "count up to there.";

/* notes on what no cell shows: whole runs and checkpoints of each arm, over all tasks */
static mdp_err note_ends(const struct mdp_report *report, struct mdp_table *table) {
    const struct mdp_experiment *e = report->arms->experiment;
    mdp_err err = MDP_OK;
    for (int i = 0; i < report->arms->n; i++) {
        const struct mdp_arm_data *arm = &report->arms->list[i];
        long n = 0, n_runs = 0;
        for (int r = 0; r < arm->n_tasks * arm->n_seeds && arm->is_shown; r++) {
            n += arm->is_whole[r] ? arm->n_non_finite[r] : 0;
            n_runs += arm->is_whole[r];
        }
        if (n > 0)
            MDP_TRY(mdp_table_add_note(table, non_finite, n, n_runs * arm->n_steps * arm->n_episodes,
                                       mdp_arm_title(e, arm->i_arm), ", ", mdp_actor_name(arm->is_online)));
    }
    if (report->n_behavior_non_finite > 0)
        MDP_TRY(mdp_table_add_note(table, non_finite, report->n_behavior_non_finite, report->n_behavior,
                                   "the policies behind the data", "", ""));
out:
    return err;
}

const char *mdp_report_best_source(const struct mdp_experiment_file *file, const char *name) {
    const struct mdp_arm_spec *arm = &file->arms[mdp_experiment_arm(file, name)];
    const struct mdp_run_spec *run = &file->runs[mdp_experiment_run(file, arm->run)];
    if (mdp_source_is_best(&arm->source)) return arm->guidance;
    while (run->from != NULL && !mdp_source_is_best(&run->source))
        run = &file->runs[mdp_experiment_run(file, run->from)];
    return run->from;
}

mdp_err mdp_report_note_told(const struct mdp_alike_group *group, struct mdp_table *table) {
    char text[MDP_ALIKE_TOLD_MAX];
    mdp_alike_group_told(group, text);
    return text[0] != 0 ? mdp_table_add_note(table, "%s", text) : MDP_OK;
}

void mdp_report_log_told(const struct mdp_alike_group *group) {
    char text[MDP_ALIKE_TOLD_MAX];
    mdp_alike_group_told(group, text);
    if (text[0] != 0) mdp_log("note: %s", text);
}

int mdp_report_is_bullet(const struct mdp_alike_group *group) {
    static const char prefix[] = "bullet-";
    int is_bullet = 1;
    for (int i = 0; i < group->n; i++)
        is_bullet &= strncmp(group->first[i].facts.values[MDP_FACT_REFERENCE], prefix, sizeof prefix - 1) == 0;
    return is_bullet;
}

const char *mdp_report_return_name(const struct mdp_report *report) {
    return report->arms->cache.by_objective ? "return" : "normalized return";
}

/* one line an objective; environments have one together or each its own */
static mdp_err note_objective(const struct mdp_alike_group *group, int i, struct mdp_table *table) {
    const char *objective = group->first[i].facts.values[MDP_FACT_REFERENCE];
    for (int k = 0; k < i; k++)
        if (strcmp(group->first[k].facts.values[MDP_FACT_REFERENCE], objective) == 0) return MDP_OK;
    return mdp_table_add_note(table, "Returns%s%s are those of the objective %s, not normalized.", i > 0 ? " in " : "",
                              i > 0 ? group->first[i].facts.values[MDP_FACT_ENV_ID] : "", objective);
}

mdp_err mdp_report_note_scale(const struct mdp_alike_group *group, struct mdp_table *table) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < group->n && err == MDP_OK; i++) {
        if (mdp_facts_are_by_objective(&group->first[i].facts)) {
            err = note_objective(group, i, table);
            continue;
        }
        const char *env = group->first[i].facts.values[MDP_FACT_ENV_ID], *version = strrchr(env, '-');
        if (version == NULL || (strcmp(version, "-v4") != 0 && strcmp(version, "-v5") != 0)) continue;
        err = mdp_table_add_note(table, "%s has no reference scores: it is shown on the scale of D4RL's for %.*s-v2.",
                                 env, (int)(version - env), env);
    }
    return err;
}

/* a note below each table of arms whose guidance was chosen by the evaluations of its checkpoints */
static mdp_err note_best(const struct mdp_report *report, const char *const *arms, unsigned n,
                         struct mdp_table *table) {
    const struct mdp_experiment_file *file = &report->arms->experiment->file;
    mdp_err err = MDP_OK;
    for (unsigned i = 0; i < n; i++) {
        const struct mdp_names before = MDP_NAMES_OF_FIRST(arms, (int)i);
        const char *source = mdp_report_best_source(file, arms[i]);
        if (source == NULL || mdp_names_index(&before, arms[i]) >= 0) continue;
        MDP_TRY(mdp_table_add_note(
            table,
            "Guidance of %s: of run %s the checkpoint with the highest mean return of its own evaluations, "
            "every %ld steps with evaluation seed %lu. The arms are evaluated with seed %lu.",
            mdp_arm_title(report->arms->experiment, mdp_experiment_arm(file, arms[i])), source, file->evaluate_every,
            (unsigned long)file->best_seed, (unsigned long)file->eval.seed));
    }
out:
    return err;
}

/* an empty table of a kind, with the experiment's title and the mode */
static mdp_err start(const struct mdp_report *report, const struct mdp_report_kind *kind,
                     struct mdp_report_tables *out) {
    char title[512];
    const struct mdp_table_spec *spec = report->spec;
    const struct mdp_experiment_file *file = &report->arms->experiment->file;
    const char *what = spec->title != NULL ? spec->title : file->title != NULL ? file->title : file->name;
    struct mdp_report_table *next = &out->list[out->n];
    snprintf(title, sizeof title, "%.400s%s (%s mode)", what, kind->tables[out->n].title,
             mdp_report_mode_name(report->choices.mode));
    snprintf(next->name, sizeof next->name, "%.64s%s", spec->name, kind->tables[out->n].name);
    mdp_err err = mdp_table_new(title, kind->tables[out->n].columns, &next->table);
    out->n += err == MDP_OK;
    return err;
}

static mdp_err note_all(const struct mdp_report *report, struct mdp_table *table) {
    const struct mdp_table_spec *spec = report->spec;
    const struct mdp_eval_settings *eval = &report->arms->experiment->file.eval;
    struct mdp_eval_settings usual;
    mdp_err err = MDP_OK;
    mdp_settings_defaults(&mdp_eval_table, &usual);
    if (eval->rule != usual.rule && spec->kind != MDP_TABLE_KIND_COST)
        MDP_TRY(mdp_table_add_note(table, "Returns are counted by the rule %s.",
                                   mdp_names_at(mdp_return_rule_names(), (int)eval->rule)));
    MDP_TRY(note_best(report, spec->test, spec->test_count, table));
    MDP_TRY(note_best(report, spec->base, spec->base_count, table));
    MDP_TRY(note_ends(report, table));
    MDP_TRY(mdp_report_note_scale(&report->arms->group, table));
    MDP_TRY(mdp_report_note_told(&report->arms->group, table));
out:
    return err;
}

static const struct mdp_report_kind *const kinds[] = {
#define KIND(upper, name, needs, help) &mdp_report_##name,
    MDP_TABLE_KIND_LIST(KIND)
#undef KIND
};

const struct mdp_columns *mdp_report_columns(enum mdp_table_kind kind, int i_table) {
    return kinds[kind]->tables[i_table].columns;
}

mdp_err mdp_report_make(struct mdp_report *report, struct mdp_report_tables *out) {
    const struct mdp_report_kind *kind = kinds[report->spec->kind];
    struct mdp_table *tables[MDP_REPORT_TABLES_MAX] = {NULL};
    mdp_err err = MDP_OK;
    *out = (struct mdp_report_tables){.n = 0};
    for (int i = 0; i < report->arms->n; i++) report->arms->list[i].is_shown = 0;
    while (err == MDP_OK && out->n < MDP_REPORT_TABLES_MAX && kind->tables[out->n].columns != NULL)
        err = start(report, kind, out);
    for (int i = 0; i < out->n; i++) tables[i] = out->list[i].table;
    if (err == MDP_OK) err = kind->make(report, tables);
    for (int i = 0; i < out->n && err == MDP_OK; i++) err = note_all(report, tables[i]);
    if (err == MDP_OK) return MDP_OK;
    mdp_report_tables_free(out);
    return mdp_fail_context(err, "table %s", report->spec->name);
}

void mdp_report_tables_free(struct mdp_report_tables *tables) {
    for (int i = 0; i < tables->n; i++) mdp_table_free(tables->list[i].table);
    *tables = (struct mdp_report_tables){.n = 0};
}

mdp_err mdp_report_note_choices(const struct mdp_report *report, const int *keys, int n, struct mdp_table *table) {
    char text[512] = "", value[32];
    for (int i = 0; i < n; i++) {
        size_t used = strlen(text);
        mdp_choice_show(&report->choices, keys[i], value);
        snprintf(text + used, sizeof text - used, "%s%s %s", i > 0 ? ", " : "", mdp_choice_key(keys[i]), value);
    }
    return mdp_table_add_note(table, "Choices: %s.", text);
}

/* ---- contests ---- */

static long steps_within(const struct mdp_arm_data *arm, double horizon) {
    long n = 0;
    while (n < arm->n_steps && (horizon == 0 || arm->steps[n] <= horizon)) n++;
    return n;
}

mdp_err mdp_contest_get(struct mdp_report *report, const char *test, const char *base, int is_online, int i_task,
                        struct mdp_contest *out) {
    const struct mdp_experiment_file *file = &report->arms->experiment->file;
    mdp_err err;
    *out = (struct mdp_contest){.i_task = i_task};
    MDP_TRY(mdp_arms_get(report->arms, mdp_experiment_arm(file, test), is_online, &out->test));
    if (base != NULL) MDP_TRY(mdp_arms_get(report->arms, mdp_experiment_arm(file, base), is_online, &out->base));
    report->arms->list[out->test - report->arms->list].is_shown = 1;
    if (base != NULL) report->arms->list[out->base - report->arms->list].is_shown = 1;
    for (int s = 0; s < out->test->n_seeds; s++) {
        int i = i_task * out->test->n_seeds + s;
        if (out->test->is_whole[i] && (base == NULL || out->base->is_whole[i])) out->seeds[out->n_seeds++] = s;
    }
    out->n_steps = steps_within(out->test, report->choices.value[MDP_CHOICE_horizon]);
    if (out->n_steps == 0)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "option --horizon: expected at least the first checkpoint %g, found %g",
                         out->test->steps[0], report->choices.value[MDP_CHOICE_horizon]));
out:
    return err;
}

const double *mdp_contest_curve(const struct mdp_contest *contest, const struct mdp_arm_data *arm, int k) {
    return arm->means + ((long)contest->i_task * arm->n_seeds + contest->seeds[k]) * arm->n_steps;
}

void mdp_contest_mean_curve(const struct mdp_contest *contest, const struct mdp_arm_data *arm, double *out) {
    for (long c = 0; c < contest->n_steps; c++) {
        out[c] = 0;
        for (int k = 0; k < contest->n_seeds; k++) out[c] += mdp_contest_curve(contest, arm, k)[c];
        out[c] /= contest->n_seeds;
    }
}

void mdp_contest_finals(const struct mdp_contest *contest, const struct mdp_arm_data *arm,
                        const struct mdp_choices *choices, int of_episodes, double *out) {
    long n_tail = MDP_CHOSE(choices, final) == MDP_FINAL_TAIL ? (contest->n_steps + 9) / 10 : 1;
    for (int k = 0; k < contest->n_seeds; k++) {
        for (long i = 0; i < (of_episodes ? arm->n_episodes : 1); i++) {
            double sum = 0;
            for (long c = contest->n_steps - n_tail; c < contest->n_steps; c++)
                sum += of_episodes ? mdp_arm_episodes(arm, contest->i_task, contest->seeds[k], c)[i]
                                   : mdp_arm_mean(arm, contest->i_task, contest->seeds[k], c);
            *out++ = sum / (double)n_tail;
        }
    }
}

mdp_err mdp_report_early(struct mdp_report *report, const struct mdp_curve *base, const struct mdp_curve *test,
                         struct mdp_curve_window *out) {
    mdp_err err = mdp_curve_compare_until(base, test, report->choices.value[MDP_CHOICE_early_steps], out);
    if (err == MDP_OK && out->n == 0) report->early_missed = (long)base->steps[0];
    return err;
}

mdp_err mdp_report_note_early(const struct mdp_report *report, const char *what, struct mdp_table *table) {
    if (report->early_missed == 0) return MDP_OK;
    return mdp_table_add_note(table, "No %s: no checkpoint in the first %g steps, the first is %ld.", what,
                              report->choices.value[MDP_CHOICE_early_steps], report->early_missed);
}

int mdp_experiment_has_actor(const struct mdp_experiment *e, int is_online) {
    for (unsigned i = 0; i < e->file.actors_count; i++)
        if ((strcmp(e->file.actors[i], "online") == 0) == is_online) return 1;
    return 0;
}

int mdp_report_shows(const struct mdp_report *report, int is_online) {
    const struct mdp_experiment *e = report->arms->experiment;
    if (is_online && report->choices.mode != MDP_REPORT_STRICT && mdp_experiment_has_actor(e, 0)) return 0;
    return mdp_experiment_has_actor(e, is_online);
}

const char *mdp_actor_name(int is_online) { return is_online ? "online" : "ema"; }
