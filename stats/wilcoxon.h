/* Wilcoxon's signed ranks: does x exceed y in pairs, such as the same episode seed under two policies?
 *
 * Source: Wilcoxon 1945; Pratt 1959; Kerby 2014 (matched rank-biserial); Hodges & Lehmann 1963;
 * docs/statistics.md, Wilcoxon. */
#ifndef MDP_STATS_WILCOXON_H
#define MDP_STATS_WILCOXON_H

#include "base/err.h"
#include "stats/check.h"
#include "stats/inversion.h"
#include "stats/pvalue.h"

/* non-zero pairs up to which AUTO is exact; pairs, zeros included, up to which EXACT is accepted */
enum { MDP_WILCOXON_AUTO_PAIRS = 200, MDP_WILCOXON_MOST_PAIRS = 1000 };

enum mdp_wilcoxon_method { MDP_WILCOXON_AUTO, MDP_WILCOXON_EXACT, MDP_WILCOXON_ASYMPTOTIC };

/* zeroed fields take their defaults */
struct mdp_wilcoxon_plan {
    enum mdp_wilcoxon_method method;
    double level;     /* of the interval of the pseudomedian; 0: 0.95 */
    double shift;     /* is added to every x, e.g. a margin */
    double anchor;    /* the pseudomedian at which interval and test have to agree, e.g. minus a margin */
    int is_by_sides;  /* each end by a one-sided test at (1 - level) / 2, as margins ask; else both by p.two */
    int is_test_only; /* no interval: its ends are NaN */
    double rounding;  /* rounding that differences carry besides their operands' own: mdp_score_rounding, or 0 */
};

/* the statistics by one of the two ways to treat differences that are 0 */
struct mdp_signed_ranks {
    double w_plus, w_minus; /* sums of the midranks of positive and negative differences */
    struct mdp_z asym, asym_cc;
};

/* greater: x tends to be larger */
struct mdp_wilcoxon {
    long n, n_zero;
    struct mdp_signed_ranks wilcox;  /* zeros dropped, then ranked */
    struct mdp_signed_ranks pratt;   /* ranked, then zeros dropped */
    struct mdp_p exact;              /* exact p of wilcox, given the ties; NaN if not run */
    enum mdp_wilcoxon_method method; /* the one that ran, never AUTO: exact, or wilcox.asym_cc */
    struct mdp_p p;                  /* of that method */
    double smallest_p;               /* smallest two-sided p that this many non-zero pairs can reach */
    double rank_biserial_matched;    /* (w_plus - w_minus) / (w_plus + w_minus), zeros dropped */
    double hl_pseudomedian;          /* median of (d_i + d_j) / 2, i <= j, over all differences */
    struct mdp_shift_interval hl;    /* of the pseudomedian: it leaves out 0 exactly where p.two <= 1 - level */
    int has_ties;                    /* among the sizes of non-zero differences */
    int is_degenerate;               /* all differences are 0: p is 1 */
};

/** Tests paired samples. Nullable: plan. Errors: EMPTY, SHAPE, NAN, INF, DOMAIN (level, or EXACT beyond
 * MDP_WILCOXON_MOST_PAIRS), NOMEM. */
mdp_err mdp_wilcoxon_compute(const struct mdp_sample *x, const struct mdp_sample *y,
                             const struct mdp_wilcoxon_plan *plan, struct mdp_wilcoxon *out);

/** Returns a method's name as reports show it, e.g. "exact"; borrowed. */
const char *mdp_wilcoxon_method_name(enum mdp_wilcoxon_method method);

#endif
