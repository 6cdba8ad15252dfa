#include "results/reference_scores.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"

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

mdp_err mdp_reference_find(const char *family, const struct mdp_reference_score **score) {
    static const struct mdp_names names = MDP_NAMES(scores, family);
    int i;
    mdp_err err = mdp_names_find(&names, "reference scores", family, &i);
    *score = err == MDP_OK ? &scores[i] : NULL;
    return err;
}

mdp_err mdp_reference_normalize(const struct mdp_reference_score *score, double ret, double *normalized) {
    double range = score->ref_max - score->ref_min;
    if (!isfinite(range) || range <= 0)
        return mdp_fail(MDP_E_DATA, "reference scores: %s: expected ref_max above ref_min, found %g and %g",
                        score->family, score->ref_max, score->ref_min);
    *normalized = (ret - score->ref_min) / range;
    return MDP_OK;
}
