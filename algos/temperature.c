#include "algos/temperature.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "algos/algorithm.h"

#define NAME(identifier, name) [MDP_TUNED_##identifier] = name,
static const char *const task_names[] = {MDP_TUNED_TASK_LIST(NAME)};
#undef NAME
static const struct mdp_names tasks = MDP_NAMES_OF_TEXTS(task_names);

/* what follows the family of worlds and a version of it, "bullet-", "mujoco-" or "mujoco-v<digits>-" */
static const char *skip_world(const char *task) {
    if (strncmp(task, "bullet-", 7) == 0) return task + 7;
    if (strncmp(task, "mujoco-", 7) != 0) return task;
    task += 7;
    const char *end = task + 1;
    while (task[0] == 'v' && isdigit((unsigned char)*end)) end++;
    return end > task + 1 && *end == '-' ? end + 1 : task;
}

/* the name of a task's row: without a world in front and a version "-v<digits>" behind */
static void row_name(const char *task, char *row, size_t size) {
    snprintf(row, size, "%s", skip_world(task));
    size_t n = strlen(row), digits = 0;
    while (digits < n && isdigit((unsigned char)row[n - 1 - digits])) digits++;
    if (digits > 0 && n > digits + 2 && strncmp(row + n - digits - 2, "-v", 2) == 0) row[n - digits - 2] = 0;
}

/* an expert task without a row of its own has that of medium-expert */
static int find_row(const char *task, char *row, size_t size) {
    row_name(task, row, size);
    int i = mdp_names_index(&tasks, row);
    char *dash = strchr(row, '-');
    if (i >= 0 || dash == NULL || strcmp(dash, "-expert") != 0) return i;
    snprintf(dash, size - (size_t)(dash - row), "-medium-expert");
    return mdp_names_index(&tasks, row);
}

const struct mdp_plan_tuning *mdp_plan_tuned(const struct mdp_algorithm *algorithm, const char *task) {
    char row[128];
    int i = find_row(task, row, sizeof row);
    return i >= 0 && algorithm->planning != NULL ? &algorithm->planning->tuned[i] : NULL;
}

mdp_err mdp_selection_temperature(const char *algo, const char *task, double *out) {
    char row[128];
    int i_task, i_algo;
    mdp_err err = mdp_names_find(mdp_algorithm_names(), "selection temperature: algorithm", algo, &i_algo);
    if (err != MDP_OK) return err;
    if (mdp_algorithm_at(i_algo)->planning != NULL)
        return mdp_fail(MDP_E_USAGE, "selection temperature: algorithm: expected one that selects by weight, found %s",
                        algo);
    if ((i_task = find_row(task, row, sizeof row)) < 0)
        return mdp_names_refuse(&tasks, "selection temperature: task", task);
    *out = mdp_algorithm_at(i_algo)->temperatures[i_task];
    return MDP_OK;
}
