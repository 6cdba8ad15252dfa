/* compare: what follows from the data of two sides, for every kind of outcome. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "bench/compare/compare.h"
#include "bench/compare/report.h"
#include "bench/compare/verdict.h"
#include "tests/tap.h"

enum { N_MAX = 64 };

static const struct mdp_compare_plan plan = {.alpha = 0.05, .power = 0.8, .mark = ""};

/* episodes with keys 0 .. n - 1, from a key on */
static struct mdp_compare_sample sample_of(const char *task, double *values, long n, uint64_t first) {
    struct mdp_compare_sample sample = {.unit = "episode", .n = n, .values = values};
    snprintf(sample.task, sizeof sample.task, "%s", task);
    sample.n_files = 1;
    sample.files = calloc(1, sizeof *sample.files);
    sample.major = calloc((size_t)n, sizeof *sample.major);
    sample.minor = calloc((size_t)n, sizeof *sample.minor);
    CHECK(sample.files != NULL && sample.major != NULL && sample.minor != NULL);
    for (long i = 0; i < n; i++) sample.minor[i] = first + (uint64_t)i;
    return sample;
}

static void free_keys(struct mdp_compare_sample *sample) {
    free(sample->major);
    free(sample->minor);
    free(sample->files);
}

/* the finding of one task, planned as one of `n_tasks`; of none: what it could have shown is not asked */
static struct mdp_finding find(double *x, long n, double *y, long m, int is_paired, int n_tasks) {
    struct mdp_compare_sample a = sample_of("t", x, n, 0), b = sample_of("t", y, m, is_paired ? 0 : 1000);
    struct mdp_finding found;
    CHECK_OK(mdp_finding_examine(&a, &b, &found));
    CHECK_INT(found.is_paired, is_paired);
    /* other tasks are equal to this one */
    struct mdp_finding all[3] = {found, found, found};
    if (n_tasks > 0) {
        CHECK_OK(mdp_findings_conclude(&plan, all, n_tasks));
        found = all[0];
    }
    free_keys(&a);
    free_keys(&b);
    return found;
}

static void fill(double *values, long n, double center, double spread, unsigned salt) {
    for (long i = 0; i < n; i++) values[i] = center + spread * sin(1.7 * (double)i + salt);
}

/* decided tests say nothing of what they could have shown; each undecided one does */
static void test_outlooks(void) {
    double x[N_MAX], y[N_MAX];
    fill(x, 20, 0.5, 0.1, 1);
    fill(y, 20, 0.49, 0.1, 5);
    struct mdp_finding f = find(x, 20, y, 20, 0, 1);
    CHECK(f.adjusted[MDP_CLAIM_RANKS] > 0.05 && f.location.mde > 0.05 && f.location.mde < 0.1);
    CHECK(f.location.n_needed > 20 && f.superiority.mde > 0.7 && f.superiority.mde < 0.8);
    CHECK(f.superiority.n_needed > 20 && f.spreads.mde > 1.2 && f.spreads.n_needed > 20);
    /* of three claims, ranks start at 0.8 of the level */
    CHECK(f.means.mde < f.location.mde && f.means.n_needed > 20);
    fill(x, 20, 0.9, 0.1, 1);
    f = find(x, 20, y, 20, 0, 1);
    CHECK(f.adjusted[MDP_CLAIM_RANKS] <= 0.05 && isnan(f.location.mde) && isnan(f.location.n_needed));
    CHECK(isnan(f.means.mde) && isnan(f.superiority.mde) && f.spreads.mde > 1.2);
    fill(x, 20, 0.5, 0.1, 1);
    f = find(x, 20, y, 20, 1, 1);
    CHECK(f.is_paired && f.location.mde > 0 && isnan(f.superiority.mde));
}

