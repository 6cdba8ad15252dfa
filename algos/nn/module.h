/* what trained modules share: named groups of tensors for files, the row panels of training, batches of transitions. */
#ifndef MDP_ALGOS_NN_MODULE_H
#define MDP_ALGOS_NN_MODULE_H

#include "algos/nn/layout.h"

enum {
    MDP_PANEL_ROWS = 128, /* a training batch is split in panels of this many rows, the last may be short */
    MDP_MODULE_GROUPS_MAX = 8,
    MDP_GROUP_TENSORS_MAX = 256 /* a U-Net of windows with five levels has 246 */
};

/* a group of tensors as it is saved; views borrow the module */
struct mdp_module_group {
    char name[MDP_TENSOR_NAME_MAX];
    int is_optimizer; /* needed to go on training, not to act */
    int n;
    struct mdp_tensor tensors[MDP_GROUP_TENSORS_MAX];
};

/* n transitions in rows: observations normalised, rewards rescaled; borrowed */
struct mdp_batch {
    int n;
    const float *obs, *act; /* [n, n_obs], [n, n_act] */
    const float *rew, *tml; /* [n] */
    const float *next_obs;  /* [n, n_obs] */
    const float *next_act;  /* [n, n_act]: what the dataset did there; NULL if it is not known */
    const float *support;   /* [n, K, n_act]: what a behaviour policy supports there; NULL if it is not known */
    /* of windows of steps instead of all that: [n, horizon, n_obs + n_act], or observations alone and actions
     * [n, horizon, n_act] beside them; and the return from each window's first step on, [n] */
    const float *windows, *window_act, *returns;
};

/* the rows of one panel */
struct mdp_panel_range {
    int first, n;
};

/** Returns the number of panels of a batch. */
int mdp_panel_count(int n_rows);

/** Returns panel i's rows. */
struct mdp_panel_range mdp_panel_rows(int n_rows, int i_panel);

/** Fills a group with views of a parameter-shaped block. */
void mdp_module_group_fill(struct mdp_module_group *group, const char *name, int is_optimizer,
                           const struct mdp_layout *layout, float *block);

#endif
