/* families of planning and history: power, sequential bounds, multiplicity, far tails, change points. */
#include <math.h>
#include <string.h>

#include "bench/verify/stats_families.h"
#include "stats/changepoint.h"
#include "stats/multiple.h"
#include "stats/power.h"
#include "stats/sequential.h"
#include "stats/tails.h"

#define N_OF(table) ((int)(sizeof(table) / sizeof *(table)))

static mdp_err bad_kind(const struct mdp_case *c, const char *expected) {
    return mdp_fail(MDP_E_DATA, "%s: %s: expected a kind of %s, found \"%s\"", c->path, c->name, expected, c->kind);
}

/* ---- multiplicity ---- */

mdp_err mdp_answer_multiple(struct mdp_case *c) {
    struct mdp_sample p;
    double *adjusted, *rejects;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, "in/p", &p));
    MDP_TRY(mdp_case_room(c, (unsigned long)p.n, sizeof *adjusted, &adjusted));
    MDP_TRY(mdp_case_room(c, (unsigned long)p.n, sizeof *rejects, &rejects));
    for (int i = 0; i < MDP_N_ADJUSTS; i++) {
        const char *name = mdp_adjust_name((enum mdp_adjust)i);
        MDP_TRY(mdp_adjust((enum mdp_adjust)i, p.values, p.n, adjusted));
        for (long k = 0; k < p.n; k++) rejects[k] = mdp_adjust_rejects(adjusted[k], 0.05);
        mdp_case_answer_array(c, adjusted, p.n, "%s", name);
        mdp_case_answer_array(c, rejects, p.n, "%s_reject05", name);
    }
out:
    return err;
}

/* ---- far tails ---- */

static double tail_normal(double value, const double *df) {
    (void)df;
    return mdp_log10_normal_sf(value);
}
static double tail_t(double value, const double *df) { return mdp_log10_t_sf(value, df[0]); }
static double tail_f(double value, const double *df) { return mdp_log10_f_sf(value, df[0], df[1]); }
static double tail_chi2(double value, const double *df) { return mdp_log10_chi2_sf(value, df[0]); }

/* a distribution is told by the inputs' names */
static const struct tail {
    const char *value, *df[2];
    int n_df;
    double (*log10_sf)(double value, const double *df);
} tails[] = {{"in/z", {NULL, NULL}, 0, tail_normal},
             {"in/t", {"in/df", NULL}, 1, tail_t},
             {"in/F", {"in/d1", "in/d2"}, 2, tail_f},
             {"in/x", {"in/df", NULL}, 1, tail_chi2}};

static mdp_err answer_tail(struct mdp_case *c, const struct tail *tail) {
    struct mdp_sample in[3];
    double *log10_sf, *sf;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, tail->value, &in[0]));
    for (int k = 0; k < tail->n_df; k++) MDP_TRY(mdp_case_sample(c, tail->df[k], &in[1 + k]));
    MDP_TRY(mdp_check_paired(in, 1 + tail->n_df));
    MDP_TRY(mdp_case_room(c, (unsigned long)in[0].n, sizeof *log10_sf, &log10_sf));
    MDP_TRY(mdp_case_room(c, (unsigned long)in[0].n, sizeof *sf, &sf));
    for (long i = 0; i < in[0].n; i++) {
        double df[2] = {tail->n_df > 0 ? in[1].values[i] : 0, tail->n_df > 1 ? in[2].values[i] : 0};
        MDP_TRY(mdp_tail_check(in[0].values[i], df, tail->n_df));
        log10_sf[i] = tail->log10_sf(in[0].values[i], df);
        sf[i] = pow(10, log10_sf[i]);
    }
    if (tail->n_df == 0)
        for (long i = 0; i < in[0].n; i++) sf[i] = mdp_normal_sf(in[0].values[i]);
    mdp_case_answer_array(c, log10_sf, in[0].n, "log10_sf");
    mdp_case_answer_array(c, sf, in[0].n, "sf");
out:
    return err;
}

mdp_err mdp_answer_tails(struct mdp_case *c) {
    for (int i = 0; i < N_OF(tails); i++)
        if (mdp_case_has(c, tails[i].value)) return answer_tail(c, &tails[i]);
    return mdp_fail(MDP_E_DATA, "%s: %s/in: expected z, t, F or x, found none of them", c->path, c->name);
}

/* ---- power ---- */

