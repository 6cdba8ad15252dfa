/* modules from state dictionaries that other programs wrote: kinds by names, sizes by shapes, every name accounted for.
 *
 * names follow from the networks' own descriptions (struct mdp_layout): the dictionary of a group of ours has the
 * group's name, and a denoiser's parameters are prefixed "diffusion." in it, as CleanDiffuser saves them
 * ("model.diffusion.mid_layer.0.weight", "critic.q1_model.0.weight"); one of conditions beside it has no such prefix. a
 * new kind of network is read without a line of code here. Source: SPEC section 8. */
#ifndef MDP_BENCH_EXCHANGE_FOREIGN_H
#define MDP_BENCH_EXCHANGE_FOREIGN_H

#include "algos/algorithm.h"
#include "results/tensors/tensor_file.h"

/* what a file holds; the configurations of modules that it does not hold are not used */
struct mdp_foreign {
    int has_diffusion, has_guidance;
    struct mdp_diffusion_config diffusion_config;
    struct mdp_guidance_config guidance_config;
    struct mdp_diffusion *diffusion; /* owned, NULL before mdp_foreign_load */
    struct mdp_guidance *guidance;
};

/** Writes the name that a parameter of a group has in files of other programs, e.g. "model.diffusion.final_layer.bias".
 * Range: kind "diffusion" or any other. */
void mdp_foreign_name(const char *kind, const char *group, const char *parameter, char name[MDP_STORED_NAME_MAX]);

/** Sets the kinds and defaults of an algorithm's modules; sizes are not set. Errors: USAGE, listing the names. */
mdp_err mdp_foreign_algorithm(const char *name, struct mdp_foreign *foreign);

/** Leaves the names that networks have: takes off what a wrapper (module., _orig_mod.) put before every name of a
 * dictionary, and drops dictionaries that no algorithm has, such as an optimiser's state. Range: is_said 1 to name each
 * on standard error. Errors: NOMEM; DATA if the network is a newer IDQL network of CleanDiffuser's. */
mdp_err mdp_foreign_prepare(struct mdp_tensor_file *file, int is_said);

/** Adds the action values of another file, prepared as well, to one with QGPO's energy; where their target was not
 * saved it is what they are themselves. Tensors stay the other file's. Errors: DATA, NOMEM. */
mdp_err mdp_foreign_lend_values(struct mdp_tensor_file *file, const struct mdp_tensor_file *values);

/** Finds which modules a file holds and sets their sizes by the shapes of tensors; the configurations come in with
 * kinds and defaults. Range: n_obs 0 if the width of observations is not known, for value networks of observations and
 * actions together. Errors: DATA; USAGE if the width is needed. */
mdp_err mdp_foreign_measure(const struct mdp_tensor_file *file, int n_obs, struct mdp_foreign *foreign);

/** Tells whether the modules are of windows of steps, which bench/exchange/foreign_windows.h measures. */
int mdp_foreign_sees_windows(const struct mdp_foreign *foreign);

/** Makes the modules, which are none of windows, and fills them: every parameter must be there, of its shape, floating
 * and finite, and nothing else may. Owns: caller, mdp_foreign_free. Errors: DATA naming file, tensor, expected and
 * found. */
mdp_err mdp_foreign_load(const struct mdp_tensor_file *file, struct mdp_foreign *foreign);

/** Frees the modules. */
void mdp_foreign_free(struct mdp_foreign *foreign);

#endif
