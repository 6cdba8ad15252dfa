/* what an episodes file records of a usual evaluation, and the same with one fact changed: for tests of what is alike.
 */
#ifndef MDP_TESTS_UNLIKE_H
#define MDP_TESTS_UNLIKE_H

#include <stdio.h>
#include <string.h>

#include "results/alike.h"

enum { UNLIKE_NOTHING = -1, UNLIKE_SETTINGS = 256 };

/** Writes settings, with another value for the one that is named. */
static inline void unlike_settings(const char *changed, char text[UNLIKE_SETTINGS]) {
    static const char *const usual[][2] = {{"solver", "\"ddpm\""}, {"sampling_steps", "5"}, {"lambda", "0.0"}};
    size_t n = 0;
    for (int i = 0; i < 3; i++)
        n += (size_t)snprintf(text + n, UNLIKE_SETTINGS - n, "%s\"%s\": %s", i > 0 ? ", " : "{", usual[i][0],
                              strcmp(usual[i][0], changed) == 0 ? "77" : usual[i][1]);
    snprintf(text + n, UNLIKE_SETTINGS - n, "%s}",
             strcmp(changed, "langevin") == 0 ? ", \"langevin\": {\"steps\": 7}"
             : strcmp(changed, "guide") == 0  ? ", \"guide\": {\"weight\": 7}"
             : strcmp(changed, "policy") == 0 ? ", \"policy\": \"mine\""
                                              : "");
}

/** Changes a fact that is no setting. */
static inline void unlike_change(int fact, struct mdp_episodes_info *info) {
    char *place = (char *)info + mdp_fact_row((enum mdp_fact)fact)->offset;
    switch (mdp_fact_row((enum mdp_fact)fact)->kind) {
    case MDP_FACT_KIND_TEXT: strcat(place, "x"); break;
    case MDP_FACT_KIND_REAL: *(double *)place = *(double *)place * (1 + 1e-15) + 1e-300; break;
    case MDP_FACT_KIND_INT: ++*(int64_t *)place; break;
    case MDP_FACT_KIND_U64:
    case MDP_FACT_KIND_HASH: ++*(uint64_t *)place; break;
    case MDP_FACT_KIND_SETTING: break;
    }
}

/** Returns what a file records, usual but for one fact (UNLIKE_NOTHING: usual). `settings` is room for its settings. */
static inline struct mdp_episodes_info unlike_info(int fact, char settings[UNLIKE_SETTINGS]) {
    struct mdp_episodes_info info = {.task = "halfcheetah-medium",
                                     .env_id = "HalfCheetahBullet-v0",
                                     .env_hash = 0xfedcba9876543210u,
                                     .physics = "bullet-float64 3.24",
                                     .physics_library = "mdpbench",
                                     .physics_hash = 9,
                                     .reference = "bullet-halfcheetah",
                                     .ref_min = -1275.766996,
                                     .ref_max = 2381.6725,
                                     .algo = "dql",
                                     .diffusion = {"step000400.diffusion.h5", 7},
                                     .guidance = {"step000400.guidance.h5", 5},
                                     .actor = "ema",
                                     .precision = "f32",
                                     .return_rule = "standard",
                                     .step = 400,
                                     .candidates = 50,
                                     .temperature = 0.5,
                                     .w_t = 50,
                                     .seed = UINT64_MAX - 1,
                                     .isa = "oneDNN avx2 + libm 12345678",
                                     .head = {.settings = settings, .inputs = "{}"}};
    unlike_settings(fact >= 0 ? mdp_fact_row((enum mdp_fact)fact)->name : "", settings);
    if (fact >= 0) unlike_change(fact, &info);
    return info;
}

#endif
