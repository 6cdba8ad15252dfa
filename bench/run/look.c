#include "bench/run/look.h"

#include <string.h>

#include "algos/algorithm.h"

enum { N_PLACES = MDP_FIGURE_N_COLOURS + MDP_LOOK_RUNS_MAX };

/* behind the algorithms first; their own colours where they are not shown; and then all again */
static int next_free(const int taken[N_PLACES], int n_algorithms) {
    for (int k = 0; k < N_PLACES; k++) {
        const int place = k < MDP_FIGURE_N_COLOURS ? (n_algorithms + k) % MDP_FIGURE_N_COLOURS : k;
        if (!taken[place]) return place;
    }
    return 0;
}

static int find_algorithm(const char *name) {
    const struct mdp_names *names = mdp_algorithm_names();
    for (int i = 0; i < names->n; i++)
        if (strcmp(mdp_names_at(names, i), name) == 0) return i;
    return -1;
}

void mdp_look_places(int n, const char *const *algos, int *places) {
    int taken[N_PLACES] = {0};
    for (int i = 0; i < n; i++) {
        places[i] = find_algorithm(algos[i]);
        if (places[i] >= 0 && taken[places[i]]) places[i] = -1;
        if (places[i] >= 0) taken[places[i]] = 1;
    }
    for (int i = 0; i < n; i++) {
        if (places[i] >= 0) continue;
        places[i] = next_free(taken, mdp_algorithm_names()->n);
        taken[places[i]] = 1;
    }
}
