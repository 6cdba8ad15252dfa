/* what compare says: one sentence. */
#include "bench/compare/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memstream.h"
#include "stats/moments.h"
#include "stats/unseen.h"

/* ---- parts of sentences ---- */

static void say_p(double p, FILE *out) {
    if (p < 1e-4)
        fputs("p <1e-4", out);
    else
        fprintf(out, "p = %.4f", p);
}

static const char *test_name(const struct mdp_finding *f) { return f->is_paired ? "paired Wilcoxon" : "Mann-Whitney"; }

static const struct mdp_shift_interval *interval_of(const struct mdp_finding *f) {
    return f->is_paired ? &f->wilcoxon.hl : &f->mannwhitney.hl;
}

/* [0.200, 0.600], from A's side or turned around; a level below the usual one is said */
static void say_shift(const struct mdp_finding *f, double shift, int is_turned, FILE *out) {
    const struct mdp_shift_interval *i = interval_of(f);
    double low = is_turned ? -i->high : i->low, high = is_turned ? -i->low : i->high;
    fprintf(out, "%.3f %s%.3f, %.3f%s", shift, (is_turned ? i->is_high_open : i->is_low_open) ? "(" : "[", low, high,
            (is_turned ? i->is_low_open : i->is_high_open) ? ")" : "]");
    if (i->level < 0.95 - 1e-9) fprintf(out, " (a %.3g %% interval)", 100 * i->level);
}

/* what a median of differences is about */
static const char *typical(const struct mdp_finding *f) {
    if (strcmp(f->a->unit, "run") == 0) return "area of a typical run's normalized return";
    return strcmp(f->a->unit, "file") == 0 ? "mean normalized return of a typical file"
                                           : "normalized return of a typical episode";
}

/* with one file or run a side, the sentence is about these two policies, not about how they were trained */
static void say_whom(const struct mdp_finding *f, FILE *out) {
    if (f->curve_a != NULL)
        fprintf(out, "Of these two trained policies, A %s and B %s: ", f->a->files[0].path, f->b->files[0].path);
}

/* ---- what ranks do not see ---- */

/* 1 or -1 where the mean surely points to A or B, else 0 */
static int sign_of_mean(const struct mdp_compare_plan *plan, const struct mdp_finding *f) {
    if (f->is_lopsided || !(f->mean_p <= plan->alpha)) return 0;
    return f->ttest.diff > 0 ? 1 : -1;
}

static int is_decided(const struct mdp_compare_plan *plan, const struct mdp_finding *f) {
    return f->holm <= plan->alpha && !f->is_degenerate;
}

static int is_contradicted(const struct mdp_compare_plan *plan, const struct mdp_finding *f) {
    return is_decided(plan, f) && sign_of_mean(plan, f) == -f->sign;
}

/* a t test of few values relies on a normal distribution */
static void say_means(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    enum { ENOUGH = 10 };
    int has_own = sign_of_mean(plan, f) != 0 && !is_decided(plan, f) && f->n >= ENOUGH && f->m >= ENOUGH,
        differs = f->ttest.diff * f->sign < 0;
    if (!has_own && !(is_decided(plan, f) && differs)) return;
    fprintf(out, "; but the mean return of A is %s by %.3f [%.3f, %.3f]", f->ttest.diff < 0 ? "lower" : "higher",
            fabs(f->ttest.diff), f->ttest.diff < 0 ? -f->mean_high : f->mean_low,
            f->ttest.diff < 0 ? -f->mean_low : f->mean_high);
}

static void say_spreads(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    const struct mdp_spread *s = &f->spread;
    if (f->is_lopsided || !(f->levene.p <= plan->alpha) || !(s->low > 1 || s->high < 1)) return;
    fprintf(out, "; A spreads %.3g times as much as B [%.3g, %.3g]", s->ratio, s->low, s->high);
}