/* the difference that is said to be found with 80 % power is found in about 80 % of repetitions */
static void test_mde_is_found(void) {
    enum { N = 15, N_ROUNDS = 500 };
    double x[N], y[N];
    int n_found = 0;
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_INIT, round, 0);
        float draws[2 * N];
        mdp_rng_normal(&rng, draws, 2 * N);
        /* of 15 against 15 the t test at 0.8 of 0.05 finds 1.0991 sd; Mann-Whitney needs about 1 / 0.955 as many values
         * for the same */
        for (int i = 0; i < N; i++) {
            x[i] = (double)draws[i] + 1.0991;
            y[i] = (double)draws[N + i];
        }
        struct mdp_finding f = find(x, N, y, N, 0, 0);
        n_found += f.p <= 0.04;
    }
    for (int i = 0; i < N; i++) x[i] = y[i];
    struct mdp_finding f = find(x, N, y, N, 0, 1);
    CHECK_CLOSE(f.location.mde / f.ttest.sd_average, 1.0991, 0.005);
    CHECK_CLOSE((double)n_found / N_ROUNDS, 0.78, 0.06);
}

/* nothing can come of 3 against 3: 2 / C(6, 3) = 0.1. n needed: the z of that p, 1.6449, grows to 1.9600 + 0.8416 */
static void test_too_few_to_decide(void) {
    double x[] = {5, 6, 7}, y[] = {1, 2, 3};
    struct mdp_finding f = find(x, 3, y, 3, 0, 1);
    CHECK_CLOSE(f.smallest_p, 0.1, 1e-15);
    CHECK(isinf(f.location.mde) && f.location.n_needed == 9);
    /* as one of two tasks at 0.025: 2.2414 + 0.8416 */
    f = find(x, 3, y, 3, 0, 2);
    CHECK(f.location.n_needed == 11);
    /* pairs: p = 2 / 2^3, whose z is 1.1503 */
    f = find(x, 3, y, 3, 1, 1);
    CHECK(isinf(f.location.mde) && f.location.n_needed == 18);
}

/* equal means: no number of episodes shows the difference seen */
static void test_no_difference(void) {
    double x[] = {1, 2, 3, 4, 5, 6, 7, 8}, y[] = {8, 7, 6, 5, 4, 3, 2, 1}, flat[] = {2, 2, 2, 2};
    struct mdp_finding f = find(x, 8, y, 8, 1, 1);
    CHECK(f.adjusted[MDP_CLAIM_RANKS] == 1 && isinf(f.location.n_needed) && f.location.mde > 0 &&
          isinf(f.means.n_needed));
    f = find(flat, 4, flat, 4, 0, 1);
    CHECK(f.is_degenerate && isinf(f.location.n_needed) && f.means.mde == 0 && isnan(f.spreads.mde));
    f = find(flat, 4, flat, 4, 1, 1);
    CHECK(f.is_degenerate && isinf(f.location.n_needed));
}

static char *report(struct mdp_finding *findings, int n, enum mdp_table_format format, char **verdict) {
    struct mdp_table *table;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_compare_verdict(&plan, findings, n, verdict));
    CHECK_OK(mdp_compare_report(*verdict, findings, n, &table));
    CHECK_OK(mdp_table_write(table, format, stream));
    fclose(stream);
    mdp_table_free(table);
    return text;
}

static void test_report(void) {
    double x[] = {5, 6, 7, 7}, y[] = {1, 2, 3, 8};
    char *verdict, *text;
    struct mdp_compare_sample a = sample_of("t", x, 3, 0), b = sample_of("t", y, 3, 9);
    struct mdp_finding f;
    CHECK_OK(mdp_finding_examine(&a, &b, &f));
    CHECK_OK(mdp_findings_conclude(&plan, &f, 1));
    text = report(&f, 1, MDP_TABLE_CSV, &verdict);
    CHECK(strstr(verdict,
                 "no p below 0.1 can come of so few values, whatever the difference; the one seen needs n = 9."));
    CHECK(strstr(text, "task,unit,n_a,n_b,test,method,statistic,df,p,log10_p,p_holm,effect,size,size_lo,size_hi,mde,"
                       "n_needed\n"));
    CHECK(strstr(text, "t,episode,3,3,Mann-Whitney,exact,9,,0.1"));
    free(text);
    free(verdict);
    text = report(&f, 1, MDP_TABLE_TEXT, &verdict);
    CHECK(strstr(text, "p two-sided") && strstr(text, "none         9"));
    free(text);
    free(verdict);
    free_keys(&a);
    free_keys(&b);
    /* ties are named */
    a = sample_of("t", x, 4, 0);
    b = sample_of("t", y, 4, 9);
    x[0] = y[0];
    CHECK_OK(mdp_finding_examine(&a, &b, &f));
    CHECK_OK(mdp_findings_conclude(&plan, &f, 1));
    text = report(&f, 1, MDP_TABLE_CSV, &verdict);
    CHECK(strstr(text, "Mann-Whitney,\"exact, ties\","));
    free(text);
    free(verdict);
    free_keys(&a);
    free_keys(&b);
}

