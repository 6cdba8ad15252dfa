/* actions that a behaviour policy supports in the next states of a dataset: K samples of a diffusion module for each
 * row, made when a row is first asked for and kept from then on.
 *
 * a row's actions are a function of (module, its solver, seed, row number) alone: not of when they are made, of what
 * shares the call, nor of threads, so that a run that goes on makes those that it needs again. 4 K n_act bytes a row:
 * in memory, or in a nameless file. Source: SPEC-energy sections 3 (stage 2) and 5.6. */
#ifndef MDP_ALGOS_SUPPORT_H
#define MDP_ALGOS_SUPPORT_H

#include <stdint.h>

#include "algos/diffusion/diffusion.h"
#include "algos/nn/kernel.h"

struct mdp_support;

/* settings */
struct mdp_support_config {
    const struct mdp_kernel *kernel; /* NULL: the layers of nn/ */
    int n_each;                      /* K */
    int n_threads;
    uint64_t seed;
    long n_rows;        /* of the dataset */
    int max_rows;       /* of a call */
    const char *folder; /* of the nameless file; NULL: memory */
};

/** Makes an empty set over a module's averaged denoiser, which must outlive it and stay. Owns: caller,
 * mdp_support_free. Errors: USAGE for a kernel that does not go with the module; IO, NOMEM. */
mdp_err mdp_support_new(const struct mdp_support_config *config, const struct mdp_diffusion *diffusion,
                        struct mdp_support **out);

/** Frees a set. Nullable: support. */
void mdp_support_free(struct mdp_support *support);

/** Finds the actions of rows, making those that are not there yet. Shapes: rows [n], next_obs [n, n_obs] normalised,
 * *out [n, K, n_act], borrowed until the next call. Range: n <= max_rows. Errors: IO, of a file alone. */
mdp_err mdp_support_get(struct mdp_support *support, int n, const uint32_t *rows, const float *next_obs,
                        const float **out);

/** Returns how many rows have been made. */
long mdp_support_made(const struct mdp_support *support);

#endif
