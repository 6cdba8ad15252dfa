/* which world made a dataset, as members of what inspect shows. */
#include <string.h>

#include "bench/exchange/inspect.h"
#include "bench/run/which_world.h"

static json_t *tried(const struct mdp_which_entry *entry) {
    if (!entry->is_replayed) return json_pack("{ss,ss}", "env", entry->spec->id, "why_not", entry->why);
    return json_pack("{ss,sI,sf,sf,sf,sf,sb}", "env", entry->spec->id, "steps", (json_int_t)entry->fit.n, "median",
                     entry->fit.median, "q90", entry->fit.q90, "max", entry->fit.max, "bound", entry->bound, "fits",
                     entry->fits);
}

mdp_err mdp_inspect_world(const char *path, json_t *root) {
    struct mdp_which_world which;
    char text[512];
    const json_t *kind = json_object_get(root, "kind");
    if (kind == NULL || strcmp(json_string_value(kind), "dataset") != 0)
        return mdp_fail(MDP_E_USAGE, "%s: option --world: expected a dataset, found %s", path,
                        kind != NULL ? json_string_value(kind) : "a file of tensors");
    mdp_err err = mdp_which_world(NULL, path, &which);
    if (err != MDP_OK) return err;
    json_t *fits = json_array(), *list = json_array(), *world = json_object();
    for (int i = 0; i < which.n; i++) {
        if (which.worlds[i].fits) json_array_append_new(fits, json_string(which.worlds[i].spec->id));
        json_array_append_new(list, tried(&which.worlds[i]));
    }
    mdp_which_world_say(&which, text);
    json_object_set_new(world, "says", json_string(text));
    json_object_set_new(world, "fits", fits);
    json_object_set_new(world, "times_further", which.next > 0 ? json_real(which.next) : json_null());
    json_object_set_new(world, "tried", list);
    json_object_set_new(root, "world", world);
    return MDP_OK;
}