/* some episodes in common make no pairs, and that is said */
static void test_shared(void) {
    double x[20], y[20];
    char *verdict, *text;
    fill(x, 20, 0.5, 0.1, 1);
    fill(y, 20, 0.5, 0.1, 5);
    struct mdp_compare_sample a = sample_of("t", x, 20, 0), b = sample_of("t", y, 20, 13);
    struct mdp_finding f;
    CHECK_OK(mdp_finding_examine(&a, &b, &f));
    CHECK(!f.is_paired && f.n_shared == 7);
    CHECK_OK(mdp_findings_conclude(&plan, &f, 1));
    text = report(&f, 1, MDP_TABLE_TEXT, &verdict);
    CHECK(strstr(verdict, "; 7 episodes are common to both sides: equal sets would be compared as pairs."));
    free(text);
    free(verdict);
    for (int i = 0; i < 20; i++) b.major[i] = 1;
    CHECK_OK(mdp_finding_examine(&a, &b, &f));
    CHECK(!f.is_paired && f.n_shared == 0);
    free_keys(&a);
    free_keys(&b);
}

/* three tasks at once: only what Holm leaves counts, tasks of one side alone do not */
static void test_tasks(void) {
    double x[3][N_MAX], y[3][N_MAX];
    struct mdp_compare_sample of_a[3], of_b[3];
    static const char *const names[3] = {"u", "v", "w"};
    static const double shift[3] = {0.5, -0.5, 0.01};
    for (int t = 0; t < 3; t++) {
        fill(x[t], 20, 0.5 + shift[t], 0.1, 1);
        fill(y[t], 20, 0.5, 0.1, 5);
        of_a[t] = sample_of(names[t], x[t], 20, 0);
        of_b[t] = sample_of(names[2 - t], y[t], 20, 500);
    }
    static struct mdp_compare_side a = {.n = 3}, b = {.n = 3}, one = {.n = 1}, other = {.n = 1};
    a.samples = other.samples = of_a;
    b.samples = one.samples = of_b;
    char *verdict;
    struct mdp_table *table;
    CHECK_OK(mdp_compare(&plan, &a, &b, &verdict, &table));
    CHECK_STR(verdict, "A is better than B on 1 of 3 tasks, worse on 1, and cannot be told apart on 1 (Holm over ranks "
                       "and means of all tasks, alpha 0.05).");
    mdp_table_free(table);
    free(verdict);
    const struct mdp_compare_plan within = {.alpha = 0.05, .power = 0.8, .margin = 0.3, .mark = ""};
    CHECK_OK(mdp_compare(&within, &a, &b, &verdict, &table));
    CHECK(
        strstr(verdict,
               " Both are equal within 0.3, by ranks, by means and without unseen losses, on 1 of them (two one-sided "
               "tests, Holm over the tasks).") != NULL);
    CHECK(strstr(verdict, "need not show") == NULL); /* a fall costs 0.5 of them: six would show it */
    mdp_table_free(table);
    free(verdict);
    struct mdp_compare_side few = {.n = 2, .samples = of_b + 1};
    CHECK_OK(mdp_compare(&plan, &a, &few, &verdict, &table));
    CHECK(strstr(verdict, " and cannot be told apart on 0 (Holm") != NULL);
    CHECK(strstr(verdict, "alpha 0.05). w of A alone: not compared.") != NULL);
    mdp_table_free(table);
    free(verdict);
    CHECK_FAILS(mdp_compare(&plan, &one, &other, &verdict, &table), MDP_E_DATA,
                "expected a task that both sides have, found w in A and u in B");
    CHECK(verdict == NULL && table == NULL);
    of_b[2].n = 1;
    CHECK_FAILS(mdp_compare(&plan, &a, &b, &verdict, &table), MDP_E_DATA,
                "TOO_FEW: u: expected at least 2 episodes a side, found 20 in A and 1 in B");
    of_b[2].n = 20;
    y[2][3] = NAN;
    CHECK_FAILS(mdp_compare(&plan, &a, &b, &verdict, &table), MDP_E_DATA, "NAN: B");
    y[2][3] = -INFINITY;
    CHECK_FAILS(mdp_compare(&plan, &a, &b, &verdict, &table), MDP_E_DATA, "INF: B");
    for (int t = 0; t < 3; t++) {
        free_keys(&of_a[t]);
        free_keys(&of_b[t]);
    }
}

