#include "bench/report/write.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "bench/experiment/read.h"
#include "bench/report/figure.h"
#include "bench/run/curve_data.h"
#include "results/show/table_out.h"

int mdp_is_experiment(const char *path) { return mdp_path_ends(path, ".yaml"); }

/* ---- tables ---- */

/* what the request says of any table; *n: how many columns there are, none of which may be wanted */
static mdp_err shape(const struct mdp_paper_request *request, struct mdp_table *table, int *n) {
    *n = 1;
    mdp_table_set_tex(table, &request->tex);
    return request->columns != NULL ? mdp_table_choose(table, request->columns, n) : MDP_OK;
}

/* in every format but that of streams */
static mdp_err write_everywhere(const struct mdp_report_table *table, const char *folder, FILE *stream) {
    char path[MDP_PATH_MAX];
    mdp_err err = MDP_OK;
    for (int i = MDP_TABLE_MD; i <= MDP_TABLE_JSON; i++) {
        MDP_TRY(mdp_fsx_path(path, "%s/%s.%s", folder, table->name, mdp_names_at(mdp_table_format_names(), i)));
        MDP_TRY(mdp_table_output(table->table, (enum mdp_table_format)i, path, NULL));
        mdp_text_print_line(stream, "%s", path);
    }
out:
    return err;
}

static mdp_err output(const struct mdp_report_tables *tables, const struct mdp_paper_request *request, int *n_shown) {
    int n;
    mdp_err err = MDP_OK;
    for (int i = 0; i < tables->n; i++) {
        MDP_TRY(shape(request, tables->list[i].table, &n));
        if (n == 0) continue;
        ++*n_shown;
        if (request->out != NULL) {
            MDP_TRY(write_everywhere(&tables->list[i], request->out, request->stream));
            continue;
        }
        if (*n_shown > 1) fputc('\n', request->stream);
        MDP_TRY(mdp_table_output(tables->list[i].table, request->format, NULL, request->stream));
    }
out:
    return err;
}

/* defaults of the mode, then the file's choices, then the command's */
static mdp_err make_table(struct mdp_arms *arms, const struct mdp_table_spec *spec,
                          const struct mdp_paper_request *request, int *n_shown) {
    struct mdp_table_spec own = *spec;
    struct mdp_report report = {.arms = arms, .spec = &own};
    struct mdp_report_tables tables = {.n = 0};
    mdp_err err;
    if (request->by_objective) own.printed = NULL; /* printed values are of normalized returns */
    mdp_choices_defaults(request->mode, &report.choices);
    MDP_TRY(mdp_choices_set(&report.choices, &spec->choices));
    MDP_TRY(mdp_choices_set(&report.choices, &request->choices));
    MDP_TRY(mdp_report_make(&report, &tables));
    MDP_TRY(output(&tables, request, n_shown));
out:
    mdp_report_tables_free(&tables);
    return err;
}

static int is_wanted(const char *name, const char *only) { return only == NULL || strcmp(name, only) == 0; }

/* before any table is made: of those that are wanted, one at least has each column */
static mdp_err check_columns(const struct mdp_experiments *experiments, const struct mdp_paper_request *request) {
    const struct mdp_columns *known[MDP_N_TABLE_KINDS * MDP_REPORT_TABLES_MAX];
    int n = 0, is_listed[MDP_N_TABLE_KINDS] = {0};
    if (request->columns == NULL) return MDP_OK;
    for (int i = 0; i < experiments->n; i++) {
        const struct mdp_experiment_file *file = &experiments->list[i].file;
        for (unsigned k = 0; k < file->tables_count; k++) {
            const enum mdp_table_kind kind = file->tables[k].kind;
            if (!is_wanted(file->tables[k].name, request->only) || is_listed[kind]) continue;
            is_listed[kind] = 1;
            for (int t = 0; t < MDP_REPORT_TABLES_MAX && mdp_report_columns(kind, t) != NULL; t++)
                known[n++] = mdp_report_columns(kind, t);
        }
    }
    return n > 0 ? mdp_columns_check(request->columns, known, n) : MDP_OK;
}

