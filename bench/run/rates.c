#include "bench/run/rates.h"

#include <stdio.h>

void mdp_rate_name(char name[MDP_RATE_NAME_MAX], const char *kind, const char *a, const char *b, const char *c) {
    snprintf(name, MDP_RATE_NAME_MAX, "%s/%s%s%s%s%s", kind, a, b != NULL ? "/" : "", b != NULL ? b : "",
             c != NULL ? "/" : "", c != NULL ? c : "");
}

void mdp_rate_plan_name(char name[MDP_RATE_NAME_MAX], const char *algo, int horizon, int is_training) {
    char steps[16];
    snprintf(steps, sizeof steps, "h%d", horizon);
    mdp_rate_name(name, MDP_RATE_PLAN, algo, steps, is_training ? "train" : "act");
}
