#include "results/episodes_fields.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "results/h5/attr.h"

enum { TEXT = MDP_FIELD_TEXT, PATH = MDP_FIELD_PATH, REAL = MDP_FIELD_REAL, INT = MDP_FIELD_INT, U64 = MDP_FIELD_U64 };
enum { EVERY = 0, LATER = 1, SHARED = 0, OF_STEP = 1 };

/* written once: name in the file, kind, place in the struct */
#define PLACED(name, member, kind, later, step)                                                                        \
    { name, (enum mdp_field_kind)kind, offsetof(struct mdp_episodes_info, member), later, step }
#define FIELD(name, kind) PLACED(#name, name, kind, EVERY, SHARED)

static const struct mdp_episodes_field fields[] = {
    FIELD(task, TEXT),
    FIELD(env_id, TEXT),
    FIELD(physics, TEXT),
    FIELD(reference, TEXT),
    FIELD(ref_min, REAL),
    FIELD(ref_max, REAL),
    FIELD(algo, TEXT),
    PLACED("diffusion", diffusion.path, PATH, EVERY, OF_STEP),
    PLACED("diffusion_hash", diffusion.hash, U64, EVERY, OF_STEP),
    PLACED("guidance", guidance.path, PATH, EVERY, OF_STEP),
    PLACED("guidance_hash", guidance.hash, U64, EVERY, OF_STEP),
    FIELD(actor, TEXT),
    FIELD(precision, TEXT),
    FIELD(return_rule, TEXT),
    PLACED("step", step, INT, EVERY, OF_STEP),
    FIELD(candidates, INT),
    FIELD(temperature, REAL),
    FIELD(w_t, REAL),
    FIELD(seed, U64),
    PLACED("env_hash", env_hash, U64, LATER, SHARED),
    PLACED("physics_library", physics_library, PATH, LATER, OF_STEP),
    PLACED("physics_hash", physics_hash, U64, LATER, OF_STEP),
    PLACED("isa", isa, TEXT, LATER, OF_STEP),
};

enum { N_FIELDS = sizeof fields / sizeof fields[0] };

const struct mdp_episodes_field *mdp_episodes_field_at(int i) { return i < N_FIELDS ? &fields[i] : NULL; }

size_t mdp_episodes_field_room(const struct mdp_episodes_field *field) {
    return field->kind == MDP_FIELD_TEXT ? MDP_LABEL_MAX : field->kind == MDP_FIELD_PATH ? MDP_FILE_LABEL_MAX : 0;
}

/* a path may be of any bytes */
static mdp_err put_path(struct mdp_h5 *file, const char *name, const char *path) {
    char shown[MDP_FILE_LABEL_MAX];
    snprintf(shown, sizeof shown, "%s", path);
    mdp_text_mend(shown);
    return mdp_h5_put_text(file, "/", name, shown);
}

mdp_err mdp_episodes_field_write(struct mdp_h5 *file, const struct mdp_episodes_field *field,
                                 const struct mdp_episodes_info *info) {
    const void *value = (const char *)info + field->offset;
    switch (field->kind) {
    case MDP_FIELD_TEXT: return mdp_h5_put_text(file, "/", field->name, value);
    case MDP_FIELD_PATH: return put_path(file, field->name, value);
    case MDP_FIELD_REAL: return mdp_h5_put_real(file, "/", field->name, *(const double *)value);
    case MDP_FIELD_INT: return mdp_h5_put_int(file, "/", field->name, *(const int64_t *)value);
    case MDP_FIELD_U64: break;
    }
    return mdp_h5_put_u64(file, "/", field->name, *(const uint64_t *)value);
}

mdp_err mdp_episodes_field_read(struct mdp_h5 *file, const struct mdp_episodes_field *field,
                                struct mdp_episodes_info *info) {
    void *value = (char *)info + field->offset;
    if (field->is_optional && !mdp_h5_attr_exists(file, "/", field->name)) return MDP_OK;
    switch (field->kind) {
    case MDP_FIELD_REAL: return mdp_h5_attr_real(file, "/", field->name, value);
    case MDP_FIELD_INT: return mdp_h5_attr_int(file, "/", field->name, value);
    case MDP_FIELD_U64: return mdp_h5_attr_u64(file, "/", field->name, value);
    default: return mdp_h5_attr_text(file, "/", field->name, value, mdp_episodes_field_room(field));
    }
}

int mdp_episodes_field_equal(const struct mdp_episodes_field *field, const struct mdp_episodes_info *a,
                             const struct mdp_episodes_info *b) {
    const char *x = (const char *)a + field->offset, *y = (const char *)b + field->offset;
    return mdp_episodes_field_room(field) > 0 ? strcmp(x, y) == 0 : memcmp(x, y, sizeof(int64_t)) == 0;
}
