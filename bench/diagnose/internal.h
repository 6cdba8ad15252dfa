/* between the files of a diagnosis: what modules say of the states, one number or vector a state. */
#ifndef MDP_BENCH_DIAGNOSE_INTERNAL_H
#define MDP_BENCH_DIAGNOSE_INTERNAL_H

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/guidance.h"
#include "bench/diagnose/diagnose.h"

/* what one guidance says */
struct mdp_judgement {
    float *value;    /* [n]: of the recorded actions */
    float *gradient; /* [n, n_vector]: of its score, at each state's first candidate */
    float *scores;   /* [n, n_candidates] */
};

/* a diffusion module at work on all states */
struct mdp_states {
    const struct mdp_eval_settings *acting;
    double tail; /* as in mdp_diagnose_settings */
    const struct mdp_held_out *held_out;
    const struct mdp_diffusion *diffusion;
    const struct mdp_normalizer *normalizer;
    long n;
    int n_obs, n_act, score_time;
    int n_vector;      /* numbers of a candidate: n_act, or of plans those of a window */
    int takes_best;    /* of the candidates, whatever w_T */
    float *obs;        /* [n, n_obs], normalised */
    float *acted;      /* [n, n_vector]: as recorded */
    float *candidates; /* [n, n_candidates, n_vector] */
    float *first;      /* [n, n_vector]: the first candidate of each */
    float *score;      /* [n, n_vector]: gradient of the denoiser's log density there */
};

/** Fills all arrays; the struct's head is set. Owns: caller, mdp_states_free. Errors: NOMEM, USAGE. */
mdp_err mdp_states_fill(struct mdp_states *states);

/** Fills what a module of windows says into arrays that are there. Errors: NOMEM, IO, DATA of the matrix library. */
mdp_err mdp_plans_fill(const struct mdp_states *states);

/** Asks guidance by returns about all windows, into arrays that are there. Errors: as mdp_plans_fill. */
mdp_err mdp_plans_judge(const struct mdp_states *states, const struct mdp_guidance *guidance,
                        struct mdp_judgement *out);

/** Frees the arrays. */
void mdp_states_free(struct mdp_states *states);

/** Asks a guidance about all states. Owns: caller, mdp_judgement_free. Errors: NOMEM. */
mdp_err mdp_states_judge(const struct mdp_states *states, const struct mdp_guidance *guidance,
                         struct mdp_judgement *out);

/** Frees a judgement's arrays. */
void mdp_judgement_free(struct mdp_judgement *judgement);

/** Sums up a pair whose w_T and discount are set. Errors: NOMEM. */
mdp_err mdp_pair_measure(const struct mdp_states *states, const struct mdp_judgement *judgement, struct mdp_pair *pair);

/** Sums up the agreement of two guidances. Errors: NOMEM. */
mdp_err mdp_agreement_measure(const struct mdp_states *states, const struct mdp_judgement *a, double w_a,
                              const struct mdp_judgement *b, double w_b, struct mdp_agreement *out);

#endif
