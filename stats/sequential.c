/* group-sequential bounds: the density of the score of those not yet stopped, carried from look to look on panels. */
#include "stats/sequential.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "stats/check.h"
#include "stats/gauss.h"
#include "stats/tails.h"

enum { MAX_PANELS = 4000 };

static const double step_least = 1e-4; /* of information */
static const double reach = 8.5;       /* standard deviations that hold all mass a double can tell from none */

const char *mdp_bound_shape_name(enum mdp_bound_shape shape) {
#define NAME(name, text) text,
    static const char *const names[MDP_N_BOUND_SHAPES] = {MDP_BOUND_SHAPE_LIST(NAME)};
#undef NAME
    return names[shape];
}

/* the score s = z sqrt(t) of paths that go on after a look: nodes, and mass = weight times density at each */
struct front {
    double *nodes, *mass; /* [MAX_PANELS * MDP_GAUSS_NODES] */
    long n;
    double t; /* information so far; 0 before the first look: all at score 0 */
};

static mdp_err front_new(struct front *front) {
    unsigned long n = (unsigned long)MAX_PANELS * MDP_GAUSS_NODES;
    mdp_err err = mdp_calloc(&front->nodes, n, sizeof *front->nodes, "sequential bounds");
    return err ? err : mdp_calloc(&front->mass, n, sizeof *front->mass, "sequential bounds");
}

static void front_free(struct front *front) {
    free(front->nodes);
    free(front->mass);
}

static void front_start(struct front *front) {
    front->n = 1;
    front->t = 0;
    front->nodes[0] = 0;
    front->mass[0] = 1;
}

/* the probability to be at or above z at information t, having gone on until now */
static double crossing(const struct front *front, double t, double z) {
    double bound = z * sqrt(t), scale = 1 / sqrt(t - front->t), sum = 0;
    for (long i = 0; i < front->n; i++) sum += front->mass[i] * mdp_normal_sf((bound - front->nodes[i]) * scale);
    return sum;
}

/* the front after a look at information t with bound z; panels are as wide as the narrower of the steps around it */
static void advance(const struct front *from, double t, double t_next, double z, struct front *to) {
    static const double root_2pi = 2.506628274631000502;
    double low = -reach * sqrt(t), high = fmin(z, reach) * sqrt(t), step = t - from->t;
    double width = 0.8 * sqrt(fmin(step, t_next - t));
    long n_panels = (long)fmin(fmax(ceil((high - low) / width), 1), MAX_PANELS);
    double weights[MDP_GAUSS_NODES], scale = 1 / sqrt(step);
    to->n = high > low ? n_panels * MDP_GAUSS_NODES : 0;
    to->t = t;
    for (long i = 0; i < to->n; i += MDP_GAUSS_NODES) {
        double panel = (double)(i / MDP_GAUSS_NODES), size = (high - low) / (double)n_panels;
        mdp_gauss_panel(low + panel * size, low + (panel + 1) * size, to->nodes + i, weights);
        for (int k = 0; k < MDP_GAUSS_NODES; k++) {
            double density = 0;
            for (long j = 0; j < from->n; j++) {
                double d = (to->nodes[i + k] - from->nodes[j]) * scale;
                density += from->mass[j] * exp(-0.5 * d * d);
            }
            to->mass[i + k] = weights[k] * density * scale / root_2pi;
        }
    }
}

/* two fronts that take turns */
struct walk {
    struct front fronts[2];
    int i_now;
};

static void step_walk(struct walk *walk, double t, double t_next, double z) {
    advance(&walk->fronts[walk->i_now], t, t_next, z, &walk->fronts[!walk->i_now]);
    walk->i_now = !walk->i_now;
}

static double spent_at(enum mdp_bound_shape shape, double alpha, double t) {
    if (shape == MDP_BOUND_SHAPE_SPEND_POCOCK) return alpha * log1p((exp(1) - 1) * t);
    /* computed as defined: at a very early look the result is rounded to a multiple of 2^-52, as in other tools */
    return 2 - 2 * gsl_cdf_ugaussian_P(gsl_cdf_ugaussian_Qinv(0.5 * alpha) / sqrt(t));
}

