/* the reference returns of D4RL, with which a return becomes a normalized score.
 *
 * 0 is a random policy, 1 an expert, as a fraction and not clipped. bullet and MuJoCo environments share words but
 * no scale: a family is found by its exact name only. Source: D4RL's published reference scores. */
#ifndef MDP_RESULTS_REFERENCE_SCORES_H
#define MDP_RESULTS_REFERENCE_SCORES_H

#include "base/err.h"

/* one environment family. Units: undiscounted return of an episode */
struct mdp_reference_score {
    const char *family; /* e.g. "bullet-halfcheetah" */
    double ref_min;     /* random policy */
    double ref_max;     /* expert */
};

/** Finds a family by its exact name. Errors: USAGE, listing the known names. */
mdp_err mdp_reference_find(const char *family, const struct mdp_reference_score **score);

/** Computes (ret - ref_min) / (ref_max - ref_min). Errors: DATA if ref_max is not above ref_min or one is not
 * finite. */
mdp_err mdp_reference_normalize(const struct mdp_reference_score *score, double ret, double *normalized);

#endif
