/* what compare says: one sentence. */
#include "bench/compare/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memstream.h"
#include "stats/multiple.h"

/* ---- parts of sentences ---- */

static void say_p(double p, FILE *out) {
    if (p < 1e-4)
        fputs("p <1e-4", out);
    else
        fprintf(out, "p = %.4f", p);
}

/* a p, and what it counts for among all that the sentence claims, if people can tell both apart */
static void say_claim(const struct mdp_finding *f, enum mdp_claim claim, double p, FILE *out) {
    char alone[32], among[32];
    double adjusted = f->adjusted[claim];
    snprintf(alone, sizeof alone, "%.4f", p);
    snprintf(among, sizeof among, "%.4f", adjusted);
    say_p(p, out);
    if (!(adjusted > p) || adjusted < 1e-4 || strcmp(alone, among) == 0) return;
    fprintf(out, ", %s by Holm over %d claims", among, f->n_claims);
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
    const int is_run = strcmp(f->a->unit, "run") == 0, is_file = strcmp(f->a->unit, "file") == 0;
    if (mdp_facts_are_by_objective(&f->a->files[0].facts))
        return is_run    ? "area of a typical run's return by the objective"
               : is_file ? "mean return by the objective of a typical file"
                         : "return by the objective of a typical episode";
    if (is_run) return "area of a typical run's normalized return";
    return is_file ? "mean normalized return of a typical file" : "normalized return of a typical episode";
}

/* with one file or run a side, the sentence is about these two policies, not about how they were trained */
static void say_whom(const struct mdp_finding *f, FILE *out) {
    if (f->curve_a != NULL)
        fprintf(out, "Of these two trained policies, A %s and B %s: ", f->a->files[0].path, f->b->files[0].path);
}

/* ---- what ranks do not see ---- */

static int is_claimed(const struct mdp_compare_plan *plan, const struct mdp_finding *f, enum mdp_claim claim) {
    return mdp_adjust_rejects(f->adjusted[claim], plan->alpha) && !f->is_degenerate;
}

static int is_decided(const struct mdp_compare_plan *plan, const struct mdp_finding *f) {
    return is_claimed(plan, f, MDP_CLAIM_RANKS);
}

static int is_contradicted(const struct mdp_compare_plan *plan, const struct mdp_finding *f) {
    return is_decided(plan, f) && is_claimed(plan, f, MDP_CLAIM_MEANS) && f->ttest.diff * f->sign < 0;
}

int mdp_compare_winner(const struct mdp_compare_plan *plan, const struct mdp_finding *finding) {
    return is_decided(plan, finding) && !is_contradicted(plan, finding) ? finding->sign : 0;
}

/* a mean that surely differs where ranks do not tell, or that points the other way. of few or uneven values its test
 * is not vouched for, and only what was seen is said */
static void say_means(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    int is_sure = is_claimed(plan, f, MDP_CLAIM_MEANS), is_lower = f->ttest.diff < 0;
    const char *word = is_lower ? "lower" : "higher";
    double size = fabs(f->ttest.diff);
    if (is_decided(plan, f) ? f->ttest.diff * f->sign >= 0 : !is_sure) return;
    if (isnan(f->adjusted[MDP_CLAIM_MEANS])) {
        fprintf(out, "; the mean returns seen point the other way, A's %s by %.3f", word, size);
        return;
    }
    fprintf(out,
            is_sure ? "; but the mean return of A is %s by %.3f [%.3f, %.3f]"
                    : "; the mean returns seen point the other way, A's %s by %.3f [%.3f, %.3f], but not surely",
            word, size, is_lower ? -f->mean_high : f->mean_low, is_lower ? -f->mean_low : f->mean_high);
    fprintf(out, " (%s, ", f->is_paired ? "t of differences" : "Welch");
    say_claim(f, MDP_CLAIM_MEANS, f->mean_p, out);
    fputc(')', out);
}

