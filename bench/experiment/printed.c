#include "bench/experiment/printed.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const char *const tables[MDP_PAPER_N_TABLES] = {"table1", "table2", "table3", "composition"};
static const struct mdp_names table_names = MDP_NAMES_OF_TEXTS(tables);

const struct mdp_names *mdp_paper_table_names(void) { return &table_names; }

enum { N_ROWS = 6 };
static const struct mdp_paper_gain gains[2][N_ROWS] = {
    {
        {"halfcheetah-medium", 1, 11.88, 25.24, 0.2457, 13.43, 0.0003},
        {"halfcheetah-medium-expert", 1, 2.15, 8.69, 0.4982, 23.91, 0.0000},
        {"halfcheetah-expert", 1, 2.51, 6.98, 0.4479, 11.36, 0.0008},
        {"walker2d-medium", 1, 0.27, 8.57, 0.4327, 13.49, 0.0003},
        {"walker2d-medium-expert", 1, 4.47, 77.65, 0.3062, 187.00, 0.0000},
        {"walker2d-expert", 1, 3.06, 53.84, 0.3970, 115.07, 0.0000},
    },
    {
        {"halfcheetah-medium", 1, 9.54, 4.09, 0.0007, 1.059, 0.3049},
        {"halfcheetah-medium-expert", 1, 0.04, 4.43, 0.1471, 3.090, 0.0806},
        {"halfcheetah-expert", 1, 0.46, 1.49, 0.0520, 0.114, 0.7365},
        {"walker2d-medium", 1, 0.68, 2.99, 0.0811, 0.456, 0.5004},
        {"walker2d-medium-expert", 0, -0.26, 1.00, 0.0417, 0.131, 0.7181},
        {"walker2d-expert", 1, 0.30, 2.90, 0.2118, NAN, NAN},
    },
};

const struct mdp_paper_variance mdp_paper_same_guidance = {1.26e-5, 5.59e-5, 5.76e-2, 5.07};
const struct mdp_paper_variance mdp_paper_other_guidance = {8.78e-6, 7.81e-6, 8.07e-3, 4.54};
const struct mdp_paper_variance mdp_paper_reduction_pct = {30.3, 86.0, 85.9, 10.4};
const struct mdp_paper_composition mdp_paper_composition = {0.82, 0.03, 0.83, 0.02, 37};

const struct mdp_paper_gain *mdp_paper_gain_of(int table, const char *task) {
    for (int i = 0; i < N_ROWS; i++)
        if (strcmp(gains[table][i].task, task) == 0) return &gains[table][i];
    return NULL;
}

double mdp_paper_dagger_level(int table) { return table == MDP_PAPER_TABLE1 ? 0.0001 : 0.05; }

int mdp_paper_table_find(const char *name) { return name != NULL ? mdp_names_index(&table_names, name) : -1; }