/* inputs of a case: effects and sizes of groups */
struct planned {
    struct mdp_test_plan plan;
    struct mdp_sample effect, n;
};

static mdp_err read_plan(struct mdp_case *c, struct planned *p) {
    mdp_err err;
    p->plan = (struct mdp_test_plan){.design = MDP_DESIGN_UNPAIRED};
    if (strstr(c->kind, "two-sided"))
        p->plan.sides = MDP_SIDES_TWO;
    else if (strstr(c->kind, "larger"))
        p->plan.sides = MDP_SIDES_GREATER;
    else
        return bad_kind(c, "two-sided or larger");
    MDP_TRY(mdp_case_real(c, "in/alpha", &p->plan.alpha));
    MDP_TRY(mdp_case_sample(c, "in/effect", &p->effect));
    MDP_TRY(mdp_case_sample(c, "in/n_per_group", &p->n));
    const struct mdp_sample samples[3] = {p->effect, p->n, {"alpha", &p->plan.alpha, 1}};
    MDP_TRY(mdp_check_samples(samples, 3));
    if (p->plan.alpha == 0) MDP_TRY(mdp_check_range("alpha", 0, nextafter(0, 1), nextafter(1, 0)));
out:
    return err;
}

static mdp_err answer_power(struct mdp_case *c, struct planned *p) {
    static const char *const names[2] = {"power", "power_paired"};
    double *power;
    mdp_err err = MDP_OK;
    long n = p->effect.n * p->n.n;
    for (int i = 0; i < 2; i++) {
        p->plan.design = i ? MDP_DESIGN_PAIRED : MDP_DESIGN_UNPAIRED;
        MDP_TRY(mdp_case_room(c, (unsigned long)n, sizeof *power, &power));
        for (long k = 0; k < n; k++)
            MDP_TRY(mdp_power_ttest(&p->plan, p->effect.values[k / p->n.n], p->n.values[k % p->n.n], &power[k]));
        mdp_case_answer_array(c, power, n, "%s", names[i]);
    }
out:
    return err;
}

static mdp_err answer_needed(struct mdp_case *c, const struct planned *p) {
    double power, *effect, *superiority, *n, *n_whole;
    mdp_err err;
    MDP_TRY(mdp_case_real(c, "in/power", &power));
    MDP_TRY(mdp_case_room(c, (unsigned long)p->n.n, sizeof *effect, &effect));
    MDP_TRY(mdp_case_room(c, (unsigned long)p->n.n, sizeof *superiority, &superiority));
    MDP_TRY(mdp_case_room(c, (unsigned long)p->effect.n, sizeof *n, &n));
    MDP_TRY(mdp_case_room(c, (unsigned long)p->effect.n, sizeof *n_whole, &n_whole));
    for (long i = 0; i < p->n.n; i++) {
        MDP_TRY(mdp_power_detectable(&p->plan, p->n.values[i], power, &effect[i]));
        MDP_TRY(mdp_power_detectable_superiority(&p->plan, p->n.values[i], power, &superiority[i]));
    }
    for (long i = 0; i < p->effect.n; i++) {
        MDP_TRY(mdp_power_n_required(&p->plan, p->effect.values[i], power, &n[i]));
        n_whole[i] = ceil(n[i]);
    }
    mdp_case_answer_array(c, effect, p->n.n, "mde_d");
    mdp_case_answer_array(c, superiority, p->n.n, "noether_poi");
    mdp_case_answer_array(c, n, p->effect.n, "n_required");
    mdp_case_answer_array(c, n_whole, p->effect.n, "n_required_ceil");
out:
    return err;
}

mdp_err mdp_answer_power(struct mdp_case *c) {
    struct planned planned;
    mdp_err err = read_plan(c, &planned);
    if (err) return err;
    return mdp_case_has(c, "in/power") ? answer_needed(c, &planned) : answer_power(c, &planned);
}

/* ---- sequential ---- */

