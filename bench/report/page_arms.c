/* the evaluations of an experiment's arms as items. */
#include <stdio.h>

#include "bench/report/page_items.h"

mdp_err mdp_page_items_add_arm(struct mdp_page_items *items, const struct mdp_experiment *e,
                               struct mdp_arm_instance instance) {
    char path[MDP_PATH_MAX], own[MDP_PATH_MAX], label[512];
    struct mdp_page_item *item;
    int is_there;
    mdp_err err;
    const struct mdp_run_instance run = mdp_arm_run(e, &instance);
    snprintf(label, sizeof label, "%.200s, %.100s, seed %llu%s", mdp_arm_title(e, instance.i_arm),
             e->file.tasks[instance.i_task], (unsigned long long)mdp_instance_seed(e, &run),
             instance.is_online ? ", online" : "");
    MDP_TRY(mdp_page_items_add(items, label, &item));
    MDP_TRY(mdp_instance_folder(e, &run, item->folder));
    for (long step = e->file.evaluate_every; step <= e->file.train.n_steps; step += e->file.evaluate_every) {
        instance.step = step;
        MDP_TRY(mdp_arm_episodes_path(e, &instance, own));
        MDP_TRY(mdp_evaluation_find(&items->cache, own, path, &is_there));
        if (is_there) MDP_TRY(mdp_page_item_read(items, item, path));
    }
    if (item->n == 0) items->n--;
out:
    return err;
}
