#include "bench/report/watch.h"

#include <string.h>

#include "bench/report/page_items.h"
#include "bench/report/report.h"
#include "results/show/live.h"

/* names as parts of a path: none leads elsewhere */
static mdp_err add_part(char path[MDP_PATH_MAX], const char *name) {
    char before[MDP_PATH_MAX], part[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_fsx_path(before, "%s", path));
    MDP_TRY(mdp_fsx_path(part, "%s", name));
    for (char *c = part; *c != 0; c++)
        if (*c == '/') *c = '_';
    if (part[0] == '.') part[0] = '_';
    MDP_TRY(mdp_fsx_path(path, "%s/%s", before, part));
out:
    return err;
}

/* a folder of its own for each run, as TensorBoard tells runs apart */
static mdp_err folder_of(const struct mdp_experiment *e, const struct mdp_arm_instance *instance, const char *events,
                         char folder[MDP_PATH_MAX]) {
    const struct mdp_run_instance run = mdp_arm_run(e, instance);
    char seed[64];
    mdp_err err;
    snprintf(seed, sizeof seed, "seed%llu%s", (unsigned long long)mdp_instance_seed(e, &run),
             instance->is_online ? "-online" : "");
    const char *const parts[] = {e->file.name, e->file.arms[instance->i_arm].name, e->file.tasks[instance->i_task],
                                 seed};
    MDP_TRY(mdp_fsx_path(folder, "%s", events));
    for (int i = 0; i < 4; i++) MDP_TRY(add_part(folder, parts[i]));
out:
    return err;
}

static mdp_err put_item(const struct mdp_page_item *item, struct mdp_live *lines, const char *events) {
    struct mdp_live *live = NULL;
    double numbers[MDP_SUMMARY_NUMBERS];
    mdp_err err = mdp_live_open(NULL, events, -1, &live);
    for (int k = 0; err == MDP_OK && k < item->n; k++) {
        const long step = (long)item->list[k].info.step;
        mdp_summary_numbers(&item->list[k].normalized, numbers);
        err = mdp_live_line(lines, item->label, step, MDP_SUMMARY_NUMBERS, mdp_summary_names, numbers);
        if (err == MDP_OK)
            err = mdp_live_event(live, step, "normalized_return", MDP_SUMMARY_NUMBERS, mdp_summary_names, numbers);
    }
    const mdp_err closed = mdp_live_close(live);
    return err == MDP_OK ? closed : err;
}

static mdp_err put_run(const struct mdp_experiment *e, const struct mdp_arm_instance *instance, struct mdp_live *lines,
                       const char *events) {
    struct mdp_page_items items = {.n = 0};
    char folder[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_page_items_add_arm(&items, e, *instance));
    if (items.n == 0) goto out;
    if (events != NULL) MDP_TRY(folder_of(e, instance, events, folder));
    MDP_TRY(put_item(&items.list[0], lines, events != NULL ? folder : NULL));
out:
    mdp_page_items_free(&items);
    return err;
}

static mdp_err put_part(const struct mdp_experiment *e, struct mdp_live *lines, const char *events) {
    mdp_err err = MDP_OK;
    for (int a = 0; a < (int)e->file.arms_count; a++)
        for (int is_online = 0; is_online < 2; is_online++)
            for (int t = 0; mdp_experiment_has_actor(e, is_online) && t < (int)e->file.tasks_count; t++)
                for (int s = 0; err == MDP_OK && s < (int)e->file.seeds_count; s++) {
                    const struct mdp_arm_instance instance = {a, t, s, is_online, 0, 0, 0, 0};
                    err = put_run(e, &instance, lines, events);
                }
    return err;
}

mdp_err mdp_watch_experiments(const struct mdp_experiments *experiments, const char *lines, const char *events) {
    struct mdp_live *live = NULL;
    if (lines == NULL && events == NULL) return MDP_OK;
    mdp_err err = mdp_live_open(lines, NULL, -1, &live);
    for (int i = 0; err == MDP_OK && i < experiments->n; i++) err = put_part(&experiments->list[i], live, events);
    const mdp_err closed = mdp_live_close(live);
    return err == MDP_OK ? closed : err;
}