/* counts are facts, however few: a return does not tell that its episode broke off */
static void say_ends(const struct mdp_finding *f, FILE *out) {
    if (f->a->n_fell * f->b->n_episodes != f->b->n_fell * f->a->n_episodes)
        fprintf(out, "; A ended early in %ld of %ld episodes, B in %ld of %ld", f->a->n_fell, f->a->n_episodes,
                f->b->n_fell, f->b->n_episodes);
    if (f->a->n_non_finite + f->b->n_non_finite > 0)
        fprintf(out, "; %ld of %ld episodes of A stopped at a value that is not finite, %ld of %ld of B",
                f->a->n_non_finite, f->a->n_episodes, f->b->n_non_finite, f->b->n_episodes);
}

/* ---- one task ---- */

static void say_decided(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    int is_better = f->sign > 0, is_against = is_contradicted(plan, f);
    const char *word = is_better ? "better" : "worse";
    if (is_against)
        fprintf(out, "Ranks and means disagree on %s%s: by ranks A is %s, by means %s; ", f->a->task, f->unlike, word,
                is_better ? "worse" : "better");
    if (f->shift * f->sign > 0) {
        if (!is_against) fprintf(out, "A is %s than B on %s%s: ", word, f->a->task, f->unlike);
        fprintf(out, "%s %s by ", typical(f), is_better ? "higher" : "lower");
        say_shift(f, fabs(f->shift), !is_better, out);
    } else {
        /* many equal values may leave the median difference at 0 where the ranks decide */
        if (!is_against) fprintf(out, "A tends to be %s than B on %s%s: ", word, f->a->task, f->unlike);
        fprintf(out, "rank-biserial correlation %.2f, but many values are equal and the median difference is ",
                f->is_paired ? f->wilcoxon.rank_biserial_matched : f->effect.rank_biserial);
        say_shift(f, f->shift, 0, out);
    }
    fprintf(out, " (%s, ", test_name(f));
    say_p(f->p, out);
    fprintf(out, ", n = %ld and %ld %ss)", f->n, f->m, f->a->unit);
}

static void say_undecided(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    fprintf(out, "Cannot tell A from B on %s%s: difference ", f->a->task, f->unlike);
    say_shift(f, f->shift, 0, out);
    fprintf(out, " (%s, ", test_name(f));
    say_p(f->p, out);
    fprintf(out, ", n = %ld and %ld %ss)", f->n, f->m, f->a->unit);
    if (isinf(f->location.mde))
        fprintf(out, "; no p below %.3g can come of so few values, whatever the difference", f->smallest_p);
    else
        fprintf(out, "; %.3f would have been found with %.0f %% power", f->location.mde, 100 * plan->power);
    if (isfinite(f->location.n_needed)) fprintf(out, "; the one seen needs n = %.0f", f->location.n_needed);
}

int mdp_compare_is_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *f) {
    if (!(plan->margin > 0) || f->is_lopsided) return 0;
    for (int i = 0; i < MDP_N_EQUALITIES; i++)
        if (!(f->equality[i].holm <= plan->alpha)) return 0;
    return 1;
}

static void say_one_equality(const struct mdp_equality *e, FILE *out) {
    fprintf(out, "%.4f [%.4f, %.4f] (%s, ", e->difference, e->low, e->high, e->name);
    say_p(e->p, out);
    fputc(')', out);
}

/* a t test of episodes without a fall says nothing about falls. a fallen episode counts as the random policy's return.
 * returns the episodes a side that would show falls worth the margin; 0 where there are as many */
static double falls_need(const struct mdp_compare_plan *plan, const struct mdp_finding *f) {
    double range = fmax(mdp_mean(f->a->values, f->n), mdp_mean(f->b->values, f->m)),
           needed = mdp_unseen_n(plan->margin, range, plan->alpha);
    if (strcmp(f->a->unit, "episode") != 0) return 0;
    return needed > (double)(f->n < f->m ? f->n : f->m) ? needed : 0;
}

