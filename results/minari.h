/* Minari's layout of datasets: a folder with data/main_data.hdf5, one group an episode, and data/metadata.json.
 *
 * an episode has one observation more than steps. read as rows, episodes stand end to end and the last observation of
 * each is left out, so that the same steps in either layout are the same dataset (results/dataset.h). for dataset.c,
 * inspect and conversions. Source: minari 0.5.4; docs/formats.md. */
#ifndef MDP_RESULTS_MINARI_H
#define MDP_RESULTS_MINARI_H

#include <jansson.h>
#include <stdint.h>

#include "base/fsx.h"
#include "results/h5/types.h"

/* an open dataset */
struct mdp_minari;

/** Writes the path of the HDF5 file in a Minari dataset, of which the path names the folder or its "data". Errors: IO
 * if the folder is none; DATA for a dataset in another of Minari's formats. */
mdp_err mdp_minari_file(const char *folder, char file[MDP_PATH_MAX]);

/** Writes the folder of a dataset, given by its HDF5 file: what holds "data", or the file's own folder. Errors: USAGE
 * if it does not fit. */
mdp_err mdp_minari_folder(const char *file, char folder[MDP_PATH_MAX]);

/** Returns 1 if an open HDF5 file has Minari's layout: groups of episodes, or none and its metadata beside it. */
int mdp_minari_is(struct mdp_h5 *file);

/** Opens a dataset by its HDF5 file: spaces, number and lengths of episodes, and the shapes of the first one are
 * checked. Keeps: file, which outlives it. Owns: caller, mdp_minari_free. Errors: DATA naming file and object. */
mdp_err mdp_minari_new(struct mdp_h5 *file, struct mdp_minari **out);

/** Frees it. Nullable: minari. */
void mdp_minari_free(struct mdp_minari *minari);

/** Returns metadata.json as an object, empty if there is none; borrowed. */
json_t *mdp_minari_metadata(const struct mdp_minari *minari);

/** Returns the number of episodes. */
long mdp_minari_episodes(const struct mdp_minari *minari);

/** Returns the first row of an episode; of one past the last, the number of rows. */
long mdp_minari_first(const struct mdp_minari *minari, long episode);

/** Returns the number of columns of observations or of actions. */
int mdp_minari_width(const struct mdp_minari *minari, int of_actions);

/** Writes the range of actions by metadata.json and returns the number of columns; 0 where it says none, not of all
 * columns, or [-1, 1]. Shapes: low, high [1024]. */
int mdp_minari_bounds(const struct mdp_minari *minari, double *low, double *high);

/** Reads rows of one array of the episodes, each with `beyond` elements more than the episode has steps, of which the
 * first or, if `skips_first`, all but the first are rows. Shapes: values [n, row_bytes]. Errors: DATA naming file,
 * episode and array. */
mdp_err mdp_minari_read(struct mdp_minari *minari, const char *array, enum mdp_h5_type type, int beyond,
                        int skips_first, long first, long n, size_t row_bytes, void *values);

/** Sets the time-out flag of the last step of every episode that has neither flag there, but the last: what follows is
 * another episode. Shapes: both [n], rows from `first` on. */
void mdp_minari_close_episodes(const struct mdp_minari *minari, long first, long n, const uint8_t *terminals,
                               uint8_t *timeouts);

/** Writes what an element of an array is called, "episode_3/actions", and returns its row in there. */
long mdp_minari_name_row(const struct mdp_minari *minari, const char *array, long row, char name[MDP_H5_NAME_MAX]);

#endif