/* the bound at which the crossing probability of the next look is `wanted` */
static double solve_look(const struct front *front, double t, double wanted) {
    double low = -reach, high = 40;
    if (wanted <= 0) return high;
    for (int i = 0; i < 100 && high - low > 1e-14 * fabs(high); i++) {
        double middle = 0.5 * (low + high);
        if (crossing(front, t, middle) > wanted)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

static double next_information(const double *information, long n, long k) {
    return k + 1 < n ? information[k + 1] : information[k] + 1;
}

static void spend(struct walk *walk, enum mdp_bound_shape shape, double alpha, const double *information, long n,
                  struct mdp_look *out) {
    double before = 0;
    front_start(&walk->fronts[walk->i_now]);
    for (long k = 0; k < n; k++) {
        double t = information[k], spent = spent_at(shape, alpha, t);
        double z = solve_look(&walk->fronts[walk->i_now], t, spent - before);
        out[k] = (struct mdp_look){z, mdp_normal_sf(z), spent};
        if (k + 1 < n) step_walk(walk, t, next_information(information, n, k), z);
        before = spent;
    }
}

/* sets the bounds to c times a shape; returns the alpha that all looks spend together */
static double try_scale(struct walk *walk, enum mdp_bound_shape shape, double c, const double *information, long n,
                        struct mdp_look *out) {
    double spent = 0;
    front_start(&walk->fronts[walk->i_now]);
    for (long k = 0; k < n; k++) {
        double t = information[k], z = shape == MDP_BOUND_SHAPE_POCOCK ? c : c / sqrt(t);
        spent += crossing(&walk->fronts[walk->i_now], t, z);
        out[k] = (struct mdp_look){z, mdp_normal_sf(z), spent};
        if (k + 1 < n) step_walk(walk, t, next_information(information, n, k), z);
    }
    return spent;
}

/* finds the scale of the bounds at which all looks together spend alpha, by false position with halving of the end that
 * stays (the Illinois rule) */
static void solve_scale(struct walk *walk, enum mdp_bound_shape shape, double alpha, const double *information, long n,
                        struct mdp_look *out) {
    /* at z(alpha) of the last look alone they spend more; at z(alpha / n) of every look, less */
    double root_last = shape == MDP_BOUND_SHAPE_POCOCK ? 1 : sqrt(information[n - 1]);
    double low = gsl_cdf_ugaussian_Qinv(alpha) * root_last, high = gsl_cdf_ugaussian_Qinv(alpha / (double)n);
    double at_low = try_scale(walk, shape, low, information, n, out) - alpha;
    double at_high = try_scale(walk, shape, high, information, n, out) - alpha;
    /* looks so early that they spend nothing: the last one has it all */
    if (at_low <= 1e-12 * alpha) try_scale(walk, shape, low, information, n, out);
    for (int i = 0; i < 100 && at_low > 1e-12 * alpha && at_high < 0 && high - low > 1e-13 * fabs(high); i++) {
        double c = (low * at_high - high * at_low) / (at_high - at_low);
        double at_c = try_scale(walk, shape, c, information, n, out) - alpha;
        if (fabs(at_c) < 1e-14 * alpha) return;
        if (at_c > 0) {
            low = c;
            at_low = at_c;
            at_high *= 0.5;
        } else {
            high = c;
            at_high = at_c;
            at_low *= 0.5;
        }
    }
}

static mdp_err check_looks(double alpha, const double *information, long n) {
    const struct mdp_sample samples[2] = {{"information", information, n}, {"alpha", &alpha, 1}};
    mdp_err err = mdp_check_samples(samples, 2);
    if (!err) err = mdp_check_range("alpha", alpha, nextafter(0, 1), nextafter(1, 0));
    if (!err) err = mdp_check_range("looks", (double)n, 1, MDP_SEQUENTIAL_MAX_LOOKS);
    for (long i = 0; !err && i < n; i++)
        err = mdp_check_range("information", information[i], i > 0 ? information[i - 1] + step_least : step_least, 1);
    return err;
}

mdp_err mdp_sequential_bounds(enum mdp_bound_shape shape, double alpha, const double *information, long n,
                              struct mdp_look *out) {
    struct walk walk = {.i_now = 0};
    mdp_err err;
    MDP_TRY(check_looks(alpha, information, n));
    MDP_TRY(front_new(&walk.fronts[0]));
    MDP_TRY(front_new(&walk.fronts[1]));
    if (shape == MDP_BOUND_SHAPE_OBRIEN_FLEMING || shape == MDP_BOUND_SHAPE_POCOCK)
        solve_scale(&walk, shape, alpha, information, n, out);
    else
        spend(&walk, shape, alpha, information, n, out);
out:
    front_free(&walk.fronts[0]);
    front_free(&walk.fronts[1]);
    return err;
}

/* ---- success rates ---- */

mdp_err mdp_sprt_plan(double p0, double p1, double alpha, double beta, struct mdp_sprt *out) {
    const double values[4] = {p0, p1, alpha, beta};
    static const char *const names[4] = {"p0", "p1", "alpha", "beta"};
    mdp_err err = mdp_check_values("p0, p1, alpha, beta", values, 4);
    for (int i = 0; !err && i < 4; i++) err = mdp_check_range(names[i], values[i], nextafter(0, 1), nextafter(1, 0));
    if (!err && p0 == p1) return mdp_refuse(MDP_REFUSE_DOMAIN, "p1: expected another rate than p0, found %g twice", p0);
    if (!err) err = mdp_check_range("alpha + beta", alpha + beta, 0, nextafter(1, 0));
    if (!err) *out = (struct mdp_sprt){p0, p1, alpha, beta, log(beta / (1 - alpha)), log((1 - beta) / alpha)};
    return err;
}

mdp_err mdp_sprt_run(const struct mdp_sprt *sprt, const double *outcomes, long n, double *llr,
                     struct mdp_sprt_result *out) {
    mdp_err err = mdp_check_values("outcomes", outcomes, n);
    if (err) return err;
    double success = log(sprt->p1 / sprt->p0), failure = log1p(-sprt->p1) - log1p(-sprt->p0);
    long n_successes = 0;
    *out = (struct mdp_sprt_result){n, -1};
    for (long i = 0; i < n; i++) {
        if (outcomes[i] != 0 && outcomes[i] != 1)
            return mdp_refuse(MDP_REFUSE_DOMAIN, "outcomes: expected 0 or 1, found %g at %ld", outcomes[i], i);
        n_successes += outcomes[i] == 1;
        double ratio = (double)n_successes * success + (double)(i + 1 - n_successes) * failure;
        if (llr) llr[i] = ratio;
        if (out->decision >= 0 || (ratio > sprt->lower && ratio < sprt->upper)) continue;
        *out = (struct mdp_sprt_result){i + 1, ratio >= sprt->upper};
    }
    return MDP_OK;
}
