/* D4RL's layout into Minari's and back, value by value: every array of a row goes to its episode, and what is no row
 * (metadata) to data/d4rl.hdf5 beside the episodes.
 *
 * there and back gives the same arrays of the same types. Source: minari 0.5.4; docs/formats.md. */
#ifndef MDP_RESULTS_MINARI_CONVERT_H
#define MDP_RESULTS_MINARI_CONVERT_H

#include "base/temp.h"

/** Returns 1 for a folder name that pip's minari takes for a dataset, NAME-vN. */
int mdp_minari_is_id(const char *folder);

/** Refuses any other folder name. Errors: USAGE. */
mdp_err mdp_minari_check_id(const char *folder);

/** Makes a folder of Minari's of a D4RL file; one that is there and was made of the same bytes is kept, *is_kept 1. The
 * folder's name is the dataset's. Errors: USAGE for a name that pip's minari does not take, or a folder with other
 * content; DATA for what the layout cannot hold, naming file, array and row; IO. */
mdp_err mdp_minari_from_d4rl(const char *d4rl, const char *folder, int *is_kept);

/** Makes a D4RL file of a dataset of Minari's, given by its HDF5 file; how: what becomes of one that is there. Errors:
 * DATA, IO. */
mdp_err mdp_minari_to_d4rl(const char *minari, const char *d4rl, enum mdp_publish how);

#endif
