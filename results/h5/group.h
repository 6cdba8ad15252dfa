/* what is in an HDF5 file: objects and the entries of groups. */
#ifndef MDP_RESULTS_H5_GROUP_H
#define MDP_RESULTS_H5_GROUP_H

#include "base/err.h"
#include "results/h5/types.h"

/* one entry of a group */
struct mdp_h5_child {
    char name[MDP_H5_NAME_MAX]; /* without the group's path */
    int is_group;
};

/* what an entry that is no group holds */
struct mdp_h5_entry {
    char type[16]; /* of its elements, e.g. "float32", "text"; "link" for what is no object of this file */
    int is_numeric, has_elements; /* has_elements: 0 for a null dataspace, which holds none by its kind */
    char link[MDP_H5_LINK_TEXT];  /* where a link leads, e.g. "a link to /x in other.h5", else "" */
};

/** Describes an entry without reading its elements. Errors: DATA if there is none, or it is damaged. */
mdp_err mdp_h5_describe(struct mdp_h5 *file, const char *name, struct mdp_h5_entry *entry);

/** Returns 1 if a group or dataset of this path is in the file, or may be: what is damaged counts as there, so that
 * reading it says so. */
int mdp_h5_exists(struct mdp_h5 *file, const char *name);

/** Lists a group's entries by ascending name; "/" is the root. Owns: caller, free(). Errors: DATA if absent or no
 * group. */
mdp_err mdp_h5_list(struct mdp_h5 *file, const char *group, struct mdp_h5_child **children, int *n_children);

#endif