/* what a failed episode has, in the next verdicts */
static double worst = 0;

static char *verdict_of(double *x, double *y, long n, int is_paired, double margin, struct mdp_finding *found) {
    struct mdp_compare_sample a = sample_of("t", x, n, 0), b = sample_of("t", y, n, is_paired ? 0 : 1000);

    struct mdp_compare_plan asked = plan;
    char *verdict;
    strcpy(a.files[0].path, "low.h5");
    strcpy(b.files[0].path, "other.h5");
    asked.margin = margin;
    asked.worst = worst;
    CHECK_OK(mdp_finding_examine(&a, &b, found));
    CHECK_OK(mdp_findings_conclude(&asked, found, 1));
    CHECK_OK(mdp_compare_verdict(&asked, found, 1, &verdict));
    free_keys(&a);
    free_keys(&b);
    return verdict;
}

/* alike values say nothing about falls that none of them shows: 0.03 of 0.5 takes 49 episodes to see, 0.2 takes 6 */
static void test_equal_tasks_of_few(void) {
    static const char *const names[2] = {"u", "v"};
    double x[2][20], y[2][20];
    struct mdp_compare_sample of_a[2], of_b[2];
    struct mdp_compare_side a = {.n = 2, .samples = of_a}, b = {.n = 2, .samples = of_b};
    struct mdp_table *table;
    char *verdict;
    for (int t = 0; t < 2; t++) {
        fill(x[t], 20, 0.502, 0.02, 1);
        fill(y[t], 20, 0.5, 0.02, 5);
        of_a[t] = sample_of(names[t], x[t], 20, 0);
        of_b[t] = sample_of(names[t], y[t], 20, 500);
    }
    for (int i = 0; i < 2; i++) {
        const struct mdp_compare_plan within = {.alpha = 0.05, .power = 0.8, .margin = i == 0 ? 0.03 : 0.2, .mark = ""};
        CHECK_OK(mdp_compare(&within, &a, &b, &verdict, &table));
        CHECK(strstr(verdict, i == 0 ? "unseen losses, on 0 of them" : "unseen losses, on 2 of them") != NULL);
        CHECK((strstr(verdict, " On 2, the tests hold, but so few values need not show failures that cost as much.") !=
               NULL) == (i == 0));
        mdp_table_free(table);
        free(verdict);
    }
    for (int t = 0; t < 2; t++) {
        free_keys(&of_a[t]);
        free_keys(&of_b[t]);
    }
}

/* pairs that differ by -0.01, 0.00, 0.01 and so on around `shift`; the t test of 9 such differences by hand: their
 * standard error is 0.01 sqrt(60 / 8) / 3 */
