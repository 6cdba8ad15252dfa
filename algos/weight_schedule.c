#include "algos/weight_schedule.h"

#include <math.h>
#include <stddef.h>

struct mdp_weight_schedule {
    const char *name;
    double (*share)(double u);
    int falls;
};

static double constant(double u) {
    (void)u;
    return 1;
}

static double linear(double u) { return u; }

static double cosine(double u) { return 0.5 * (1 - cos(3.14159265358979323846 * u)); }

static double power(double u) { return u * u; }

static const struct mdp_weight_schedule schedules[] = {
    {"const", constant, 0},        {"linear", linear, 0},         {"cosine", cosine, 0},       {"power", power, 0},
    {"linear-falling", linear, 1}, {"cosine-falling", cosine, 1}, {"power-falling", power, 1},
};

const struct mdp_names *mdp_weight_schedule_names(void) {
    static const struct mdp_names names = MDP_NAMES(schedules, name);
    return &names;
}

mdp_err mdp_weight_schedule_find(const char *name, const struct mdp_weight_schedule **out) {
    int i;
    mdp_err err = mdp_names_find(mdp_weight_schedule_names(), "schedule of a weight", name, &i);
    if (err == MDP_OK) *out = &schedules[i];
    return err;
}

double mdp_weight_share(const struct mdp_weight_schedule *schedule, int k, int n) {
    if (schedule == NULL) return 1;
    return schedule->share((double)(schedule->falls ? n - k : k + 1) / n);
}
