#define _GNU_SOURCE
#include "bench/selftest/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* streams of a trial: each side draws from the stream of its number, an injected loss from those that follow */
enum { LOSS_STREAM = 16, N_HALVINGS = 50, N_CLASSES = 8 };
static const double tie_breaker = 1e-6; /* as a share of the range of a file's values */

/* ---- copies ---- */

static mdp_err copy_eval(const struct mdp_gate_eval *source, long n, struct mdp_gate_eval *out) {
    memcpy(out->path, source->path, sizeof out->path);
    out->info = source->info;
    memset(&out->info.head, 0, sizeof out->info.head);
    return mdp_episodes_alloc(&out->episodes, n > 0 ? n : source->episodes.n);
}

static mdp_err copy_run(const struct mdp_gate_run *source, long n, struct mdp_gate_run *out) {
    mdp_err err;
    memcpy(out->key, source->key, sizeof out->key);
    MDP_TRY(mdp_calloc(&out->evals, (unsigned long)source->n, sizeof *out->evals, "drawn results"));
    for (; out->n < source->n; out->n++) MDP_TRY(copy_eval(&source->evals[out->n], n, &out->evals[out->n]));
out:
    return err;
}

static mdp_err copy_group(const struct mdp_gate_group *source, long n, struct mdp_gate_group *out) {
    mdp_err err;
    memcpy(out->task, source->task, sizeof out->task);
    memcpy(out->arm, source->arm, sizeof out->arm);
    MDP_TRY(mdp_calloc(&out->runs, (unsigned long)source->n, sizeof *out->runs, "drawn results"));
    while (out->n < source->n) {
        int i = out->n++; /* counted first, so that a half made run is freed too */
        MDP_TRY(copy_run(&source->runs[i], n, &out->runs[i]));
    }
out:
    return err;
}

static mdp_err copy_speed(const struct mdp_gate_speed *source, struct mdp_gate_speed *out) {
    *out = *source;
    return mdp_calloc(&out->values, (unsigned long)source->n, sizeof(double), "drawn speeds");
}

mdp_err mdp_gate_side_copy(const struct mdp_gate_side *source, const char *name, long n_episodes,
                           struct mdp_gate_side *out) {
    mdp_err err = MDP_OK;
    *out = (struct mdp_gate_side){.name = name};
    memcpy(out->machine, source->machine, sizeof out->machine);
    if (source->n_groups > 0)
        MDP_TRY(mdp_calloc(&out->groups, (unsigned long)source->n_groups, sizeof *out->groups, "drawn results"));
    while (out->n_groups < source->n_groups) {
        int i = out->n_groups++;
        MDP_TRY(copy_group(&source->groups[i], n_episodes, &out->groups[i]));
    }
    if (source->n_speeds > 0)
        MDP_TRY(mdp_calloc(&out->speeds, (unsigned long)source->n_speeds, sizeof *out->speeds, "drawn speeds"));
    for (; out->n_speeds < source->n_speeds; out->n_speeds++)
        MDP_TRY(copy_speed(&source->speeds[out->n_speeds], &out->speeds[out->n_speeds]));
out:
    if (err != MDP_OK) mdp_gate_side_free(out);
    return err;
}

/* ---- drawing ---- */

static double range_of(const double *values, long n) {
    double low = values[0], high = values[0];
    for (long i = 1; i < n; i++) {
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
    }
    return high - low;
}

static void draw_eval(const struct mdp_episodes *source, const struct mdp_gate_draw *draw, struct mdp_rng *rng,
                      struct mdp_episodes *out) {
    double noise = tie_breaker * range_of(source->normalized_returns, source->n);
    for (long i = 0; i < out->n; i++) {
        long k = (long)(mdp_rng_uniform(rng) * (double)source->n);
        out->normalized_returns[i] = source->normalized_returns[k] + noise * (mdp_rng_uniform(rng) - 0.5);
        out->returns[i] = source->returns[k];
        out->lengths[i] = source->lengths[k];
        out->ends[i] = source->ends[k];
        out->seeds[i] = draw->is_paired ? 0 : draw->i_side;
        out->indices[i] = i;
    }
}

/* every checkpoint starts from the same position of the stream, and so takes the same episodes */
static void draw_run(const struct mdp_gate_run *source, const struct mdp_gate_draw *draw, struct mdp_rng *rng,
                     struct mdp_gate_run *out) {
    struct mdp_rng next = *rng;
    for (int i = 0; i < out->n && i < source->n; i++) {
        next = *rng;
        draw_eval(&source->evals[i].episodes, draw, &next, &out->evals[i].episodes);
    }
    *rng = next;
}

