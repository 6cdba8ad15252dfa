#include "bench/report/seeds.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void seeds_free(struct mdp_seeds *seeds) {
    for (int i = 0; seeds->runs != NULL && i < seeds->n_runs; i++) mdp_curve_data_free(&seeds->runs[i]);
    free(seeds->runs);
    free(seeds->steps);
    free(seeds->scores);
}

void mdp_seed_groups_free(struct mdp_seed_groups *groups) {
    for (int i = 0; groups->list != NULL && i < groups->n; i++) seeds_free(&groups->list[i]);
    free(groups->list);
    *groups = (struct mdp_seed_groups){0, NULL};
}

/* ---- which runs belong together ---- */

/* FOLDER[:LABEL] of FOLDER/seedN[:LABEL] */
static mdp_err name_group(const char *path, const char *mark, char name[MDP_PATH_MAX]) {
    struct mdp_run_name run;
    int is_there = mdp_run_name_parse(path, mark, &run);
    size_t n = strlen(run.folder);
    while (n > 1 && run.folder[n - 1] == '/') run.folder[--n] = 0;
    const char *leaf = mdp_path_name(run.folder);
    if (!is_there || run.is_file || !mdp_is_seed_folder(leaf, strlen(leaf)))
        return mdp_fail(MDP_E_USAGE, "%s: option --seeds: expected the folder of a run called seedN, found %s", path,
                        is_there ? "another" : "none");
    size_t n_parent = leaf > run.folder ? (size_t)(leaf - run.folder) - 1 : 0;
    const char *parent = n_parent > 0 ? run.folder : run.folder[0] == '/' ? "/" : ".";
    return mdp_fsx_path(name, "%.*s%s%s", n_parent > 0 ? (int)n_parent : 1, parent,
                        strcmp(run.mark, mark) != 0 ? ":" : "", strcmp(run.mark, mark) != 0 ? run.mark : "");
}

static struct mdp_seeds *find_group(struct mdp_seed_groups *groups, const char *name) {
    for (int i = 0; i < groups->n; i++)
        if (strcmp(groups->list[i].name, name) == 0) return &groups->list[i];
    struct mdp_seeds *seeds = &groups->list[groups->n++];
    snprintf(seeds->name, sizeof seeds->name, "%s", name);
    return seeds;
}

/* by any way to it: a slash more, another folder on the way, a link; labels make two of one folder */
static int is_same_run(const char *a, const char *b) {
    struct stat x, y;
    if (strcmp(a, b) == 0) return 1;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static mdp_err add_run(struct mdp_seeds *seeds, int room, const char *path, const char *mark) {
    mdp_err err;
    for (int i = 0; i < seeds->n_runs; i++)
        if (is_same_run(seeds->runs[i].label, path))
            return mdp_fail(MDP_E_USAGE, "%s: option --seeds: expected each run once, found it again", path);
    if (seeds->runs == NULL) MDP_TRY(mdp_calloc(&seeds->runs, (unsigned long)room, sizeof *seeds->runs, "runs"));
    struct mdp_curve_data *run = &seeds->runs[seeds->n_runs];
    MDP_TRY(mdp_curve_data_read(path, mark, 0, MDP_CURVE_BARE, run));
    seeds->n_runs++;
    MDP_TRY(mdp_curve_data_check(run));
out:
    return err;
}

/* ---- what they have in common ---- */

static int find_step(const struct mdp_curve_data *run, long step) {
    for (int i = 0; i < run->n; i++)
        if (run->points[i].step == step) return i;
    return -1;
}

static int all_have(const struct mdp_seeds *seeds, long step) {
    for (int k = 0; k < seeds->n_runs; k++)
        if (find_step(&seeds->runs[k], step) < 0) return 0;
    return 1;
}

const struct mdp_curve_point *mdp_seeds_point(const struct mdp_seeds *seeds, int i_run, int i_step) {
    const struct mdp_curve_data *run = &seeds->runs[i_run];
    return &run->points[find_step(run, (long)seeds->steps[i_step])];
}

/* runs of one group are parts of one sample: alike in all but their own modules, with equally many episodes */
static mdp_err check_alike(const struct mdp_seeds *seeds) {
    const struct mdp_curve_point *first = &seeds->runs[0].points[0];
    struct mdp_alike_file alike = first->file;
    mdp_err err = MDP_OK;
    for (int k = 1; k < seeds->n_runs; k++) {
        const struct mdp_curve_point *point = &seeds->runs[k].points[0];
        MDP_TRY(mdp_alike_join(MDP_ALIKE_SAMPLE, &point->file, &alike));
        if (strcmp(point->task, first->task) != 0)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: task: expected %s as in %s, found %s", point->file.path, first->task,
                             first->file.path, point->task));
        if (point->normalized.n != first->normalized.n)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected %ld episodes as in %s, found %ld", point->file.path,
                             first->normalized.n, first->file.path, point->normalized.n));
    }
out:
    return err;
}

static void take_step(struct mdp_seeds *seeds, long step) {
    double *scores = seeds->scores + (long)seeds->n_steps * seeds->n_runs;
    seeds->steps[seeds->n_steps++] = (double)step;
    for (int k = 0; k < seeds->n_runs; k++) {
        const struct mdp_curve_point *point = mdp_seeds_point(seeds, k, seeds->n_steps - 1);
        scores[k] = point->normalized.mean;
        seeds->n_non_finite += point->n_non_finite;
    }
}

static mdp_err align(struct mdp_seeds *seeds) {
    const struct mdp_curve_data *first = &seeds->runs[0];
    const unsigned long n = (unsigned long)first->n;
    mdp_err err;
    MDP_TRY(check_alike(seeds));
    MDP_TRY(mdp_calloc(&seeds->steps, n, sizeof(double), "curve"));
    MDP_TRY(mdp_calloc(&seeds->scores, n * (unsigned long)seeds->n_runs, sizeof(double), "curve"));
    seeds->n_episodes = first->points[0].normalized.n;
    for (int i = 0; i < first->n; i++)
        if (all_have(seeds, first->points[i].step)) take_step(seeds, first->points[i].step);
    for (int k = 0; k < seeds->n_runs; k++) seeds->n_left_out += seeds->runs[k].n - seeds->n_steps;
    if (seeds->n_steps == 0)
        err = mdp_fail(MDP_E_USAGE,
                       "%s: option --seeds: expected a checkpoint that all of its %d runs have evaluated, "
                       "found none",
                       seeds->name, seeds->n_runs);
out:
    return err;
}

mdp_err mdp_seed_groups_read(int n, char **paths, const char *mark, struct mdp_seed_groups *out) {
    char name[MDP_PATH_MAX];
    mdp_err err;
    *out = (struct mdp_seed_groups){0, NULL};
    if (n < 1 || n > MDP_SEED_RUNS_MAX)
        return mdp_fail(MDP_E_USAGE, "option --seeds: expected 1 to %d runs, found %d", MDP_SEED_RUNS_MAX, n);
    MDP_TRY(mdp_calloc(&out->list, (unsigned long)n, sizeof *out->list, "runs"));
    for (int i = 0; i < n; i++) {
        MDP_TRY(name_group(paths[i], mark, name));
        MDP_TRY(add_run(find_group(out, name), n, paths[i], mark));
    }
    for (int i = 0; i < out->n; i++) MDP_TRY(align(&out->list[i]));
out:
    if (err != MDP_OK) mdp_seed_groups_free(out);
    return err;
}
