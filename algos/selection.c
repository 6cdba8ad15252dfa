#include "algos/selection.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* w_T of SPEC 5.4; the last row of a robot also serves its "expert" task */
static const struct {
    const char *robot, *quality;
    double values[N_ALGOS];
} temperatures[] = {
    {"halfcheetah", "medium", {50, 50, 400}},       {"halfcheetah", "medium-replay", {50, 150, 100}},
    {"halfcheetah", "medium-expert", {50, 50, 10}}, {"hopper", "medium", {100, 300, 50}},
    {"hopper", "medium-replay", {100, 300, 50}},    {"hopper", "medium-expert", {8, 8, 5}},
    {"walker2d", "medium", {300, 300, 200}},        {"walker2d", "medium-replay", {300, 100, 200}},
    {"walker2d", "medium-expert", {300, 300, 300}},
};

static int find_algo(const char *algo) {
    for (int i = 0; i < N_ALGOS; i++)
        if (strcmp(algo, algo_names[i]) == 0) return i;
    return -1;
}

/* strips a "bullet-" in front and a version "-v<digits>" at the end */
static void bare_task(const char *task, char *bare, size_t size) {
    if (strncmp(task, "bullet-", 7) == 0) task += 7;
    snprintf(bare, size, "%s", task);
    size_t n = strlen(bare), digits = 0;
    while (digits < n && isdigit((unsigned char)bare[n - 1 - digits])) digits++;
    if (digits > 0 && n > digits + 2 && strncmp(bare + n - digits - 2, "-v", 2) == 0) bare[n - digits - 2] = 0;
}

mdp_err mdp_selection_temperature(const char *algo, const char *task, double *out) {
    int column = find_algo(algo);
    char bare[128];
    if (column < 0)
        return mdp_fail(MDP_E_USAGE, "selection temperature: expected algorithm dql, edp or idql, found '%s'", algo);
    bare_task(task, bare, sizeof bare);
    for (unsigned long i = 0; i < sizeof temperatures / sizeof *temperatures; i++) {
        size_t n = strlen(temperatures[i].robot);
        if (strncmp(bare, temperatures[i].robot, n) != 0 || bare[n] != '-') continue;
        const char *quality = strcmp(bare + n + 1, "expert") == 0 ? "medium-expert" : bare + n + 1;
        if (strcmp(quality, temperatures[i].quality) != 0) continue;
        *out = temperatures[i].values[column];
        return MDP_OK;
    }
    return mdp_fail(MDP_E_USAGE,
                    "selection temperature: expected a task {halfcheetah,hopper,walker2d}-"
                    "{medium,medium-replay,medium-expert,expert}, found '%s'; give the temperature itself",
                    task);
}