static void say_spreads(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    const struct mdp_spread *s = &f->spread;
    if (!is_claimed(plan, f, MDP_CLAIM_SPREADS) || !(s->low > 1 || s->high < 1)) return;
    fprintf(out, "; A spreads %.3g times as much as B [%.3g, %.3g] (Brown-Forsythe, ", s->ratio, s->low, s->high);
    say_claim(f, MDP_CLAIM_SPREADS, f->levene.p, out);
    fputc(')', out);
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
    say_claim(f, MDP_CLAIM_RANKS, f->p, out);
    fprintf(out, ", n = %ld and %ld %ss)", f->n, f->m, f->a->unit);
}

static void say_undecided(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    fprintf(out, "Cannot tell A from B on %s%s: difference ", f->a->task, f->unlike);
    say_shift(f, f->shift, 0, out);
    fprintf(out, " (%s, ", test_name(f));
    say_claim(f, MDP_CLAIM_RANKS, f->p, out);
    fprintf(out, ", n = %ld and %ld %ss)", f->n, f->m, f->a->unit);
    if (isinf(f->location.mde))
        fprintf(out, "; no p below %.3g can come of so few values, whatever the difference", f->smallest_p);
    else
        fprintf(out, "; %.3f would have been found with %.0f %% power", f->location.mde, 100 * plan->power);
    if (isfinite(f->location.n_needed)) fprintf(out, "; the one seen needs n = %.0f", f->location.n_needed);
}

int mdp_compare_is_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *f) {
    return plan->margin > 0 && mdp_adjust_rejects(f->equality_holm, plan->alpha);
}

static void say_part(const struct mdp_equality_part *part, FILE *out) {
    fprintf(out, "%.4f [%.4f, %.4f] (%s, ", part->difference, part->low, part->high, part->name);
    say_p(part->p, out);
    fputc(')', out);
}

/* what can take from a mean without being seen */
static const char *failures_of(const struct mdp_finding *f) {
    return strcmp(f->a->unit, "run") == 0    ? "runs that fail"
           : strcmp(f->a->unit, "file") == 0 ? "files that fail"
                                             : "falls";
}

/* ranks, means, and what so few values need not show; what the test of a difference found is said beside it */
static void say_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    const struct mdp_equality *e = &f->equality;
    fprintf(out, "A and B are equal within %g on %s%s, by ranks: difference ", plan->margin, f->a->task, f->unlike);
    say_part(&e->parts[MDP_EQUALITY_RANKS], out);
    fputs(", by means: ", out);
    say_part(&e->parts[MDP_EQUALITY_MEANS], out);
    fprintf(out, ", and a loss of as much by unseen %s is excluded (", failures_of(f));
    say_p(e->p_unseen, out);
    fprintf(out, "); two one-sided tests each, level %g, n = %ld and %ld %ss; %s (", 1 - 2 * plan->alpha, f->n, f->m,
            f->a->unit, is_decided(plan, f) ? "a difference within it is seen" : "no difference is seen");
    say_claim(f, MDP_CLAIM_RANKS, f->p, out);
    fputc(')', out);
}

/* --worst is an assumption, which one lower value refutes */
static int say_refuted(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    const struct mdp_compare_sample *sides[2] = {f->a, f->b}, *lower = NULL;
    double least = plan->worst;
    long k = 0;
    for (int s = 0; s < 2; s++)
        for (long i = 0; i < sides[s]->n; i++) {
            if (!(sides[s]->values[i] < least)) continue;
            least = sides[s]->values[i];
            lower = sides[s];
            k = i;
        }
    if (lower == NULL) return 0;
    fprintf(out, "; %s", lower->files[lower->n_files == lower->n ? k : 0].path);
    if (strcmp(lower->unit, "episode") == 0) fprintf(out, ", episode %llu,", (unsigned long long)lower->minor[k]);
    fprintf(out, " has %.6g, below the --worst of %g, so that what a failure can take is not known: give a lower one",
            least, plan->worst);
    return 1;
}

/* what is left of an equality that the tests of ranks and means grant, and what one that they do not would need besides
 */
