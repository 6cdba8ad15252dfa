/* one search for both ends: positions 1 .. 2 n + 1, the even ones on the n steps, the odd ones in the gaps around
 * them. for the upper end positions count down, so that a search always goes from rejected to accepted shifts. */
#include "stats/inversion.h"

#include <float.h>
#include <math.h>

/* the search for one end */
struct search {
    const struct mdp_inversion *inversion;
    long n;
    int is_upper, is_rough;
    double most;      /* p up to which a shift is rejected */
    long lo, hi;      /* the last position known to be rejected, the first known not to be */
    double p_outside; /* of lo */
};

int mdp_level_rejects(double level, double p) { return p <= 1 - level + 20 * DBL_EPSILON; }

int mdp_shift_interval_excludes(const struct mdp_shift_interval *interval, double shift) {
    int is_below = interval->is_low_open ? shift <= interval->low : shift < interval->low;
    int is_above = interval->is_high_open ? shift >= interval->high : shift > interval->high;
    return is_below || is_above;
}

struct mdp_shift_interval mdp_shift_interval_unknown(void) {
    return (struct mdp_shift_interval){NAN, NAN, 0, 0, NAN};
}

struct mdp_shift_interval mdp_shift_interval_of_rank(const struct mdp_pair_sums *steps, long rank, double p_outside) {
    long k = rank > 1 ? rank : 1, n = mdp_pair_sums_count(steps);
    return (struct mdp_shift_interval){mdp_pair_sums_select(steps, k), mdp_pair_sums_select(steps, n + 1 - k), 0, 0,
                                       1 - fmin(p_outside, 1)};
}

/* beyond the k-th step from outside, k - 1 of all lie on the far side of a shift */
long mdp_shift_rank_asymptotic(double mean, double sd, double level, double *p_outside) {
    double n_beyond = fmax(floor(mean - 0.5 - mdp_level_z(level) * sd), 0);
    *p_outside = mdp_z_of(mean - n_beyond, sd, 0.5).p.two;
    return (long)n_beyond + 1;
}

static long mirrored(const struct search *s, long position) { return s->is_upper ? 2 * s->n + 2 - position : position; }

/* all positions on steps of one value are one place */
static void places_of(const struct mdp_pair_sums *steps, double value, long *first, long *last) {
    *first = 2 * (mdp_pair_sums_count_at_most(steps, nextafter(value, -INFINITY)) + 1);
    *last = 2 * mdp_pair_sums_count_at_most(steps, value);
}

/* the shift at a position, and the positions that share it */
static double shift_at(const struct search *s, long position, long *first, long *last) {
    const struct mdp_pair_sums *steps = s->inversion->steps;
    double below = mdp_pair_sums_select(steps, position / 2);
    *first = *last = position;
    if (position % 2 != 0) {
        double above = mdp_pair_sums_select(steps, position / 2 + 1);
        if (below < above) return 0.5 * below + 0.5 * above;
    }
    places_of(steps, below, first, last);
    return below;
}

/* the p-value by which a shift is excluded on the side that is searched. where the data lie on the shift's other side
 * it is 2, so that no level excludes it */
static double p_towards(const struct search *s, const struct mdp_shift_test *found) {
    if (s->inversion->is_by_sides) return 2 * (s->is_upper ? found->p.less : found->p.greater);
    return (s->is_upper ? -found->distance : found->distance) > 0 ? found->p.two : 2;
}

static int note(struct search *s, const struct mdp_shift_test *found, long first, long last) {
    double p = p_towards(s, found);
    long a = mirrored(s, first), b = mirrored(s, last);
    int is_rejected = mdp_level_rejects(1 - s->most, p);
    if (is_rejected) {
        s->lo = a > b ? a : b;
        s->p_outside = p;
    } else {
        s->hi = a < b ? a : b;
    }
    return is_rejected;
}

/* narrows the positions between which the interval ends, by halves; with a guess (0: none) it first looks around that,
 * in strides that double */
static mdp_err close_in(struct search *s, long guess) {
    long stride = 2, next = guess, first, last;
    int is_striding = guess > s->lo && guess < s->hi, was_rejected = -1;
    while (s->hi - s->lo > 1) {
        struct mdp_shift_test found;
        if (!is_striding || next <= s->lo || next >= s->hi) next = s->lo + (s->hi - s->lo) / 2;
        double shift = shift_at(s, mirrored(s, next), &first, &last);
        mdp_err err = s->inversion->test(s->inversion->job, shift, s->is_rough, &found);
        if (err != MDP_OK) return err;
        int is_rejected = note(s, &found, first, last);
        is_striding &= was_rejected < 0 || was_rejected == is_rejected;
        was_rejected = is_rejected;
        next = is_rejected ? s->lo + stride : s->hi - stride;
        stride *= 2;
    }
    return MDP_OK;
}

static struct search search_new(const struct mdp_inversion *inversion, int is_upper) {
    long n = mdp_pair_sums_count(inversion->steps), first, last;
    double p = fmin(inversion->smallest_p, 1);
    struct search s = {inversion, n, is_upper, 0, fmax(1 - inversion->level, p), 1, 2 * n + 1, p};
    places_of(inversion->steps, inversion->anchor, &first, &last);
    /* no step there: the gap below the next one */
    if (first > last) first = last = last + 1;
    note(&s, &inversion->at_anchor, first, last);
    return s;
}

/* the step on which an end stands, and whether the end itself is left out */
static double end_of(const struct search *s, int *is_open) {
    long position = mirrored(s, s->hi), k = s->is_upper ? (position + 1) / 2 : position / 2;
    *is_open = position % 2 != 0 && k >= 1 && k <= s->n;
    return mdp_pair_sums_select(s->inversion->steps, k < 1 ? 1 : k > s->n ? s->n : k);
}

static mdp_err solve_end(const struct mdp_inversion *inversion, int is_upper, struct search *out) {
    *out = search_new(inversion, is_upper);
    struct search rough = *out;
    rough.is_rough = 1;
    mdp_err err = close_in(&rough, 0);
    return err != MDP_OK ? err : close_in(out, rough.hi);
}

mdp_err mdp_inversion_solve(const struct mdp_inversion *inversion, struct mdp_shift_interval *out) {
    struct search lower, upper;
    mdp_err err;
    MDP_TRY(solve_end(inversion, 0, &lower));
    MDP_TRY(solve_end(inversion, 1, &upper));
    out->low = end_of(&lower, &out->is_low_open);
    out->high = end_of(&upper, &out->is_high_open);
    out->level = 1 - (inversion->is_by_sides ? 0.5 * (lower.p_outside + upper.p_outside)
                                             : fmax(lower.p_outside, upper.p_outside));
out:
    return err;
}
