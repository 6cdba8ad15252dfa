/* bootstrap of rows that come in clusters: states of an episode, whose returns share their future.
 *
 * a replicate draws as many clusters as there are, with replacement, and takes all rows of each; rows drawn alone would
 * make intervals far too narrow. draws and intervals are those of stats/bootstrap.h. Source: Field & Welsh 2007;
 * docs/statistics.md, association. */
#ifndef MDP_STATS_CLUSTER_H
#define MDP_STATS_CLUSTER_H

#include "stats/association.h"
#include "stats/bootstrap.h"

/* which cluster each of n rows belongs to; clusters without rows are not drawn */
struct mdp_clusters {
    long n, n_clusters;
    const long *cluster; /* [n], 0 .. n_clusters - 1 */
};

/* a mean over all rows */
struct mdp_cluster_mean {
    struct mdp_interval mean; /* ends NaN with one cluster */
    long n, n_clusters;       /* those with rows */
    int has_few; /* below MDP_BOOTSTRAP_FEW_RUNS clusters: Student's interval, as percentiles are too narrow */
};

/* pairs of predictions x and outcomes y; ends are NaN with one cluster, or where a replicate is undefined */
struct mdp_cluster_association {
    struct mdp_association whole;
    struct mdp_interval bias, slope, spearman;
    long n_clusters; /* those with rows */
    int has_few;
};

/** Computes a mean with its interval, of few clusters Student's, else percentile; of the plan seed, replicates, level
 * and threads count. Shapes: values [clusters->n]. Errors: EMPTY, NAN, INF, DOMAIN for a cluster out of range, NOMEM.
 */
mdp_err mdp_cluster_mean_compute(const double *values, const struct mdp_clusters *clusters,
                                 const struct mdp_bootstrap_plan *plan, struct mdp_cluster_mean *out);

/** Describes pairs, with the same intervals. Errors: as above, SHAPE, TOO_FEW below 2 pairs. */
mdp_err mdp_cluster_associate(const struct mdp_sample *x, const struct mdp_sample *y,
                              const struct mdp_clusters *clusters, const struct mdp_bootstrap_plan *plan,
                              struct mdp_cluster_association *out);

#endif