/* runs of unlike length are not exchanged */
static const struct mdp_gate_run *pick_run(const struct mdp_gate_group *group, int i, struct mdp_rng *rng) {
    const struct mdp_gate_run *picked = &group->runs[mdp_rng_below(rng, (uint32_t)group->n)];
    return picked->n == group->runs[i].n ? picked : &group->runs[i];
}

void mdp_gate_side_draw(const struct mdp_gate_side *source, const struct mdp_gate_draw *draw,
                        struct mdp_gate_side *out) {
    struct mdp_rng rng = mdp_rng_stream(draw->seed, MDP_RNG_SELFTEST, draw->i_trial, draw->i_side);
    for (int g = 0; g < source->n_groups; g++) {
        const struct mdp_gate_group *group = &source->groups[g];
        for (int r = 0; r < group->n; r++)
            draw_run(group->n > 1 ? pick_run(group, r, &rng) : &group->runs[r], draw, &rng, &out->groups[g].runs[r]);
    }
    for (int s = 0; s < source->n_speeds; s++) {
        const struct mdp_gate_speed *speed = &source->speeds[s];
        double noise = tie_breaker * range_of(speed->values, speed->n);
        for (long i = 0; i < speed->n; i++)
            out->speeds[s].values[i] =
                speed->values[mdp_rng_below(&rng, (uint32_t)speed->n)] + noise * mdp_rng_uniform(&rng);
    }
}

/* ---- losses ---- */

/* the median that the episodes' values would have with normal noise of sd s on each: the point below which half of that
 * mixture of normal distributions lies */
static double noisy_median(const struct mdp_episodes *e, double s) {
    double low = e->normalized_returns[0], high = low;
    for (long i = 1; i < e->n; i++) {
        low = fmin(low, e->normalized_returns[i]);
        high = fmax(high, e->normalized_returns[i]);
    }
    for (int k = 0; k < N_HALVINGS; k++) {
        double middle = 0.5 * (low + high), sum = 0;
        for (long i = 0; i < e->n; i++) sum += erf((middle - e->normalized_returns[i]) / (s * sqrt(2)));
        *(sum < 0 ? &low : &high) = middle;
    }
    return 0.5 * (low + high);
}

/* the mean distance from that median: each episode's distance is then a folded normal variable, whose mean is known */
static double noisy_spread(const struct mdp_episodes *e, double s) {
    double median = noisy_median(e, s), sum = 0;
    for (long i = 0; i < e->n; i++) {
        double d = (e->normalized_returns[i] - median) / s;
        sum += s * (sqrt(2 / M_PI) * exp(-0.5 * d * d) + d * erf(d / sqrt(2)));
    }
    return sum / (double)e->n;
}

static double group_spread(const struct mdp_gate_group *group, double s) {
    double sum = 0;
    for (int r = 0; r < group->n; r++) {
        const struct mdp_gate_run *run = &group->runs[r];
        sum += noisy_spread(&run->evals[run->n - 1].episodes, s);
    }
    return sum / group->n;
}

double mdp_gate_spread_noise(const struct mdp_gate_group *group, double widening) {
    double low = 1e-6 * widening, high = widening, wanted = group_spread(group, low) + widening;
    while (group_spread(group, high) < wanted) high *= 2;
    for (int k = 0; k < N_HALVINGS; k++) {
        double middle = 0.5 * (low + high);
        *(group_spread(group, middle) < wanted ? &low : &high) = middle;
    }
    return 0.5 * (low + high);
}

static void add_noise(struct mdp_episodes *e, double sd, struct mdp_rng *rng) {
    for (long i = 0; i < e->n; i++) {
        float draw;
        mdp_rng_normal(rng, &draw, 1);
        e->normalized_returns[i] += sd * (double)draw;
    }
}

const char *mdp_gate_hurt_name(enum mdp_gate_hurt hurt) {
    static const char *const names[MDP_N_GATE_HURTS] = {
#define NAME(name, text) text,
        MDP_GATE_HURT_LIST(NAME)
#undef NAME
    };
    return names[hurt];
}

double mdp_gate_lost_share(enum mdp_gate_hurt hurt, double u) {
    return hurt == MDP_GATE_HURT_TAIL ? u : hurt == MDP_GATE_HURT_NON_FINITE ? 0.5 : 1;
}

static void hurt_some(struct mdp_episodes *e, const struct mdp_gate_loss *loss, struct mdp_rng *rng) {
    for (long i = 0; i < e->n; i++) {
        double *x = &e->normalized_returns[i];
        int is_hurt = mdp_rng_uniform(rng) < loss->size;
        double lost = mdp_gate_lost_share(loss->hurt, mdp_rng_uniform(rng)) * (*x - loss->worst);
        if (!is_hurt) continue;
        *x -= fmax(0, lost);
        if (loss->hurt == MDP_GATE_HURT_FALLS) e->ends[i] = MDP_END_TERMINATED;
        if (loss->hurt == MDP_GATE_HURT_NON_FINITE) e->ends[i] = MDP_END_NON_FINITE;
    }
}

