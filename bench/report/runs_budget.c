/* the expected best return of k evaluations of runs, wherever they came from: a sweep for each task. */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "bench/report/budget.h"
#include "bench/report/report.h"
#include "bench/report/runs.h"
#include "bench/run/curve_data.h"
#include "bench/run/evaluations.h"

enum { TASKS_MAX = 64 };

/* the policies of a task, and what all of their evaluations share */
struct pool {
    struct mdp_sweep sweep;
    char task[MDP_LABEL_MAX], actor[MDP_LABEL_MAX];
    char path[MDP_PATH_MAX]; /* of the first */
    struct mdp_episodes first;
    char **folders; /* of its runs, by their one path without links */
    long n_folders;
};

struct gathering {
    struct mdp_evaluations cache;
    struct mdp_alike_group group;
    struct pool pools[TASKS_MAX];
    int n;
};

static void gathering_free(struct gathering *g) {
    for (int i = 0; i < g->n; i++) {
        mdp_sweep_free(&g->pools[i].sweep);
        mdp_episodes_free(&g->pools[i].first);
        for (long k = 0; k < g->pools[i].n_folders; k++) free(g->pools[i].folders[k]);
        free(g->pools[i].folders);
    }
    mdp_alike_group_free(&g->group);
    mdp_evaluations_free(&g->cache);
}

static mdp_err find_pool(struct gathering *g, const char *path, const struct mdp_episodes_info *info,
                         const struct mdp_episodes *episodes, struct pool **out) {
    mdp_err err;
    for (int i = 0; i < g->n; i++) {
        *out = &g->pools[i];
        if (strcmp((*out)->task, info->task) == 0) return MDP_OK;
    }
    if (g->n == TASKS_MAX) return mdp_fail(MDP_E_USAGE, "%s: expected at most %d tasks", path, TASKS_MAX);
    *out = &g->pools[g->n++];
    snprintf((*out)->task, sizeof(*out)->task, "%s", info->task);
    snprintf((*out)->actor, sizeof(*out)->actor, "%s", info->actor);
    MDP_TRY(mdp_fsx_path((*out)->path, "%s", path));
    MDP_TRY(mdp_episodes_copy(episodes, &(*out)->first));
out:
    return err;
}

/* episodes of all policies start alike, so that one draw of them is a draw for all */
static mdp_err check_episodes(const struct pool *pool, const char *path, const struct mdp_episodes *e) {
    const size_t n = (size_t)pool->first.n;
    if (e->n == pool->first.n && memcmp(e->indices, pool->first.indices, n * sizeof *e->indices) == 0 &&
        memcmp(e->seeds, pool->first.seeds, n * sizeof *e->seeds) == 0)
        return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: expected the %ld episodes and seeds of %s, found %ld, or others", path,
                    pool->first.n, pool->path, e->n);
}

/* what is in one folder, however its path is written, is of one run */
static mdp_err number_run(struct pool *pool, const char *folder, long *number) {
    char *real = realpath(folder, NULL);
    mdp_err err = MDP_OK;
    if (real == NULL) return mdp_fail(MDP_E_IO, "%s: cannot find the folder", folder);
    for (*number = 0; *number < pool->n_folders; ++*number)
        if (strcmp(pool->folders[*number], real) == 0) goto out;
    char **grown = realloc(pool->folders, ((size_t)pool->n_folders + 1) * sizeof *grown);
    if (grown == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory for its name", folder));
    pool->folders = grown;
    pool->folders[pool->n_folders++] = real;
    real = NULL;
out:
    free(real);
    return err;
}

static mdp_err add_evaluation(struct gathering *g, const char *path, const char *folder) {
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_alike_file file;
    struct pool *pool;
    long number = 0;
    mdp_err err;
    MDP_TRY(mdp_evaluation_read(&g->cache, path, &info, &episodes));
    MDP_TRY(mdp_alike_read(path, &info, &file));
    MDP_TRY(mdp_alike_group_join(&file, &g->group));
    MDP_TRY(find_pool(g, path, &info, &episodes, &pool));
    MDP_TRY(check_episodes(pool, path, &episodes));
    if (strcmp(pool->actor, info.actor) != 0) pool->actor[0] = 0;
    MDP_TRY(number_run(pool, folder, &number));
    MDP_TRY(mdp_sweep_add(&pool->sweep, number, episodes.normalized_returns, episodes.n));
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    return err;
}

static mdp_err add_path(struct gathering *g, const char *path, const char *mark) {
    struct mdp_curve_data data = {.n = 0};
    struct mdp_curve_place place;
    struct mdp_run_name name;
    char folder[MDP_PATH_MAX];
    mdp_err err;
    const int is_place = mdp_curve_place_parse(path, &place);
    if (is_place || mdp_file_is(MDP_FILE_EPISODES, path)) {
        mdp_path_folder(is_place ? place.file : path, folder);
        return add_evaluation(g, path, folder);
    }
    mdp_run_name_parse(path, mark, &name);
    MDP_TRY(mdp_curve_data_read(path, mark, g->cache.by_objective, MDP_CURVE_BARE, &data));
    if (name.is_file)
        mdp_path_folder(path, folder);
    else
        MDP_TRY(mdp_fsx_path(folder, "%s", name.folder));
    for (int i = 0; i < data.n; i++) MDP_TRY(add_evaluation(g, data.points[i].file.path, folder));
out:
    mdp_curve_data_free(&data);
    return err;
}

mdp_err mdp_runs_budget(int n, char **paths, const char *mark, int by_objective, struct mdp_table **out) {
    struct gathering *g = NULL;
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&g, 1, sizeof *g, "sweep"));
    g->cache.by_objective = by_objective;
    MDP_TRY(mdp_table_new("Best of k evaluations", mdp_budget_columns(), &table));
    for (int i = 0; i < n; i++) MDP_TRY(add_path(g, paths[i], mark));
    for (int i = 0; i < g->n; i++) {
        struct pool *pool = &g->pools[i];
        pool->sweep.task = pool->task;
        pool->sweep.actor = pool->actor[0] != 0 ? pool->actor : NULL;
        pool->sweep.name = "all";
        MDP_TRY(mdp_sweep_rows(&pool->sweep, table));
    }
    MDP_TRY(mdp_sweep_notes(table));
    MDP_TRY(mdp_table_add_note(table,
                               "What is in one folder counts as one run: its labels, and files given by themselves."));
    MDP_TRY(mdp_report_note_scale(&g->group, table));
    MDP_TRY(mdp_report_note_told(&g->group, table));
    *out = table;
    table = NULL;
out:
    mdp_table_free(table);
    if (g != NULL) gathering_free(g);
    free(g);
    return err;
}
