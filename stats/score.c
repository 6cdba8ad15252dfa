/* normalized scores. */
#include "stats/score.h"

#include <math.h>

#include "stats/check.h"
#include "stats/rounding.h"

mdp_err mdp_score_normalize(const double *returns, long n, double ref_min, double ref_max, double *out) {
    const double references[2] = {ref_min, ref_max};
    const struct mdp_sample samples[2] = {{"returns", returns, n}, {"reference scores", references, 2}};
    mdp_err err = mdp_check_samples(samples, 2);
    if (err) return err;
    if (ref_min == ref_max)
        return mdp_refuse(MDP_REFUSE_DOMAIN, "reference scores: expected two different values, found %g twice",
                          ref_min);
    for (long i = 0; i < n; i++) out[i] = (returns[i] - ref_min) / (ref_max - ref_min);
    return MDP_OK;
}

double mdp_score_rounding(double ref_min, double ref_max) { return mdp_rounding_of(ref_min) / fabs(ref_max - ref_min); }