static void test_equality(void) {
    double x[9], y[9];
    struct mdp_finding f;
    for (int i = 0; i < 9; i++) {
        y[i] = 10 + 0.0001 * i;
        x[i] = y[i] + 0.01 * (i - 4);
    }
    char *verdict = verdict_of(x, y, 9, 1, 0.03, &f);
    const struct mdp_equality_part *mean = &f.equality.parts[MDP_EQUALITY_MEANS];
    double error = 0.01 * sqrt(7.5) / 3;
    CHECK_CLOSE(mean->difference, 0, 1e-15);
    /* the 0.95 quantile of t with 8 degrees of freedom is 1.859548; P(T > 0.03 / error = 3.2863) = 0.00554124271 by
     * quadrature */
    CHECK_CLOSE(mean->high, 1.8595480375308981 * error, 1e-12);
    CHECK_CLOSE(mean->low, -mean->high, 1e-15);
    CHECK_CLOSE(mean->p, 0.00554124271, 1e-10);
    CHECK(strstr(verdict, "Cannot tell A from B") != NULL);
    CHECK(strstr(verdict, "by ranks it holds, 0.0000 [") != NULL &&
          strstr(verdict, "by means it holds, 0.0000 [") != NULL);
    /* the largest value is 10.0408: ln 0.05 / ln(1 - 0.03 / 10.0408) = 1001.2 */
    CHECK_CLOSE(f.equality.p_rarest, pow(1 - 0.03 / 10.0408, 9), 1e-12);
    CHECK(strstr(verdict, "a loss of as much by falls that so few episodes need not show is not excluded (p = 0.9") !=
          NULL);
    CHECK(strstr(verdict, "), which needs about n = 1002.") != NULL);
    free(verdict);
    /* where a failure still has most of it, nine are enough: (1 - 0.05 / 0.0808)^9 = 2e-4 */
    worst = 9.96;
    verdict = verdict_of(x, y, 9, 1, 0.05, &f);
    CHECK_CLOSE(f.equality.p_rarest, pow(1 - 0.05 / 0.0808, 9), 1e-9);
    CHECK(strstr(verdict, "A and B are equal within 0.05 on t, by ranks: difference 0.0000 [") != NULL);
    CHECK(strstr(verdict, "a loss of as much by unseen falls is excluded (p = 0.0") != NULL);
    CHECK(strstr(verdict, "no difference is seen (p = ") != NULL);
    free(verdict);
    worst = 100;
    verdict = verdict_of(x, y, 9, 1, 0.03, &f);
    CHECK(strstr(verdict,
                 "; low.h5, episode 0, has 9.96, below the --worst of 100, so that what a failure can take is not "
                 "known: give a lower one") != NULL);
    CHECK(f.equality.p == 1);
    free(verdict);
    /* one of 18 is enough */
    worst = 9.965;
    verdict = verdict_of(x, y, 9, 1, 0.05, &f);
    CHECK(strstr(verdict, "Cannot tell A from B") != NULL && strstr(verdict, "has 9.96, below the --worst") != NULL);
    free(verdict);
    worst = 0;
    /* a margin that the interval passes, and sides changed */
    verdict = verdict_of(x, y, 9, 1, 0.01, &f);
    double p = f.equality.parts[MDP_EQUALITY_MEANS].p;
    CHECK(p > 0.05 && strstr(verdict, "Cannot tell A from B") != NULL);
    CHECK(strstr(verdict, "; equality within 0.01 is not shown: by ranks ") != NULL);
    free(verdict);
    free(verdict_of(y, x, 9, 1, 0.01, &f));
    CHECK_CLOSE(f.equality.parts[MDP_EQUALITY_MEANS].p, p, 1e-12);
}

/* a difference may be certain and still lie within the margin; not of pairs, it may be hidden by the spread */
static void test_equal_but_different(void) {
    double x[12], y[12];
    struct mdp_finding f;
    for (int i = 0; i < 12; i++) {
        y[i] = 5 + 0.001 * i;
        x[i] = y[i] + 0.01 + 0.0001 * i;
    }
    worst = 4.99;
    char *verdict = verdict_of(x, y, 12, 1, 0.02, &f);
    CHECK(strstr(verdict, "A and B are equal within 0.02") != NULL);
    CHECK(strstr(verdict, "a difference within it is seen (p = 0.0005)") != NULL);
    worst = 0;
    free(verdict);
    for (int i = 0; i < 12; i++) {
        y[i] = i;
        x[i] = y[i] + 0.01 + 0.0001 * i;
    }
    verdict = verdict_of(x, y, 12, 0, 0.02, &f);
    CHECK(f.equality.parts[MDP_EQUALITY_RANKS].p > 0.05 && f.equality.parts[MDP_EQUALITY_MEANS].p > 0.05);
    CHECK(strstr(verdict, "equality within 0.02 is not shown") != NULL);
    free(verdict);
}

/* three claims of one sentence, by hand: ranks start at 8 of 10 parts of the level. the means of A lie 0.5 higher by
 * two values, which the ranks do not see */
