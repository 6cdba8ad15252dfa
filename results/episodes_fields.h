/* the facts of an evaluation as they are named in files: one table for every form on disk. */
#ifndef MDP_RESULTS_EPISODES_FIELDS_H
#define MDP_RESULTS_EPISODES_FIELDS_H

#include <stddef.h>

#include "results/episodes_data.h"

enum mdp_field_kind { MDP_FIELD_TEXT, MDP_FIELD_PATH, MDP_FIELD_REAL, MDP_FIELD_INT, MDP_FIELD_U64 };

struct mdp_episodes_field {
    const char *name;
    enum mdp_field_kind kind;
    size_t offset;   /* in mdp_episodes_info */
    int is_optional; /* older files may lack it */
    int is_of_step;  /* the checkpoints of a run differ in it, as may the machines that evaluated them */
};

/** Returns a field, NULL behind the last one. Owns: library. */
const struct mdp_episodes_field *mdp_episodes_field_at(int i);

/** Returns the room of a field's text, with the zero at its end; 0 for numbers. Units: bytes. */
size_t mdp_episodes_field_room(const struct mdp_episodes_field *field);

/** Writes a field as an attribute of the root. Errors: IO. */
mdp_err mdp_episodes_field_write(struct mdp_h5 *file, const struct mdp_episodes_field *field,
                                 const struct mdp_episodes_info *info);

/** Reads one; what an older file lacks is left as it is. Errors: DATA. */
mdp_err mdp_episodes_field_read(struct mdp_h5 *file, const struct mdp_episodes_field *field,
                                struct mdp_episodes_info *info);

/** Returns 1 if two evaluations have the same value. */
int mdp_episodes_field_equal(const struct mdp_episodes_field *field, const struct mdp_episodes_info *a,
                             const struct mdp_episodes_info *b);

#endif
