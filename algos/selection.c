#include "algos/selection.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"

void mdp_selection_weights(int n, const float *score, double temperature, double *weights) {
    double highest = score[0], sum = 0;
    for (int i = 1; i < n; i++)
        if (score[i] > highest) highest = score[i];
    for (int i = 0; i < n; i++) {
        weights[i] = exp((score[i] - highest) * temperature);
        sum += weights[i];
    }
    for (int i = 0; i < n; i++) weights[i] /= sum;
}

int mdp_selection_by_uniform(int n, const double *weights, double u) {
    double total = 0, reached = 0;
    int last = 0;
    for (int i = 0; i < n; i++) {
        total += weights[i];
        if (weights[i] > 0) last = i;
    }
    for (int i = 0; i < n; i++) {
        reached += weights[i];
        if (reached > u * total) return i;
    }
    return last;
}

int mdp_selection_by_exponential(int n, const double *weights, const float *draws) {
    int best = 0;
    for (int i = 1; i < n; i++)
        if (weights[i] / draws[i] > weights[best] / draws[best]) best = i;
    return best;
}

enum { N_ALGOS = 3 };
static const char *const algo_names[N_ALGOS] = {"dql", "edp", "idql"};

/* w_T of SPEC 5.4 and, for expert data, of the authors' task files; without a row of its own an "expert" task has the
 * robot's medium-expert row */
static const struct {
    const char *task;
    double values[N_ALGOS];
} temperatures[] = {
    {"halfcheetah-medium", {50, 50, 400}},
    {"halfcheetah-medium-replay", {50, 150, 100}},
    {"halfcheetah-medium-expert", {50, 50, 10}},
    {"hopper-medium", {100, 300, 50}},
    {"hopper-medium-replay", {100, 300, 50}},
    {"hopper-medium-expert", {8, 8, 5}},
    {"hopper-expert", {50, 8, 5}},
    {"walker2d-medium", {300, 300, 200}},
    {"walker2d-medium-replay", {300, 100, 200}},
    {"walker2d-medium-expert", {300, 300, 300}},
    {"walker2d-expert", {50, 300, 300}},
};

/* the name of a task's row: without a "bullet-" in front and a version "-v<digits>" behind */
static void row_name(const char *task, char *row, size_t size) {
    if (strncmp(task, "bullet-", 7) == 0) task += 7;
    snprintf(row, size, "%s", task);
    size_t n = strlen(row), digits = 0;
    while (digits < n && isdigit((unsigned char)row[n - 1 - digits])) digits++;
    if (digits > 0 && n > digits + 2 && strncmp(row + n - digits - 2, "-v", 2) == 0) row[n - digits - 2] = 0;
}

/* an expert task without a row of its own has that of medium-expert */
static int find_row(const struct mdp_names *tasks, const char *task, char *row, size_t size) {
    row_name(task, row, size);
    int i = mdp_names_index(tasks, row);
    char *dash = strchr(row, '-');
    if (i >= 0 || dash == NULL || strcmp(dash, "-expert") != 0) return i;
    snprintf(dash, size - (size_t)(dash - row), "-medium-expert");
    return mdp_names_index(tasks, row);
}

mdp_err mdp_selection_temperature(const char *algo, const char *task, double *out) {
    static const struct mdp_names algos = MDP_NAMES_OF_TEXTS(algo_names), tasks = MDP_NAMES(temperatures, task);
    char row[128];
    int i_task, i_algo;
    mdp_err err = mdp_names_find(&algos, "selection temperature: algorithm", algo, &i_algo);
    if (err != MDP_OK) return err;
    if ((i_task = find_row(&tasks, task, row, sizeof row)) < 0)
        return mdp_names_refuse(&tasks, "selection temperature: task", task);
    *out = temperatures[i_task].values[i_algo];
    return MDP_OK;
}