static void say_unseen(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    if (falls_need(plan, f) > 0)
        fprintf(out, "; falls that cost as much would be seen in %.0f or more episodes a side, of which there are %ld",
                falls_need(plan, f), f->n < f->m ? f->n : f->m);
}

/* both of ranks and of means; what the test of a difference found is said beside it */
static void say_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    fprintf(out, "%sA and B are equal within %g on %s%s, by ranks: difference ",
            falls_need(plan, f) > 0 ? "In what these episodes show, " : "", plan->margin, f->a->task, f->unlike);
    say_one_equality(&f->equality[MDP_EQUALITY_RANKS], out);
    fputs(", and by means: ", out);
    say_one_equality(&f->equality[MDP_EQUALITY_MEANS], out);
    fprintf(out, "; two one-sided tests each, level %g, n = %ld and %ld %ss; %s (", 1 - 2 * plan->alpha, f->n, f->m,
            f->a->unit, f->holm <= plan->alpha ? "a difference within it is seen" : "no difference is seen");
    say_p(f->p, out);
    fputc(')', out);
    say_unseen(plan, f, out);
}

/* says which of the two tests failed */
static void say_not_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    static const char *const by[MDP_N_EQUALITIES] = {"ranks", "means"};
    if (f->is_lopsided) {
        fprintf(out, "; equality is not tested: %ld against %ld %ss do not show rare losses", f->n, f->m, f->a->unit);
        return;
    }
    fprintf(out, "; equality within %g is not shown", plan->margin);
    for (int i = 0; i < MDP_N_EQUALITIES; i++) {
        fprintf(out, "%s by %s %s", i > 0 ? "," : ":", by[i],
                f->equality[i].holm <= plan->alpha ? "it holds, " : "it does not, ");
        say_one_equality(&f->equality[i], out);
    }
}

static void say_same(const struct mdp_finding *f, FILE *out) {
    fprintf(out, "A and B are the same on %s%s: all %s are equal (n = %ld and %ld %ss)", f->a->task, f->unlike,
            f->a->n_fell + f->b->n_fell + f->a->n_non_finite + f->b->n_non_finite > 0 ? "returns" : "values", f->n,
            f->m, f->a->unit);
}

/* a curve is only described, because one run says nothing about the next */
static void say_curves(const struct mdp_finding *f, FILE *out) {
    const struct mdp_compare_sample *a = f->curve_a, *b = f->curve_b;
    double sum = 0;
    if (a == NULL) return;
    if (a->steps_hash == b->steps_hash) {
        for (long i = 0; i < a->n; i++) sum += (a->values[i] - b->values[i]) / (double)a->n;
        if (memcmp(a->values, b->values, (size_t)a->n * sizeof *a->values) == 0)
            fputs("; both curves are the same", out);
        else
            fprintf(out, "; A's curve lies %s B's by %.3f on average of %ld checkpoints", sum < 0 ? "below" : "above",
                    fabs(sum), a->n);
    } else {
        fputs("; the curves have other steps", out);
    }
    fputs(", but one run a side says nothing about the training", out);
}

/* the answer comes first, then all that would mislead a reader who stopped there */
static void say_one(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    say_whom(f, out);
    if (f->is_degenerate)
        say_same(f, out);
    else if (mdp_compare_is_equal(plan, f))
        say_equal(plan, f, out);
    else if (f->holm <= plan->alpha)
        say_decided(plan, f, out);
    else
        say_undecided(plan, f, out);
    if (!f->is_degenerate) {
        say_means(plan, f, out);
        say_spreads(plan, f, out);
    }
    say_ends(f, out);
    if (plan->margin > 0 && !f->is_degenerate && !mdp_compare_is_equal(plan, f)) say_not_equal(plan, f, out);
    if (f->n_shared > 0 && !f->is_paired)
        fprintf(out, "; %ld %ss are common to both sides: equal sets would be compared as pairs", f->n_shared,
                f->a->unit);
    if (f->a->hash != 0 && f->a->hash == f->b->hash) fputs("; both sides are one file", out);
    if (f->n_common > 0)
        fprintf(out, "; of A's %ld %ss %ld %s on side B, too", f->n, f->a->unit, f->n_common,
                f->n_common == 1 ? "is" : "are");
    say_curves(f, out);
    fputc('.', out);
}