/* kinds that set returns against numbers of the world's own scale */
static const char *const of_the_world[MDP_N_TABLE_KINDS] = {
    [MDP_TABLE_KIND_PROFILES] = "profiles, whose levels are of",
    [MDP_TABLE_KIND_BEHAVIOR] = "behavior, where the data's are",
};

static mdp_err refuse_objective(const char *what, const char *name, const char *why) {
    return mdp_fail(MDP_E_USAGE, "%s %s: option --objective: expected none for kind %s normalized returns", what, name,
                    why);
}

mdp_err mdp_paper_tables_run(const char *path, const struct mdp_paper_request *request) {
    struct mdp_experiments experiments = {.n = 0};
    struct mdp_arms arms = {.n = 0};
    int n_shown = 0;
    mdp_err err;
    MDP_TRY(mdp_experiments_read(path, &experiments));
    MDP_TRY(check_columns(&experiments, request));
    for (int i = 0; i < experiments.n; i++) {
        const struct mdp_experiment *e = &experiments.list[i];
        MDP_TRY(mdp_arms_new(e, request->is_partial, &arms));
        arms.cache.by_objective = request->by_objective;
        for (unsigned k = 0; k < e->file.tables_count; k++) {
            const struct mdp_table_spec *spec = &e->file.tables[k];
            if (!is_wanted(spec->name, request->only)) continue;
            if (request->by_objective && of_the_world[spec->kind] != NULL)
                MDP_TRY(refuse_objective("table", spec->name, of_the_world[spec->kind]));
            MDP_TRY(make_table(&arms, spec, request, &n_shown));
        }
        mdp_arms_free(&arms);
    }
    if (n_shown == 0)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected a table%s%s, found none", path,
                         request->only != NULL ? " named " : "", request->only != NULL ? request->only : ""));
out:
    mdp_arms_free(&arms);
    mdp_experiments_free(&experiments);
    return err;
}

/* ---- figures ---- */

static mdp_err choose_actor(const struct mdp_experiment *e, const char *actor, int *is_online) {
    *is_online = !mdp_experiment_has_actor(e, 0);
    if (actor == NULL) return MDP_OK;
    *is_online = strcmp(actor, mdp_actor_name(1)) == 0;
    if (mdp_experiment_has_actor(e, *is_online)) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "figure: option --actor: expected %s, the one actor of %s, found %s",
                    mdp_actor_name(!*is_online), e->path, actor);
}

mdp_err mdp_paper_figures_run(const char *path, const char *folder, const char *only, const char *actor, int is_partial,
                              int by_objective, FILE *stream) {
    struct mdp_experiments experiments = {.n = 0};
    struct mdp_arms arms = {.n = 0};
    int n_drawn = 0;
    mdp_err err;
    MDP_TRY(mdp_experiments_read(path, &experiments));
    for (int i = 0; i < experiments.n; i++) {
        const struct mdp_experiment *e = &experiments.list[i];
        int is_online;
        MDP_TRY(choose_actor(e, actor, &is_online));
        MDP_TRY(mdp_arms_new(e, is_partial, &arms));
        arms.cache.by_objective = by_objective;
        for (unsigned k = 0; k < e->file.figures_count; k++) {
            const struct mdp_figure_spec *spec = &e->file.figures[k];
            if (!is_wanted(spec->name, only)) continue;
            if (by_objective && spec->kind == MDP_FIGURE_KIND_PROFILES)
                MDP_TRY(refuse_objective("figure", spec->name, of_the_world[MDP_TABLE_KIND_PROFILES]));
            MDP_TRY(mdp_paper_figure(&arms, spec, is_online, folder, stream));
            n_drawn++;
        }
        mdp_report_log_told(&arms.group);
        mdp_arms_free(&arms);
    }
    if (n_drawn == 0 && only != NULL)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected a figure named %s, found none", path, only));
out:
    mdp_arms_free(&arms);
    mdp_experiments_free(&experiments);
    return err;
}
