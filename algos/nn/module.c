#include "algos/nn/module.h"

#include <stdio.h>

int mdp_panel_count(int n_rows) { return (n_rows + MDP_PANEL_ROWS - 1) / MDP_PANEL_ROWS; }

struct mdp_panel_range mdp_panel_rows(int n_rows, int i_panel) {
    int first = i_panel * MDP_PANEL_ROWS, left = n_rows - first;
    return (struct mdp_panel_range){first, left < MDP_PANEL_ROWS ? left : MDP_PANEL_ROWS};
}

void mdp_module_group_fill(struct mdp_module_group *group, const char *name, int is_optimizer,
                           const struct mdp_layout *layout, float *block) {
    snprintf(group->name, sizeof group->name, "%s", name);
    group->is_optimizer = is_optimizer;
    group->n = layout->n;
    mdp_layout_tensors(layout, block, group->tensors);
}
