/* what the paper prints, as data: numbers to stand beside ours.
 *
 * Source: arXiv 2506.03154v1 (19 May 2025), tables 1 to 3 and section 4.4; the abstract of a later manuscript of the
 * same title (OpenReview, TMLR submission 6331, 28 October 2025). a number that is not printed is NaN. */
#ifndef MDP_BENCH_EXPERIMENT_PRINTED_H
#define MDP_BENCH_EXPERIMENT_PRINTED_H

#include "base/names.h"

/* names of the printed tables that an experiment may show beside ours */
enum { MDP_PAPER_TABLE1, MDP_PAPER_TABLE2, MDP_PAPER_TABLE3, MDP_PAPER_COMPOSITION, MDP_PAPER_N_TABLES };

/** Returns the names of the tables, in their order. */
const struct mdp_names *mdp_paper_table_names(void);

/* a row of table 1 or 2: frozen pretrained guidance against joint training */
struct mdp_paper_gain {
    const char *task;
    int has_dagger; /* Mann-Whitney p below the caption's level */
    double peak_pct, auc_pct, early;
    double levene_f, levene_p; /* p as printed: 0 is "0.0000" */
};

/* a row of table 3: the variance of the reward over checkpoints */
struct mdp_paper_variance {
    double median, iqr, max, cv;
};

/* section 4.4: final normalized return, its +- (the paper does not say over what), and the head start of recombined
 * modules */
struct mdp_paper_composition {
    double hybrid, hybrid_spread, base, base_spread, faster_pct;
};

/** Returns the row of a task in table 1 or 2, NULL if it has none. Range: table MDP_PAPER_TABLE1 or MDP_PAPER_TABLE2.
 */
const struct mdp_paper_gain *mdp_paper_gain_of(int table, const char *task);

/** Returns the level of a table's dagger: 0.0001 or 0.05. */
double mdp_paper_dagger_level(int table);

/** Returns a printed table's number by its name, -1 for NULL or an unknown one. */
int mdp_paper_table_find(const char *name);

extern const struct mdp_paper_variance mdp_paper_same_guidance, mdp_paper_other_guidance, mdp_paper_reduction_pct;
extern const struct mdp_paper_composition mdp_paper_composition;

#endif
