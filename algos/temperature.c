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

/* an algorithm's row and a task's column, if both are known; `what` begins a refusal */
static mdp_err find(const char *what, const char *algo, const char *task, const struct mdp_algorithm **algorithm,
                    int *i_task) {
    char row[128], text[64];
    int i_algo;
    snprintf(text, sizeof text, "%s: algorithm", what);
    mdp_err err = mdp_names_find(mdp_algorithm_names(), text, algo, &i_algo);
    if (err != MDP_OK) return err;
    snprintf(text, sizeof text, "%s: task", what);
    if ((*i_task = find_row(task, row, sizeof row)) < 0) return mdp_names_refuse(&tasks, text, task);
    *algorithm = mdp_algorithm_at(i_algo);
    return MDP_OK;
}

mdp_err mdp_selection_temperature(const char *algo, const char *task, double *out) {
    const struct mdp_algorithm *algorithm = NULL;
    int i_task;
    mdp_err err = find("selection temperature", algo, task, &algorithm, &i_task);
    if (err != MDP_OK) return err;
    if (algorithm->planning != NULL)
        return mdp_fail(MDP_E_USAGE, "selection temperature: algorithm: expected one that selects by weight, found %s",
                        algo);
    *out = algorithm->temperatures[i_task];
    return MDP_OK;
}

mdp_err mdp_guide_weight(const char *algo, const char *task, double *out) {
    const struct mdp_algorithm *algorithm = NULL;
    int i_task;
    mdp_err err = find("weight of the guide", algo, task, &algorithm, &i_task);
    if (err != MDP_OK) return err;
    if (algorithm->guide_weights[i_task] == 0)
        return mdp_fail(MDP_E_USAGE, "weight of the guide: expected an algorithm that has one, found %s", algo);
    *out = algorithm->guide_weights[i_task];
    return MDP_OK;
}