/* ---- several tasks ---- */

/* a difference that is the same on all tasks is said once */
static void say_unlike(const struct mdp_finding *findings, int n, FILE *out) {
    int n_same = 0, n_unlike = 0;
    for (int i = 0; i < n; i++) {
        n_same += strcmp(findings[i].unlike, findings[0].unlike) == 0;
        n_unlike += findings[i].unlike[0] != 0;
    }
    if (n_unlike == 0) return;
    fputs(" Not alike", out);
    if (n_same == n) fprintf(out, "%s", findings[0].unlike);
    for (int i = 0, k = 0; i < n && n_same < n; i++)
        if (findings[i].unlike[0] != 0)
            fprintf(out, "%s %s%s", k++ > 0 ? ";" : ":", findings[i].a->task, findings[i].unlike);
    fputc('.', out);
}

/* with several tasks the first line counts verdicts, and says what those counts leave out */
static void say_all(const struct mdp_compare_plan *plan, const struct mdp_finding *findings, int n, FILE *out) {
    int better = 0, worse = 0, equal = 0, few = 0, against = 0, curves = 0;
    long broken_a = 0, broken_b = 0, common = 0;
    for (int i = 0; i < n; i++) {
        const struct mdp_finding *f = &findings[i];
        equal += mdp_compare_is_equal(plan, f);
        few += mdp_compare_is_equal(plan, f) && falls_need(plan, f) > 0;
        curves += f->curve_a != NULL;
        common += f->n_common + (f->a->hash != 0 && f->a->hash == f->b->hash);
        broken_a += f->a->n_non_finite;
        broken_b += f->b->n_non_finite;
        against += is_contradicted(plan, f);
        better += is_decided(plan, f) && !is_contradicted(plan, f) && f->sign > 0;
        worse += is_decided(plan, f) && !is_contradicted(plan, f) && f->sign < 0;
    }
    if (curves > 0) fputs("Of these trained policies, by their last checkpoints: ", out);
    fprintf(out,
            "A is better than B on %d of %d tasks, worse on %d, and cannot be told apart on %d (Holm over the tasks, "
            "alpha %g).",
            better, n, worse, n - better - worse, plan->alpha);
    if (against > 0) fprintf(out, " On %d of them ranks and means surely point to different sides.", against);
    if (plan->margin > 0)
        fprintf(out,
                " Both are equal within %g, by ranks and by means, on %d of them (two one-sided tests, Holm over "
                "the tasks).",
                plan->margin, equal);
    if (few > 0)
        fprintf(out, " On %d of these, there are fewer episodes than would show falls that cost as much.", few);
    if (broken_a + broken_b > 0)
        fprintf(out, " %ld episodes of A and %ld of B stopped at a value that is not finite.", broken_a, broken_b);
    if (common > 0) fprintf(out, " Of A's files and runs %ld are on side B, too.", common);
    if (curves > 0) fputs(" One run a side says nothing about the training.", out);
    say_unlike(findings, n, out);
}

mdp_err mdp_compare_verdict(const struct mdp_compare_plan *plan, const struct mdp_finding *findings, int n,
                            char **verdict) {
    struct mdp_memstream memory;
    mdp_err err = mdp_memstream_open(&memory, "verdict");
    if (err != MDP_OK) return err;
    if (n == 1)
        say_one(plan, &findings[0], memory.stream);
    else
        say_all(plan, findings, n, memory.stream);
    err = mdp_memstream_close(&memory, MDP_OK);
    *verdict = memory.text;
    return err;
}
