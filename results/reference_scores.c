#include "results/reference_scores.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct mdp_reference_score scores[] = {
    {"bullet-halfcheetah", -1275.766996, 2381.6725},
    {"bullet-hopper", 20.058972, 1441.8059623430963},
    {"bullet-ant", 373.705955, 2650.495},
    {"bullet-walker2d", 16.523877, 1623.6476303317536},
    {"bullet-maze2d-open", 8.75, 64.15},
    {"bullet-maze2d-umaze", 32.46, 153.99},
    {"bullet-maze2d-medium", 14.87, 238.05},
    {"bullet-maze2d-large", 1.82, 285.92},
    {"halfcheetah", -280.178953, 12135.0},
    {"walker2d", 1.629008, 4592.3},
    {"hopper", -20.272305, 3234.3},
    {"ant", -325.6, 3879.7},
};

enum { N_SCORES = sizeof scores / sizeof scores[0] };

const struct mdp_reference_score *mdp_reference_scores(int *n) {
    *n = N_SCORES;
    return scores;
}

mdp_err mdp_reference_find(const char *family, const struct mdp_reference_score **score) {
    char known[512] = "";
    size_t used = 0;
    *score = NULL;
    for (int i = 0; i < N_SCORES; i++) {
        if (strcmp(scores[i].family, family) == 0) {
            *score = &scores[i];
            return MDP_OK;
        }
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", scores[i].family);
    }
    return mdp_fail(MDP_E_USAGE, "reference scores: expected one of %s, found '%s'", known, family);
}

mdp_err mdp_reference_normalize(const struct mdp_reference_score *score, double ret, double *normalized) {
    double range = score->ref_max - score->ref_min;
    if (!isfinite(range) || range <= 0)
        return mdp_fail(MDP_E_DATA, "reference scores: %s: expected ref_max above ref_min, found %g and %g",
                        score->family, score->ref_max, score->ref_min);
    *normalized = (ret - score->ref_min) / range;
    return MDP_OK;
}
