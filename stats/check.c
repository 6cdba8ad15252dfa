/* refusals: the classes, and the walks over samples that find them in their order. */
#include "stats/check.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const refusal_names[MDP_N_REFUSALS] = {"EMPTY", "SHAPE", "NAN", "INF", "DOMAIN", "TOO_FEW"};

const char *mdp_refusal_name(enum mdp_refusal refusal) { return refusal_names[refusal]; }

mdp_err mdp_refuse(enum mdp_refusal refusal, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return mdp_fail(MDP_E_DATA, "%s: %s", refusal_names[refusal], text);
}

static void turn_gsl_handler_off(void) { gsl_set_error_handler_off(); }

void mdp_stats_quiet_gsl(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, turn_gsl_handler_off);
}

static mdp_err check_not_empty(const struct mdp_sample *samples, int n_samples) {
    mdp_stats_quiet_gsl();
    for (int i = 0; i < n_samples; i++) {
        if (samples[i].n < 1)
            return mdp_refuse(MDP_REFUSE_EMPTY, "%s: expected at least 1 value, found %ld", samples[i].name,
                              samples[i].n);
    }
    return MDP_OK;
}

static int is_nan(double value) { return isnan(value) != 0; }
static int is_inf(double value) { return isinf(value) != 0; }

static mdp_err check_none(const struct mdp_sample *samples, int n_samples, int (*is_bad)(double),
                          enum mdp_refusal refusal) {
    for (int i = 0; i < n_samples; i++) {
        for (long k = 0; k < samples[i].n; k++) {
            if (is_bad(samples[i].values[k]))
                return mdp_refuse(refusal, "%s: expected finite values, found %g at %ld of %ld", samples[i].name,
                                  samples[i].values[k], k, samples[i].n);
        }
    }
    return MDP_OK;
}

static mdp_err check_finite(const struct mdp_sample *samples, int n_samples) {
    mdp_err err = check_none(samples, n_samples, is_nan, MDP_REFUSE_NAN);
    return err ? err : check_none(samples, n_samples, is_inf, MDP_REFUSE_INF);
}

mdp_err mdp_check_samples(const struct mdp_sample *samples, int n_samples) {
    mdp_err err = check_not_empty(samples, n_samples);
    return err ? err : check_finite(samples, n_samples);
}

mdp_err mdp_check_paired(const struct mdp_sample *samples, int n_samples) {
    mdp_err err = check_not_empty(samples, n_samples);
    if (err) return err;
    for (int i = 1; i < n_samples; i++) {
        if (samples[i].n != samples[0].n)
            return mdp_refuse(MDP_REFUSE_SHAPE, "%s: expected %ld values as in %s, found %ld", samples[i].name,
                              samples[0].n, samples[0].name, samples[i].n);
    }
    return check_finite(samples, n_samples);
}

mdp_err mdp_check_values(const char *name, const double *values, long n) {
    return mdp_check_samples(&(struct mdp_sample){name, values, n}, 1);
}

mdp_err mdp_check_range(const char *name, double value, double low, double high) {
    if (value >= low && value <= high) return MDP_OK;
    return mdp_refuse(MDP_REFUSE_DOMAIN, "%s: expected %g to %g, found %g", name, low, high, value);
}

mdp_err mdp_check_enough(const char *name, long n, long n_least) {
    if (n >= n_least) return MDP_OK;
    return mdp_refuse(MDP_REFUSE_TOO_FEW, "%s: expected at least %ld values, found %ld", name, n_least, n);
}
