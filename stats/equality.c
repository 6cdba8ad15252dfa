#include "stats/equality.h"

#include <math.h>

#include "stats/margin.h"
#include "stats/unseen.h"

static mdp_err test_part(const struct mdp_sample *a, const struct mdp_sample *b, const struct mdp_equality_plan *plan,
                         enum mdp_margin_test test, struct mdp_equality_part *out) {
    const struct mdp_margin_plan asked = {test,           plan->is_paired,   plan->margin, 1 - 2 * plan->alpha,
                                          plan->rounding, plan->is_test_only};
    struct mdp_margin down, up;
    mdp_err err;
    MDP_TRY(mdp_margin_compute(a, b, &asked, &down));
    MDP_TRY(mdp_margin_compute(b, a, &asked, &up));
    *out = (struct mdp_equality_part){.name = down.name,
                                      .method = down.method,
                                      .difference = down.estimate,
                                      .low = down.low,
                                      .high = -up.low,
                                      .p = fmax(down.p_not_worse, up.p_not_worse)};
out:
    return err;
}

/* losses of `side`; the range of a single one does not come from the values, which may be few and low by chance */
static mdp_err look_for_unseen(const struct mdp_sample *side, const struct mdp_sample *other,
                               const struct mdp_equality_plan *plan, struct mdp_equality *out) {
    const struct mdp_unseen_claim claim = {.margin = plan->margin,
                                           .range = mdp_unseen_range(side, other, plan->worst, plan->good),
                                           .worst = plan->worst,
                                           .rounding = plan->rounding,
                                           .is_paired = plan->is_paired};
    struct mdp_unseen found;
    mdp_err err = mdp_unseen_loss(side, other, &claim, &found);
    out->p_rarest = fmax(out->p_rarest, found.rarest);
    out->p_unseen = fmax(out->p_unseen, found.any);
    out->n_needed = fmax(out->n_needed, mdp_unseen_n(plan->margin, claim.range, plan->alpha));
    /* chances of what stays unseen fall by the same factor with every value */
    if (found.any > plan->alpha && found.any < 1)
        out->n_needed = fmax(out->n_needed, ceil((double)side->n * log(plan->alpha) / log(found.any)));
    return err;
}

mdp_err mdp_equality_compute(const struct mdp_sample *a, const struct mdp_sample *b,
                             const struct mdp_equality_plan *plan, struct mdp_equality *out) {
    struct mdp_equality_part *ranks = &out->parts[MDP_EQUALITY_RANKS], *means = &out->parts[MDP_EQUALITY_MEANS];
    mdp_err err;
    *out = (struct mdp_equality){.p = 1};
    MDP_TRY(test_part(a, b, plan, MDP_MARGIN_TEST_MEAN, means));
    MDP_TRY(look_for_unseen(a, b, plan, out));
    MDP_TRY(look_for_unseen(b, a, plan, out));
    if (plan->is_test_only && fmax(means->p, out->p_unseen) > plan->alpha) goto out;
    MDP_TRY(test_part(a, b, plan, MDP_MARGIN_TEST_RANK, ranks));
    out->p_tests = fmax(ranks->p, means->p);
    out->p = fmax(out->p_tests, out->p_unseen);
out:
    return err;
}
