/* what identifies an environment in results: its sizes and names, and every number of its family's tables. */
#include <string.h>

#include "envs/env.h"
#include "envs/family.h"

void mdp_spec_hash_add(struct mdp_spec_hash *hash, const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) hash->state = (hash->state ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
}

static void add_text(struct mdp_spec_hash *hash, const char *text) { mdp_spec_hash_add(hash, text, strlen(text) + 1); }

uint64_t mdp_env_spec_hash(const struct mdp_env_spec *spec) {
    struct mdp_spec_hash hash = {0xcbf29ce484222325u};
    add_text(&hash, spec->id);
    add_text(&hash, spec->reference);
    MDP_SPEC_HASH_ADD(&hash, spec->n_obs);
    MDP_SPEC_HASH_ADD(&hash, spec->n_act);
    MDP_SPEC_HASH_ADD(&hash, spec->max_steps);
    spec->family->hash(spec, &hash);
    return hash.state;
}
