#include "bench/report/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/run/checkpoints.h"
#include "bench/run/evaluations.h"
#include "bench/run/run_facts.h"
#include "stats/moments.h"

/* what is missing is NaN, NULL or -1 */
struct row {
    const char *run;
    char task[64];
    long steps, checkpoints, evaluations, last;
    double normalized, mean_return;
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, run, TEXT, "run", "run"),
    MDP_COLUMN(struct row, task, LETTERS, "task", "task"),
    MDP_COLUMN(struct row, steps, WHOLE, "steps", "steps"),
    MDP_COLUMN(struct row, checkpoints, WHOLE, "checkpoints", "checkpoints"),
    MDP_COLUMN(struct row, evaluations, WHOLE, "evaluations", "evaluations"),
    MDP_COLUMN(struct row, last, WHOLE, "last_step", "last"),
    MDP_COLUMN(struct row, normalized, REAL, "last_mean", "mean", 3),
    MDP_COLUMN(struct row, mean_return, REAL, "last_return", "return", 1),
};
static const struct mdp_columns columns = MDP_COLUMNS(struct row, list);

/* the table in the making; how deep folders lie in each other is bounded, so that no tree takes all of the stack */
enum { DEPTH_MAX = 32 };
struct listing {
    struct mdp_table *table;
    struct mdp_listing_damage *damage;
};

/* damage of one file leaves the others to be listed */
static mdp_err pass_over(struct listing *listing, mdp_err err) {
    if (err != MDP_E_DATA) return err;
    if (listing->damage->n++ == 0)
        snprintf(listing->damage->first, sizeof listing->damage->first, "%s", mdp_err_message());
    return mdp_table_add_note(listing->table, "Passed over: %s", mdp_err_message());
}

/* modules of one step are one checkpoint */
static mdp_err count_checkpoints(const char *folder, struct row *row) {
    static const enum mdp_file_kind kinds[] = {MDP_FILE_DIFFUSION, MDP_FILE_GUIDANCE, MDP_FILE_BEHAVIOR};
    struct mdp_step_files files = {0, NULL};
    mdp_err err = MDP_OK;
    for (int i = 0; i < 3; i++) {
        MDP_TRY(mdp_step_files_list(folder, kinds[i], "", &files));
        if (files.n > row->checkpoints) row->checkpoints = files.n;
        if (files.n > 0 && files.names[files.n - 1].step > row->steps) row->steps = files.names[files.n - 1].step;
        free(files.names);
        files.names = NULL;
    }
out:
    free(files.names);
    return err;
}

static mdp_err read_training(struct listing *listing, const char *folder, struct row *row) {
    struct mdp_run_facts facts;
    int found = 0;
    mdp_err err;
    MDP_TRY(pass_over(listing, count_checkpoints(folder, row)));
    err = mdp_run_facts_read(folder, &facts, &found);
    if (err == MDP_OK && found && facts.steps > row->steps) row->steps = facts.steps;
    err = pass_over(listing, err);
out:
    return err;
}

static mdp_err read_evaluations(const char *folder, const char *label, struct row *row) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct mdp_step_files files = {0, NULL};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_episodes episodes = {.n = 0};
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_step_files_list(folder, MDP_FILE_EPISODES, label, &files));
    row->evaluations = files.n;
    if (files.n == 0) goto out;
    row->last = files.names[files.n - 1].step;
    MDP_TRY(mdp_step_name_path(folder, &files.names[files.n - 1], path));
    MDP_TRY(mdp_evaluation_read(&cache, path, &info, &episodes));
    snprintf(row->task, sizeof row->task, "%s", info.task);
    row->normalized = mdp_mean(episodes.normalized_returns, episodes.n);
    row->mean_return = mdp_mean(episodes.returns, episodes.n);
out:
    free(files.names);
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    mdp_evaluations_free(&cache);
    return err;
}

/* evaluations with a label go by FOLDER:LABEL, as in other verbs */
static mdp_err add_rows(struct listing *listing, const char *folder) {
    struct mdp_labels labels;
    struct row of_run;
    mdp_err err;
    mdp_row_clear(&columns, &of_run);
    of_run.run = folder;
    of_run.checkpoints = 0;
    MDP_TRY(read_training(listing, folder, &of_run));
    mdp_evaluation_labels(folder, &labels);
    for (int i = -1; i < labels.n; i++) {
        const char *label = i < 0 ? "" : labels.names[i];
        char name[MDP_PATH_MAX];
        struct row row = of_run;
        snprintf(name, sizeof name, "%s%s%s", folder, i < 0 ? "" : ":", label);
        row.run = name;
        MDP_TRY(pass_over(listing, read_evaluations(folder, label, &row)));
        MDP_TRY(mdp_table_fill(listing->table, &row, 1));
    }
out:
    return err;
}

static int is_folder(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int is_of_run(const char *leaf) {
    struct mdp_step_name name;
    char label[MDP_LABEL_BYTES + 1];
    return mdp_step_name_parse(leaf, &name) || mdp_curve_name_parse(leaf, label);
}

static mdp_err add_folder(struct listing *listing, const char *folder, int depth) {
    struct dirent **entries = NULL;
    char path[MDP_PATH_MAX];
    int n = scandir(folder, &entries, NULL, alphasort), is_run = 0;
    mdp_err err = MDP_OK;
    if (n < 0) return mdp_fail(MDP_E_IO, "%s: cannot read the folder: %s", folder, strerror(errno));
    if (depth == DEPTH_MAX)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected at most %d folders in each other", folder, DEPTH_MAX));
    for (int i = 0; i < n; i++) is_run |= is_of_run(entries[i]->d_name);
    if (is_run) MDP_TRY(add_rows(listing, folder));
    for (int i = 0; i < n; i++) {
        if (entries[i]->d_name[0] == '.' || is_of_run(entries[i]->d_name)) continue;
        MDP_TRY(mdp_fsx_path(path, "%s/%s", folder, entries[i]->d_name));
        if (is_folder(path)) MDP_TRY(add_folder(listing, path, depth + 1));
    }
out:
    for (int i = 0; i < n; i++) free(entries[i]);
    free(entries);
    return err;
}

mdp_err mdp_listing_table(const char *folder, struct mdp_table **out, struct mdp_listing_damage *damage) {
    struct listing listing = {.table = NULL, .damage = damage};
    mdp_err err;
    *damage = (struct mdp_listing_damage){.n = 0};
    MDP_TRY(mdp_table_new(NULL, &columns, &listing.table));
    MDP_TRY(add_folder(&listing, folder, 0));
    if (mdp_table_n_rows(listing.table) == 0)
        MDP_TRY(mdp_fail(MDP_E_USAGE,
                         "%s: expected runs below it, found none; 'mdpbench train --help' says how to make one",
                         folder));
    *out = listing.table;
    return MDP_OK;
out:
    mdp_table_free(listing.table);
    return err;
}
