/* what arms cost to train: time and memory as their runs recorded them, and what a test arm saves. */
#include <math.h>
#include <string.h>

#include "bench/experiment/modules.h"
#include "bench/report/report.h"
#include "bench/run/run_facts.h"
#include "stats/variance.h"

/* a row; what is missing is NaN or -1 */
struct row {
    const char *arm;
    long n_runs;
    double steps, gflop, seconds, mebibytes, hours, source_hours, flops_saved, time_saved, memory_saved;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, arm, TEXT, "arm", "arm"),
    MDP_COLUMN(struct row, n_runs, WHOLE, "runs", "runs"),
    MDP_COLUMN(struct row, steps, REAL, "steps", "steps"),
    MDP_COLUMN(struct row, gflop, REAL, "step_gflop", "GFLOP a step", 2),
    MDP_COLUMN(struct row, seconds, REAL, "core_seconds_per_1000_steps", "core s per 1000 steps", 2),
    MDP_COLUMN(struct row, mebibytes, REAL, "peak_mebibytes", "peak MiB", 1),
    MDP_COLUMN(struct row, hours, REAL, "core_hours", "core h", 3),
    MDP_COLUMN(struct row, source_hours, REAL, "core_hours_with_guidance", "core h with its guidance", 3),
    MDP_COLUMN(struct row, flops_saved, REAL, "arithmetic_saved_pct", "arithmetic a step saved %", 1),
    MDP_COLUMN(struct row, time_saved, REAL, "time_saved_pct", "time a step saved %", 1),
    MDP_COLUMN(struct row, memory_saved, REAL, "memory_saved_pct", "memory saved %", 1),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* a row of the second table: what is counted, not measured */
struct size_row {
    const char *task, *arm;
    long diffusion, guidance, both;
    double share;
};
static const struct mdp_column size_list[] = {
    MDP_COLUMN(struct size_row, task, TEXT, "task", "task"),
    MDP_COLUMN(struct size_row, arm, TEXT, "arm", "arm"),
    MDP_COLUMN(struct size_row, diffusion, WHOLE, "diffusion_parameters", "diffusion"),
    MDP_COLUMN(struct size_row, guidance, WHOLE, "guidance_parameters", "guidance"),
    MDP_COLUMN(struct size_row, both, WHOLE, "parameters", "both"),
    MDP_COLUMN(struct size_row, share, REAL, "diffusion_share_pct", "diffusion % of both", 2),
};
static const struct mdp_columns size_columns = MDP_COLUMNS(struct size_row, size_list);

/* sums over those runs of an arm that recorded their cost */
struct cost {
    long n_runs;
    double steps, seconds, source_seconds, peak_bytes, flops;
};

static mdp_err add_run(const struct mdp_experiment *e, const struct mdp_run_instance *run, struct cost *cost) {
    struct mdp_run_facts facts;
    struct mdp_run_instance source;
    char folder[MDP_PATH_MAX];
    int found;
    mdp_err err;
    MDP_TRY(mdp_instance_folder(e, run, folder));
    MDP_TRY(mdp_run_facts_read(folder, &facts, &found));
    if (!found || facts.steps == 0) return MDP_OK;
    cost->n_runs++;
    cost->steps += (double)facts.steps;
    cost->seconds += facts.cpu_seconds;
    cost->flops += facts.step_flops * (double)facts.steps;
    cost->peak_bytes = fmax(cost->peak_bytes, facts.peak_bytes);
    if (!mdp_instance_source(e, run, &source)) return MDP_OK;
    MDP_TRY(mdp_instance_folder(e, &source, folder));
    MDP_TRY(mdp_run_facts_read(folder, &facts, &found));
    if (found) cost->source_seconds += facts.cpu_seconds;
out:
    return err;
}

static mdp_err cost_of(const struct mdp_experiment *e, const char *arm, struct cost *cost) {
    struct mdp_arm_instance instance = {.i_arm = mdp_experiment_arm(&e->file, arm)};
    *cost = (struct cost){.n_runs = 0};
    for (instance.i_task = 0; instance.i_task < (int)e->file.tasks_count; instance.i_task++)
        for (instance.i_seed = 0; instance.i_seed < (int)e->file.seeds_count; instance.i_seed++) {
            struct mdp_run_instance run = mdp_arm_run(e, &instance);
            mdp_err err = add_run(e, &run, cost);
            if (err != MDP_OK) return err;
        }
    return MDP_OK;
}