static void test_claims(void) {
    double x[20], y[20];
    struct mdp_finding f;
    fill(x, 20, 0.5, 0.01, 1);
    fill(y, 20, 0.5, 0.01, 5);
    char *verdict = verdict_of(x, y, 20, 0, 0, &f);
    CHECK_INT(f.n_claims, 3);
    CHECK_CLOSE(f.level_share, 0.8, 1e-15);
    free(verdict);
    for (int i = 0; i < 3; i++) x[i] = 0;
    verdict = verdict_of(x, y, 20, 0, 0, &f);
    CHECK(f.mean_p > 0.05 && f.mean_p < 0.1 && f.adjusted[MDP_CLAIM_MEANS] > 0.5);
    CHECK(strstr(verdict, "mean return") == NULL);
    free(verdict);
    /* a mean that is decided at its tenth of the level is named beside ranks that tell nothing, with both its p */
    for (int i = 0; i < 20; i++) x[i] = i % 3 == 0 ? 0.2 : y[i] + 0.001 * (i % 2);
    verdict = verdict_of(x, y, 20, 0, 0, &f);
    CHECK(f.adjusted[MDP_CLAIM_RANKS] > 0.05 && f.adjusted[MDP_CLAIM_MEANS] > f.mean_p);
    CHECK(strstr(verdict, "Cannot tell A from B") != NULL &&
          strstr(verdict, "; but the mean return of A is lower by 0.1"));
    CHECK(strstr(verdict, " by Holm over 3 claims)") != NULL);
    free(verdict);
    /* fewer than ten values, or more than twice as many on a side, vouch for ranks alone */
    verdict = verdict_of(x, y, 9, 0, 0, &f);
    CHECK(f.n_claims == 1 && f.adjusted[MDP_CLAIM_RANKS] == f.p && isnan(f.adjusted[MDP_CLAIM_MEANS]));
    free(verdict);
}

/* 25 against 200: what a gate refuses is no equality here either */
static void test_uneven(void) {
    double x[200];
    fill(x, 200, 0.9, 0.001, 1);
    struct mdp_compare_sample a = sample_of("t", x, 25, 0), b = sample_of("t", x, 200, 1000);
    struct mdp_compare_plan asked = plan;
    struct mdp_finding f;
    char *verdict;
    asked.margin = 0.3;
    CHECK_OK(mdp_finding_examine(&a, &b, &f));
    CHECK_OK(mdp_findings_conclude(&asked, &f, 1));
    CHECK_OK(mdp_compare_verdict(&asked, &f, 1, &verdict));
    CHECK(strstr(verdict, "equality is not tested: 25 against 200 episodes do not show rare losses") != NULL);
    free(verdict);
    free_keys(&a);
    free_keys(&b);
}

/* 12 of 20 values equal those of the other side and 8 lie far above: no median difference, and yet a direction */
static void test_direction_of_ties(void) {
    double x[24], y[24];
    struct mdp_finding f;
    for (int i = 0; i < 20; i++) {
        y[i] = 0.3;
        x[i] = i < 12 ? 0.3 : 0.9;
    }
    char *verdict = verdict_of(x, y, 20, 0, 0, &f);
    CHECK(f.p < 0.01 && fabs(f.shift) < 1e-12 && f.sign == 1);
    CHECK(strstr(verdict, "A tends to be better than B on t: rank-biserial correlation 0.40") != NULL);
    free(verdict);
    verdict = verdict_of(y, x, 20, 0, 0, &f);
    CHECK(strstr(verdict, "A tends to be worse than B on t: rank-biserial correlation -0.40") != NULL);
    free(verdict);
    for (int i = 0; i < 24; i++) {
        y[i] = 0.1 * i;
        x[i] = y[i] + (i < 17 ? 0 : 0.01 * i);
    }
    verdict = verdict_of(x, y, 24, 1, 0, &f);
    CHECK(f.p < 0.02 && f.shift == 0 && f.sign == 1);
    CHECK(strstr(verdict, "A tends to be better than B on t: rank-biserial correlation 1.00") != NULL);
    free(verdict);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_outlooks),
        TAP_TEST(test_mde_is_found),
        TAP_TEST(test_too_few_to_decide),
        TAP_TEST(test_no_difference),
        TAP_TEST(test_report),
        TAP_TEST(test_shared),
        TAP_TEST(test_tasks),
        TAP_TEST(test_equal_tasks_of_few),
        TAP_TEST(test_equality),
        TAP_TEST(test_equal_but_different),
        TAP_TEST(test_claims),
        TAP_TEST(test_uneven),
        TAP_TEST(test_direction_of_ties),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
