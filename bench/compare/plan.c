#include "bench/compare/plan.h"

#include "bench/run/curve_data.h"
#include "bench/run/settings.h"

static const struct mdp_setting rows[] = {
    MDP_ROW(struct mdp_compare_request, alpha, REAL, .name = "alpha", .low = 1e-6, .high = 0.5, .fallback = "0.05",
            .help = "level of the tests over all tasks"),
    MDP_ROW(struct mdp_compare_request, power, REAL, .name = "power", .low = 0.5, .high = 0.9999, .fallback = "0.8",
            .help = "power that MDE and n needed are for"),
    MDP_ROW(struct mdp_compare_request, margin, REAL, .name = "margin", .low = 0, .high = 1e6, .fallback = "0",
            .help = "ask too whether A and B are equal within X of normalized return, or of that of the objective (0: "
                    "not asked)"),
    MDP_ROW(struct mdp_compare_request, worst, REAL, .name = "worst", .low = -1e6, .high = 1e6, .fallback = "0",
            .help = "of --margin: normalized return of a failed episode or run; none is lower (0: the random policy)"),
    MDP_ROW(struct mdp_compare_request, actor, TEXT, MDP_ACTOR("ema"),
            .help = "in run folders: evaluations of which parameters"),
};
const struct mdp_settings mdp_compare_table = MDP_SETTINGS(struct mdp_compare_request, rows);

mdp_err mdp_compare_plan_make(const struct mdp_compare_request *request, struct mdp_compare_plan *out) {
    *out = (struct mdp_compare_plan){.alpha = request->alpha,
                                     .power = request->power,
                                     .margin = request->margin,
                                     .worst = request->worst,
                                     .mark = mdp_actor_mark(request->actor)};
    if (MDP_GIVEN(&mdp_compare_table, request, worst) && !(request->margin > 0))
        return mdp_fail(MDP_E_USAGE, "compare: option --worst: expected --margin beside it, found none");
    return MDP_OK;
}
