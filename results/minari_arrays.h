/* arrays with a row a step, and what is no row, of files of either layout. used by minari_*.c alone. */
#ifndef MDP_RESULTS_MINARI_ARRAYS_H
#define MDP_RESULTS_MINARI_ARRAYS_H

#include <stddef.h>

#include "results/h5/read.h"

enum { MDP_MINARI_ARRAYS_MAX = 64, MDP_MINARI_TEXT_MAX = 59999 };

/* what an episode has in both layouts, in the order of mdp_d4rl_names and mdp_minari_names */
enum {
    MDP_MINARI_OBSERVATIONS,
    MDP_MINARI_ACTIONS,
    MDP_MINARI_REWARDS,
    MDP_MINARI_TERMINALS,
    MDP_MINARI_TIMEOUTS,
    MDP_MINARI_N_NAMES
};
extern const char *const mdp_d4rl_names[MDP_MINARI_N_NAMES], *const mdp_minari_names[MDP_MINARI_N_NAMES];

/* one array that has a row a step */
struct mdp_minari_array {
    char name[MDP_H5_NAME_MAX];   /* in the file it is read from */
    char target[MDP_H5_NAME_MAX]; /* in an episode's group, or in D4RL's layout */
    enum mdp_h5_type type;
    long width; /* elements of a row */
    int is_flat, beyond, skips_first;
    struct mdp_h5_rows *rows; /* of D4RL's layout */
    size_t row_bytes;
    char *block;
};

struct mdp_minari_arrays {
    int n;
    struct mdp_minari_array list[MDP_MINARI_ARRAYS_MAX];
};

/** Frees blocks and closes rows. */
void mdp_minari_arrays_free(struct mdp_minari_arrays *arrays);

/** Makes room for n_rows rows of each array, and one beyond. Errors: NOMEM. */
mdp_err mdp_minari_arrays_alloc(struct mdp_minari_arrays *arrays, long n_rows);

/* told of every entry of a file that is no group */
typedef mdp_err (*mdp_minari_hook)(void *context, struct mdp_h5 *file, const char *name);

/** Walks the entries below a group, "" for all. Range: depth 0. Errors: DATA; whatever the hook returns. */
mdp_err mdp_minari_walk(struct mdp_h5 *file, const char *group, int depth, mdp_minari_hook hook, void *context);

/** Describes an array of n_rows rows, or of one beyond; *is_row is 0 for anything else. Errors: DATA. */
mdp_err mdp_minari_describe(struct mdp_h5 *file, const char *name, long n_rows, struct mdp_minari_array *array,
                            int *is_row);

/* what mdp_minari_copy_rest is told: where to, what to leave out (nullable), and how much it copied */
struct mdp_minari_rest {
    struct mdp_h5 *target;
    const struct mdp_minari_arrays *arrays;
    int n;
};

/** Copies an entry that is no row, as a hook of struct mdp_minari_rest. Errors: DATA, IO. */
mdp_err mdp_minari_copy_rest(void *context, struct mdp_h5 *file, const char *name);

#endif
