#include "bench/run/rates.h"

#include <stdio.h>

void mdp_rate_name(char name[MDP_RATE_NAME_MAX], const char *kind, const char *a, const char *b, const char *c) {
    snprintf(name, MDP_RATE_NAME_MAX, "%s/%s%s%s%s%s", kind, a, b != NULL ? "/" : "", b != NULL ? b : "",
             c != NULL ? "/" : "", c != NULL ? c : "");
}
