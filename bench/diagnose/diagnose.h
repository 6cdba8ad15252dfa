/* how well guidance and diffusion modules go together, on held-out states: what is measured of a pair.
 *
 * for every state the diffusion module proposes candidates, as it does when it acts. of a guidance: its values against
 * the returns that came, its gradient against the denoiser's, how sharply it selects. of two: whether they push
 * and rank alike. intervals draw whole episodes. docs/modules.md has the definitions. */
#ifndef MDP_BENCH_DIAGNOSE_DIAGNOSE_H
#define MDP_BENCH_DIAGNOSE_DIAGNOSE_H

#include "base/fsx.h"
#include "bench/diagnose/held_out.h"
#include "bench/run/settings.h"
#include "results/checkpoint.h"
#include "stats/cluster.h"

enum { MDP_DIAGNOSE_GUIDES_MAX = 16, MDP_DIAGNOSE_BINS = 5 };

/* how to look; threads change no result */
struct mdp_diagnose_settings {
    struct mdp_eval_settings acting; /* actor, candidates, temperature, w_T; seed of states, candidates, intervals */
    long n_states;
    long score_time;           /* denoising time of the score; below 0: the usual one */
    const char *guidance_data; /* what guidance of another task was trained on; NULL: datasets/TASK.hdf5 */
    double tail;               /* share of the discounted weight that may lie behind a return's last row */
    uint64_t given;
};

/* numbers of many states; mean NaN if n is 0 */
struct mdp_spread_of {
    long n, n_undefined; /* states with a number, and those without: a vector of length 0, scores all alike */
    struct mdp_cluster_mean mean;
    double q1, median, q3;
};

/* a fifth of the states by their value: means */
struct mdp_calibration_bin {
    long n;
    double value, came;
};

/* one guidance beside a diffusion module */
struct mdp_pair {
    char guidance[MDP_PATH_MAX];
    const char *choice; /* as the user named it; borrowed */
    uint64_t guidance_hash;
    double w_t, discount;                /* w_T 0 of plans, of which the best is taken */
    double reward_scale;                 /* by which its guidance has learnt rewards */
    int has_own_rewards;                 /* in a unit of its own: */
    struct mdp_held_out_rewards rewards; /* this one */
    long n_calibrated;                   /* states whose return is known; below 2 nothing is said of calibration */
    struct mdp_cluster_association calibration; /* of the value (x) and the return that came (y) */
    struct mdp_calibration_bin bins[MDP_DIAGNOSE_BINS];
    struct mdp_spread_of score_cosine; /* of the value's gradient in the action, and the denoiser's score */
    struct mdp_spread_of n_effective;  /* 1 / sum of the squared weights of the candidates */
    char episodes[MDP_PATH_MAX];       /* an evaluation of the pair; "" if none was found */
    long n_episodes;
    double mean_return; /* its mean normalized return, NaN without one */
};

/* two guidances beside a diffusion module */
struct mdp_agreement {
    int a, b; /* positions among the pairs, a < b */
    struct mdp_spread_of gradient_cosine;
    struct mdp_spread_of rank_correlation; /* Spearman's, of the scores of a state's candidates */
    struct mdp_spread_of same_top;         /* 1 where both give the same candidate the highest score */
    struct mdp_spread_of overlap;          /* of the weights by which they select: sum of the smaller ones */
};

/* a diffusion module with all its guidances */
struct mdp_diagnosis {
    char diffusion[MDP_PATH_MAX];
    uint64_t diffusion_hash;
    long step;
    const char *solver; /* its reverse process */
    int n_sampling_steps, score_time;
    long n_candidates;
    int has_plans; /* it makes windows, which guidance bends when they are evaluated */
    double score_sigma;
    int n_pairs, n_agreements;
    struct mdp_pair *pairs;
    struct mdp_agreement *agreements; /* one for each pair of guidances: (0, 1), (0, 2), .. */
};

/* the rows of these settings */
extern const struct mdp_settings mdp_diagnose_table;

/** Examines a diffusion module beside guidances, named as in `eval --guidance`: own, FILE or FOLDER. Owns: caller,
 * mdp_diagnosis_free. Errors: IO; DATA for modules that do not fit, or were trained on other data; USAGE where there is
 * no guidance, or no w_T is known; NOMEM. */
mdp_err mdp_diagnose(const struct mdp_diagnose_settings *settings, const struct mdp_held_out *held_out,
                     const char *diffusion, const char *const *choices, int n_choices, struct mdp_diagnosis *out);

/** Frees what mdp_diagnose allocated and clears the struct. */
void mdp_diagnosis_free(struct mdp_diagnosis *diagnosis);

#endif