static void worsen_eval(struct mdp_episodes *e, const struct mdp_gate_loss *loss, struct mdp_rng *rng) {
    if (loss->hurt == MDP_GATE_HURT_WIDER)
        add_noise(e, loss->size, rng);
    else if (loss->hurt == MDP_GATE_HURT_SHIFT)
        for (long i = 0; i < e->n; i++) e->normalized_returns[i] -= loss->size;
    else
        hurt_some(e, loss, rng);
}

/* ---- shares of hurt episodes ---- */

/* a return and how likely it is */
struct likely {
    double value, weight;
};

static int compare_likely(const void *a, const void *b) {
    const struct likely *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* mean distance from the median, of values in order */
static double weighted_spread(const struct likely *v, long n) {
    double sum = 0, spread = 0, median = v[n - 1].value;
    for (long i = 0; i < n; i++) {
        sum += v[i].weight;
        if (sum < 0.5) continue;
        median = v[i].value;
        break;
    }
    for (long i = 0; i < n; i++) spread += v[i].weight * fabs(v[i].value - median);
    return spread;
}

/* spread of the mixture of whole and hurt episodes; each hurt episode stands for several, one at the middle of each
 * class of u */
static double mixed_spread(const struct mdp_episodes *e, enum mdp_gate_hurt hurt, double worst, double share,
                           struct likely *v) {
    long n = 0;
    for (long i = 0; i < e->n; i++) {
        double x = e->normalized_returns[i];
        v[n++] = (struct likely){x, (1 - share) / (double)e->n};
        for (int k = 0; k < N_CLASSES; k++)
            v[n++] = (struct likely){x - fmax(0, mdp_gate_lost_share(hurt, (k + 0.5) / N_CLASSES) * (x - worst)),
                                     share / (double)(N_CLASSES * e->n)};
    }
    qsort(v, (size_t)n, sizeof *v, compare_likely);
    return weighted_spread(v, n);
}

static double group_mixed_spread(const struct mdp_gate_group *group, enum mdp_gate_hurt hurt, double worst,
                                 double share, struct likely *v) {
    double sum = 0;
    for (int r = 0; r < group->n; r++) {
        const struct mdp_gate_run *run = &group->runs[r];
        sum += mixed_spread(&run->evals[run->n - 1].episodes, hurt, worst, share, v);
    }
    return sum / group->n;
}

double mdp_gate_spread_share(const struct mdp_gate_group *group, enum mdp_gate_hurt hurt, double worst,
                             double widening) {
    enum { N_SHARES = 200 };
    long most = 0;
    double share = NAN;
    for (int r = 0; r < group->n; r++) {
        const struct mdp_gate_run *run = &group->runs[r];
        if (run->evals[run->n - 1].episodes.n > most) most = run->evals[run->n - 1].episodes.n;
    }
    struct likely *v = calloc((size_t)most * (N_CLASSES + 1), sizeof *v);
    if (v == NULL) return NAN;
    double wanted = group_mixed_spread(group, hurt, worst, 0, v) + widening;
    for (int i = 1; i <= N_SHARES && isnan(share); i++) {
        double low = (i - 1.0) / N_SHARES, high = (double)i / N_SHARES;
        if (group_mixed_spread(group, hurt, worst, high, v) < wanted) continue;
        for (int k = 0; k < 20; k++) {
            double middle = 0.5 * (low + high);
            *(group_mixed_spread(group, hurt, worst, middle, v) < wanted ? &low : &high) = middle;
        }
        share = high;
    }
    free(v);
    return share;
}

void mdp_gate_group_worsen(struct mdp_gate_group *group, const struct mdp_gate_loss *loss,
                           const struct mdp_gate_draw *draw) {
    struct mdp_rng rng = mdp_rng_stream(draw->seed, MDP_RNG_SELFTEST, draw->i_trial, LOSS_STREAM);
    for (int r = 0; r < group->n; r++)
        for (int i = 0; i < group->runs[r].n; i++) worsen_eval(&group->runs[r].evals[i].episodes, loss, &rng);
}

void mdp_gate_speed_worsen(struct mdp_gate_speed *speed, const struct mdp_gate_loss *loss) {
    double factor = exp(loss->is_rate ? -loss->size : loss->size);
    for (long i = 0; i < speed->n; i++) speed->values[i] *= factor;
}