static void say_unseen(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    const struct mdp_equality *e = &f->equality;
    double n = e->n_needed;
    if (isinf(n)) {
        if (say_refuted(plan, f, out)) return;
        fprintf(out, "; a mean is no higher than what a failure has, %g: give a lower --worst", plan->worst);
        return;
    }
    double p = e->p_tests <= plan->alpha ? e->p_unseen : e->p_rarest;
    if (!(p > plan->alpha)) return;
    fprintf(out, "; a loss of as much by %s that so few %ss need not show is not excluded (", failures_of(f),
            f->a->unit);
    say_p(p, out);
    fputc(')', out);
    if (n < 1e9) fprintf(out, ", which needs about n = %.0f", n);
}

/* says which of the tests failed */
static void say_not_equal(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    static const char *const by[MDP_N_EQUALITIES] = {"ranks", "means"};
    if (f->is_lopsided) {
        fprintf(out, "; equality is not tested: %ld against %ld %ss do not show rare losses", f->n, f->m, f->a->unit);
        return;
    }
    fprintf(out, "; equality within %g is not shown", plan->margin);
    for (int i = 0; i < MDP_N_EQUALITIES; i++) {
        const struct mdp_equality_part *part = &f->equality.parts[i];
        fprintf(out, "%s by %s %s", i > 0 ? "," : ":", by[i], part->p <= plan->alpha ? "it holds, " : "it does not, ");
        say_part(part, out);
    }
    say_unseen(plan, f, out);
    if (f->equality.p <= plan->alpha) {
        fputs("; all hold, but not over the tasks, ", out);
        say_p(f->equality_holm, out);
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
    if (a->n == 1 && b->n == 1) {
        fputs("; each run has one evaluated checkpoint and so no curve", out);
    } else if (a->steps_hash == b->steps_hash) {
        for (long i = 0; i < a->n; i++) sum += (a->values[i] - b->values[i]) / (double)a->n;
        if (memcmp(a->values, b->values, (size_t)a->n * sizeof *a->values) == 0)
            fputs("; both curves are the same", out);
        else
            fprintf(out, "; A's curve lies %s B's by %.3f on average of %ld checkpoints", sum < 0 ? "below" : "above",
                    fabs(sum), a->n);
    } else {
        fputs("; the curves have other steps", out);
    }
    fprintf(out, ", %s one run a side says nothing about the training", a->n == 1 && b->n == 1 ? "and" : "but");
}

/* the answer comes first, then all that would mislead a reader who stopped there */
static void say_one(const struct mdp_compare_plan *plan, const struct mdp_finding *f, FILE *out) {
    say_whom(f, out);
    if (f->is_degenerate)
        say_same(f, out);
    else if (mdp_compare_is_equal(plan, f))
        say_equal(plan, f, out);
    else if (is_decided(plan, f))
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
        few += plan->margin > 0 && !f->is_lopsided && f->equality.p_tests <= plan->alpha &&
               f->equality.p_unseen > plan->alpha;
        curves += f->curve_a != NULL;
        common += f->n_common + (f->a->hash != 0 && f->a->hash == f->b->hash);
        broken_a += f->a->n_non_finite;
        broken_b += f->b->n_non_finite;
        against += is_contradicted(plan, f);
        better += mdp_compare_winner(plan, f) > 0;
        worse += mdp_compare_winner(plan, f) < 0;
    }
    if (curves > 0) fputs("Of these trained policies, by their last checkpoints: ", out);
    fprintf(out,
            "A is better than B on %d of %d tasks, worse on %d, and cannot be told apart on %d (Holm over %s, "
            "alpha %g).",
            better, n, worse, n - better - worse - against,
            findings[0].n_claims > n ? "ranks and means of all tasks" : "the tasks", plan->alpha);
    if (against > 0) fprintf(out, " On %d, ranks and means surely point to different sides.", against);
    if (plan->margin > 0)
        fprintf(out,
                " Both are equal within %g, by ranks, by means and without unseen losses, on %d of them (two one-sided "
                "tests, Holm over the tasks).",
                plan->margin, equal);
    if (few > 0)
        fprintf(out, " On %d, the tests hold, but so few values need not show failures that cost as much.", few);
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
