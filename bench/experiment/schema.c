#include "bench/experiment/schema.h"

#include "algos/algorithm.h"
#include "bench/experiment/experiment.h"
#include "bench/experiment/printed.h"

enum { MOST_ENTRIES = 256, MOST_PANELS = 8 };

/* ---- lists of one value an entry ---- */

static const struct mdp_setting text_row[] = {{.kind = MDP_TEXT}};
static const struct mdp_settings texts = MDP_SETTINGS_NOT_KEPT(const char *, text_row);
static const struct mdp_setting actor_row[] = {{.kind = MDP_TEXT, .names = mdp_actor_names}};
static const struct mdp_settings actors = MDP_SETTINGS_NOT_KEPT(const char *, actor_row);
/* room for the offsets of runs above them */
static const struct mdp_setting seed_row[] = {{.kind = MDP_SEED, .low = 0, .high = 9e18}};
static const struct mdp_settings seeds = MDP_SETTINGS_NOT_KEPT(uint64_t, seed_row);

#define LIST(type, member, table, ...)                                                                                 \
    MDP_LIST_ROW(type, member, member##_count, table, .low = 1, .high = MOST_ENTRIES, __VA_ARGS__)

/* whose guidance: of a run's source, or of an arm's selection */
#define SOURCE(member, kind, ...) MDP_ROW(struct mdp_source_spec, member, kind, __VA_ARGS__)
static const struct mdp_setting source_rows[] = {
    SOURCE(which, TEXT, .name = "at"),
    SOURCE(seed, WHOLE, .name = "seed", .low = 0, .high = 9e15),
    SOURCE(seed_offset, WHOLE, .name = "seed-offset", .low = 0, .high = 1e6, .fallback = "0"),
    SOURCE(seed_shift, WHOLE, .name = "seed-shift", .low = 0, .high = 1e3, .unit = "seeds", .fallback = "0"),
};
static const struct mdp_settings sources = MDP_SETTINGS_NOT_KEPT(struct mdp_source_spec, source_rows);

/* ---- what is trained and evaluated ---- */

#define RUN(member, kind, ...) MDP_ROW(struct mdp_run_spec, member, kind, __VA_ARGS__)
static const struct mdp_setting run_rows[] = {
    RUN(name, TEXT, .name = "name", .is_required = 1),
    MDP_ROWS_OF(struct mdp_run_spec, train, mdp_train_table, .takers = MDP_FOR_RUN),
    RUN(from, TEXT, .name = "from"),
    MDP_ROWS_OF(struct mdp_run_spec, source, sources),
};
static const struct mdp_settings runs = MDP_SETTINGS_NOT_KEPT(struct mdp_run_spec, run_rows);

#define ARM(member, kind, ...) MDP_ROW(struct mdp_arm_spec, member, kind, __VA_ARGS__)
static const struct mdp_setting arm_rows[] = {
    ARM(name, TEXT, .name = "name", .is_required = 1),
    ARM(title, TEXT, .name = "title"),
    ARM(run, TEXT, .name = "run", .is_required = 1),
    ARM(guidance, TEXT, .name = "guidance"),
    MDP_ROWS_OF(struct mdp_arm_spec, source, sources),
    MDP_ROWS_OF(struct mdp_arm_spec, eval, mdp_eval_table, .takers = MDP_FOR_ARM),
};
static const struct mdp_settings arms = MDP_SETTINGS_NOT_KEPT(struct mdp_arm_spec, arm_rows);

#define WEIGHT(member, kind, ...) MDP_ROW(struct mdp_weight_spec, member, kind, .is_required = 1, __VA_ARGS__)
static const struct mdp_setting weight_rows[] = {
    WEIGHT(algo, TEXT, .name = "algo", .names = mdp_algorithm_names),
    WEIGHT(task, TEXT, .name = "task"),
    WEIGHT(w_t, REAL, .name = "w-t", .low = 0, .high = 1e9),
};
static const struct mdp_settings weights = MDP_SETTINGS_NOT_KEPT(struct mdp_weight_spec, weight_rows);

/* ---- what is shown ---- */

#define TABLE(member, kind, ...) MDP_ROW(struct mdp_table_spec, member, kind, __VA_ARGS__)
static const struct mdp_setting table_rows[] = {
    TABLE(name, TEXT, .name = "name", .is_required = 1),
    TABLE(title, TEXT, .name = "title"),
    TABLE(kind, CHOICE, .name = "kind", .names = mdp_table_kind_names, .is_required = 1),
    LIST(struct mdp_table_spec, test, texts, .name = "test"),
    LIST(struct mdp_table_spec, base, texts, .name = "base"),
    TABLE(printed, TEXT, .name = "printed", .names = mdp_paper_table_names),
    MDP_ROWS_OF(struct mdp_table_spec, choices, mdp_choice_table, .name = "choices"),
};
static const struct mdp_settings tables = MDP_SETTINGS_NOT_KEPT(struct mdp_table_spec, table_rows);

static const struct mdp_setting panel_rows[] = {
    MDP_ROW(struct mdp_panel_spec, title, TEXT, .name = "title"),
    LIST(struct mdp_panel_spec, arms, texts, .name = "arms"),
};
static const struct mdp_settings panels = MDP_SETTINGS_NOT_KEPT(struct mdp_panel_spec, panel_rows);

#define FIGURE(member, kind, ...) MDP_ROW(struct mdp_figure_spec, member, kind, __VA_ARGS__)
static const struct mdp_setting figure_rows[] = {
    FIGURE(name, TEXT, .name = "name", .is_required = 1),
    FIGURE(title, TEXT, .name = "title"),
    FIGURE(kind, CHOICE, .name = "kind", .names = mdp_figure_kind_names),
    MDP_LIST_ROW(struct mdp_figure_spec, panels, panels_count, panels, .name = "panels", .low = 1, .high = MOST_PANELS,
                 .is_required = 1),
};
static const struct mdp_settings figures = MDP_SETTINGS_NOT_KEPT(struct mdp_figure_spec, figure_rows);

/* ---- the file ---- */

#define TOP(member, kind, ...) MDP_ROW(struct mdp_experiment_file, member, kind, __VA_ARGS__)
#define TOP_LIST(member, table, ...) LIST(struct mdp_experiment_file, member, table, __VA_ARGS__)
#define TOP_ROWS(member, table) MDP_ROWS_OF(struct mdp_experiment_file, member, table, .takers = MDP_FOR_EXPERIMENT)
static const struct mdp_setting file_rows[] = {
    TOP(name, TEXT, .name = "name", .is_required = 1),
    TOP(title, TEXT, .name = "title"),
    TOP_LIST(parts, texts, .name = "parts"),
    TOP(folder, TEXT, .name = "folder", .fallback = "runs", .takers = MDP_FOR_EXPERIMENT),
    TOP(data, TEXT, .name = "data", .fallback = "datasets", .takers = MDP_FOR_EXPERIMENT),
    TOP_ROWS(collect, mdp_collect_table),
    TOP_LIST(tasks, texts, .name = "tasks", .takers = MDP_FOR_EXPERIMENT),
    TOP_LIST(seeds, seeds, .name = "seeds", .takers = MDP_FOR_EXPERIMENT),
    TOP_ROWS(train, mdp_train_table),
    TOP(evaluate_every, WHOLE, .name = "evaluate-every", .low = 1, .high = 1e8, .unit = "gradient steps",
        .takers = MDP_FOR_EXPERIMENT),
    TOP_ROWS(eval, mdp_eval_table),
    TOP(best_seed, SEED, .name = "best-seed", .fallback = "1000", .low = 0, .high = 9e18, .takers = MDP_FOR_EXPERIMENT),
    TOP_LIST(weights, weights, .name = "weights", .takers = MDP_FOR_EXPERIMENT),
    TOP_LIST(actors, actors, .name = "actors", .takers = MDP_FOR_EXPERIMENT),
    TOP_LIST(runs, runs, .name = "runs"),
    TOP_LIST(arms, arms, .name = "arms"),
    TOP_LIST(tables, tables, .name = "tables"),
    TOP_LIST(figures, figures, .name = "figures"),
};
const struct mdp_settings mdp_experiment_table = MDP_SETTINGS(struct mdp_experiment_file, file_rows);