static mdp_err answer_sprt(struct mdp_case *c) {
    static const char *const names[4] = {"in/p0", "in/p1", "in/alpha", "in/beta"};
    struct mdp_sample x;
    struct mdp_sprt sprt;
    struct mdp_sprt_result result;
    double in[4], *llr;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, "in/x", &x));
    for (int i = 0; i < 4; i++) MDP_TRY(mdp_case_real(c, names[i], &in[i]));
    MDP_TRY(mdp_case_room(c, (unsigned long)x.n, sizeof *llr, &llr));
    MDP_TRY(mdp_sprt_plan(in[0], in[1], in[2], in[3], &sprt));
    MDP_TRY(mdp_sprt_run(&sprt, x.values, x.n, llr, &result));
    mdp_case_answer_array(c, llr, x.n, "llr");
    mdp_case_answer(c, sprt.lower, "lower");
    mdp_case_answer(c, sprt.upper, "upper");
    mdp_case_answer(c, (double)result.n_stop, "stop_n");
    mdp_case_answer(c, result.decision, "decision");
out:
    return err;
}

static const struct {
    const char *prefix;
    enum mdp_bound_shape shape;
} shapes[] = {{"OF_", MDP_BOUND_SHAPE_OBRIEN_FLEMING},
              {"P_", MDP_BOUND_SHAPE_POCOCK},
              {"asOF_", MDP_BOUND_SHAPE_SPEND_OBRIEN_FLEMING},
              {"asP_", MDP_BOUND_SHAPE_SPEND_POCOCK}};

static mdp_err answer_looks(struct mdp_case *c, enum mdp_bound_shape shape) {
    struct mdp_sample info;
    struct mdp_look *looks;
    double alpha, *z, *p, *spent;
    mdp_err err;
    MDP_TRY(mdp_case_real(c, "in/alpha", &alpha));
    MDP_TRY(mdp_case_sample(c, "in/info", &info));
    MDP_TRY(mdp_case_room(c, (unsigned long)info.n, sizeof *looks, &looks));
    MDP_TRY(mdp_case_room(c, (unsigned long)info.n, sizeof *z, &z));
    MDP_TRY(mdp_case_room(c, (unsigned long)info.n, sizeof *p, &p));
    MDP_TRY(mdp_case_room(c, (unsigned long)info.n, sizeof *spent, &spent));
    MDP_TRY(mdp_sequential_bounds(shape, alpha, info.values, info.n, looks));
    for (long i = 0; i < info.n; i++) {
        z[i] = looks[i].z;
        p[i] = looks[i].p;
        spent[i] = looks[i].spent;
    }
    mdp_case_answer_array(c, z, info.n, "z_crit");
    mdp_case_answer_array(c, p, info.n, "p_crit");
    mdp_case_answer_array(c, spent, info.n, "alpha_spent");
out:
    return err;
}

mdp_err mdp_answer_sequential(struct mdp_case *c) {
    if (mdp_case_has(c, "in/p0")) return answer_sprt(c);
    for (int i = 0; i < N_OF(shapes); i++)
        if (strncmp(c->kind, shapes[i].prefix, strlen(shapes[i].prefix)) == 0) return answer_looks(c, shapes[i].shape);
    return bad_kind(c, "OF_, P_, asOF_, asP_, or one with in/p0");
}

/* ---- change points ---- */

mdp_err mdp_answer_changepoint(struct mdp_case *c) {
    struct mdp_sample y;
    struct mdp_changepoints found = {0};
    struct mdp_cusum cusum;
    double penalty, sigma, *first;
    long n_least;
    mdp_err err;
    MDP_TRY(mdp_case_sample(c, "in/y", &y));
    MDP_TRY(mdp_case_real(c, "in/penalty", &penalty));
    MDP_TRY(mdp_case_count(c, "in/min_segment", 0, MDP_CHANGEPOINT_MAX, &n_least));
    MDP_TRY(mdp_changepoints_find(y.values, y.n, penalty, n_least, &found));
    MDP_TRY(mdp_cusum_compute(y.values, y.n, &cusum));
    MDP_TRY(mdp_noise_scale(y.values, y.n, &sigma));
    MDP_TRY(mdp_case_room(c, (unsigned long)found.n, sizeof *first, &first));
    for (long i = 0; i < found.n; i++) first[i] = (double)found.first[i];
    struct mdp_answer *answer = mdp_case_answer_array(c, first, found.n, "changepoints");
    if (answer) answer->may_differ_in_length = 1;
    mdp_case_answer(c, found.total_cost, "total_cost");
    mdp_case_answer(c, sigma, "sigma_diff_mad");
    mdp_case_answer(c, cusum.max, "cusum_max");
    mdp_case_answer(c, (double)cusum.i_max, "cusum_argmax");
out:
    mdp_changepoints_free(&found);
    return err;
}