static void set_against(const struct cost *cost, const struct cost *base, struct row *row) {
    if (cost->flops > 0 && base->flops > 0)
        row->flops_saved = mdp_reduction_pct(base->flops / base->steps, cost->flops / cost->steps);
    row->time_saved = mdp_reduction_pct(base->seconds / base->steps, cost->seconds / cost->steps);
    row->memory_saved = mdp_reduction_pct(base->peak_bytes, cost->peak_bytes);
}

static mdp_err add_row(const struct mdp_experiment *e, const char *arm, const struct cost *cost,
                       const struct cost *base, struct mdp_table *table) {
    struct row row;
    mdp_row_clear(&columns, &row);
    row.arm = mdp_arm_title(e, mdp_experiment_arm(&e->file, arm));
    row.n_runs = cost->n_runs;
    if (cost->n_runs > 0) {
        row.steps = cost->steps;
        if (cost->flops > 0) row.gflop = 1e-9 * cost->flops / cost->steps;
        row.seconds = 1000 * cost->seconds / cost->steps;
        row.mebibytes = cost->peak_bytes / 1048576;
        row.hours = cost->seconds / 3600;
        row.source_hours = (cost->seconds + cost->source_seconds) / 3600;
        if (base != NULL && base->n_runs > 0) set_against(cost, base, &row);
    }
    return mdp_table_fill(table, &row, 1);
}

/* an arm's modules on every task */
static mdp_err add_sizes(const struct mdp_experiment *e, const char *name, struct mdp_table *table) {
    struct mdp_arm_instance instance = {.i_arm = mdp_experiment_arm(&e->file, name)};
    mdp_err err = MDP_OK;
    for (; instance.i_task < (int)e->file.tasks_count && err == MDP_OK; instance.i_task++) {
        struct mdp_run_parameters n;
        struct size_row row;
        err = mdp_run_count_parameters(&e->file, mdp_arm_run(e, &instance).i_run, instance.i_task, &n);
        if (err != MDP_OK) return err;
        mdp_row_clear(&size_columns, &row);
        row.task = e->file.tasks[instance.i_task];
        row.arm = mdp_arm_title(e, instance.i_arm);
        row.diffusion = n.diffusion;
        row.guidance = n.guidance;
        row.both = n.diffusion + n.guidance;
        row.share = 100 * (double)n.diffusion / (double)row.both;
        err = mdp_table_fill(table, &row, 1);
    }
    return err;
}

static mdp_err note_sizes(struct mdp_table *table) {
    return mdp_table_add_note(
        table,
        "Parameters that a run has, each counted once: targets, averaged copies and moments of the optimiser are "
        "as many again. Guidance that comes from a run of its own was trained there. The 38.1 percent less "
        "peak memory and computation that a later manuscript claims (OpenReview, 28 October 2025) is the share "
        "of the diffusion module: what is not there while guidance is trained alone. Guidance that comes "
        "from a joint run was trained beside a diffusion module. What is measured is in the table of time and "
        "memory.");
}

/* base arms first, so that every other one is set against the first of them */
static mdp_err make(struct mdp_report *report, struct mdp_table *const tables[]) {
    const struct mdp_experiment *e = report->arms->experiment;
    const struct mdp_table_spec *spec = report->spec;
    struct cost base = {.n_runs = 0}, test;
    mdp_err err = MDP_OK;
    for (unsigned i = 0; i < spec->base_count; i++) {
        MDP_TRY(cost_of(e, spec->base[i], &test));
        if (i == 0) base = test;
        MDP_TRY(add_row(e, spec->base[i], &test, NULL, tables[0]));
        MDP_TRY(add_sizes(e, spec->base[i], tables[1]));
    }
    for (unsigned i = 0; i < spec->test_count; i++) {
        MDP_TRY(cost_of(e, spec->test[i], &test));
        MDP_TRY(add_row(e, spec->test[i], &test, spec->base_count > 0 ? &base : NULL, tables[0]));
        MDP_TRY(add_sizes(e, spec->test[i], tables[1]));
    }
    MDP_TRY(mdp_table_add_note(
        tables[0], "As recorded by the runs (run.json); peak MiB: the largest of them, the dataset included; GFLOP: "
                   "nominal. Saved: against the "
                   "first base arm. A later manuscript (OpenReview, 28 October 2025) claims 38.1 percent less "
                   "peak memory and computation, and 65.6 and 27.66 percent less diffusion training; v1 of "
                   "the paper prints no such figure. Its code counts parameters: the table of these."));
    MDP_TRY(note_sizes(tables[1]));
out:
    return err;
}

const struct mdp_report_kind mdp_report_cost = {.tables = {{": time and memory of training", "", &columns},
                                                           {": parameters of modules", "-parameters", &size_columns}},
                                                .make = make};
