/* the way to an object of a file. for the files of this folder alone. */
#ifndef MDP_RESULTS_H5_OBJECTS_INTERNAL_H
#define MDP_RESULTS_H5_OBJECTS_INTERNAL_H

#include "results/h5/types_internal.h"

/** Returns 1 if an object of this path is in the file, or may be: what is damaged counts as there. */
int mdp_h5i_exists(struct mdp_h5 *file, const char *name);

/** Returns 1 if what a group of the file lists under this name is a group of this file, -1 if the disk could not be
 * read. */
int mdp_h5i_is_group_below(hid_t group, const char *name);

/** Opens a group or dataset without leaving the file; negative if there is none. Owns: caller, H5Oclose. */
hid_t mdp_h5i_open(struct mdp_h5 *file, const char *name);

/** Writes what link keeps a path from being an object of this file, e.g. "a link to /x in other.h5"; returns 0 if none
 * does. */
int mdp_h5i_link(struct mdp_h5 *file, const char *name, char text[MDP_H5_LINK_TEXT]);

/** Opens an object of a wanted kind. Owns: caller, H5Oclose. Errors: DATA if absent or of another kind. */
mdp_err mdp_h5i_open_as(struct mdp_h5 *file, const char *name, H5I_type_t wanted, hid_t *out);

/** Asks how many bytes a dataset takes in the file; 0 if it was never written. Errors: DATA, IO if its list of chunks
 * cannot be read. */
mdp_err mdp_h5i_stored_bytes(const struct mdp_h5 *file, const char *name, hid_t id, double *n);

#endif
