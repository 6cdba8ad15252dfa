/* precisions as people name them, and what each means on this machine.
 *
 * a name stands for bits: f32 gives the same ones on every machine (steps along gradients, --lambda and Langevin, and
 * training take the matrix library's in any precision), f32-plain those of the matrix library, bf16 those
 * of AMX, bf16-avx512 those of AVX512_BF16, bf16-emulated those of a float32 kernel on rounded values. nothing is
 * replaced by something else in silence: a name that this machine cannot run is refused. */
#ifndef MDP_ALGOS_PRECISION_H
#define MDP_ALGOS_PRECISION_H

#include "algos/nn/products.h"
#include "base/names.h"

#define MDP_PRECISION_DEFAULT "f32"

/** Finds the kernel of a precision, NULL for the matrix library. Errors: USAGE for an unknown name, and for one that
 * this machine cannot run, with what it can. */
mdp_err mdp_precision_find(const char *name, const struct mdp_kernel **out);

/** Finds what a precision means in training: what samples actions without a gradient, as mdp_precision_find gives it,
 * and what multiplies in layers. Errors: as mdp_precision_find. */
mdp_err mdp_precision_find_training(const char *name, const struct mdp_kernel **kernel,
                                    enum mdp_products_kind *products);

/** Refuses a name that is unknown or that this machine cannot run. Errors: USAGE, as mdp_precision_find. */
mdp_err mdp_precision_check(const char *name);

/** Returns 1 if a precision is for work, 0 if it is there to check others by. Range: 0 <= i < number of names. */
int mdp_precision_is_for_work(int i);

/** Lists all names. */
const struct mdp_names *mdp_precision_names(void);

#endif
