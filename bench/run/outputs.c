#include "bench/run/outputs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "base/log.h"
#include "bench/run/version.h"
#include "envs/env.h"
#include "results/checkpoint.h"

mdp_err mdp_json_text(json_t *object, char **text) {
    *text = NULL;
    if (object == NULL) return mdp_fail(MDP_E_INTERNAL, "settings: cannot be written as JSON");
    *text = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(object);
    return *text != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "settings: no memory");
}

/* compared as values, so that the order of keys is no difference */
mdp_err mdp_check_same_settings(const char *path, const char *recorded, const char *wanted) {
    json_t *a = json_loads(recorded, 0, NULL), *b = json_loads(wanted, 0, NULL);
    int same = a != NULL && b != NULL && json_equal(a, b);
    json_decref(a);
    json_decref(b);
    if (same) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "%s was made with other settings; use another folder or delete it; there %s, wanted %s", path,
                    recorded, wanted);
}

mdp_err mdp_check_own(const char *path, const char *settings, enum mdp_publish *how, int *is_there) {
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    *how = MDP_PUBLISH_NEW;
    *is_there = 0;
    if (!mdp_fsx_exists(path)) return MDP_OK;
    *how = MDP_PUBLISH_REPLACE;
    err = mdp_checkpoint_read_info(path, &info);
    if (err == MDP_E_DATA) {
        mdp_log("%s; made again", mdp_err_message());
        return MDP_OK;
    }
    if (err == MDP_OK) err = mdp_check_same_settings(path, info.head.settings, settings);
    *is_there = err == MDP_OK;
    mdp_checkpoint_info_free(&info);
    return err;
}

mdp_err mdp_inputs_add(json_t *inputs, const char *path) {
    uint64_t hash;
    char text[17];
    mdp_err err = mdp_fsx_hash(path, &hash);
    if (err != MDP_OK) return err;
    const char *name = strrchr(path, '/');
    name = name != NULL ? name + 1 : path;
    if (json_object_get(inputs, name) != NULL) name = path;
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    if (json_object_set_new(inputs, name, json_string(text)) != 0)
        return mdp_fail(MDP_E_NOMEM, "%s: no memory for its name", path);
    return MDP_OK;
}

void mdp_machine_text(char machine[MDP_MACHINE_MAX]) { mdp_version_text(mdp_env_physics_version(), machine); }
