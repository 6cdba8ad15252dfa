/* numbers by text: which of many paths or names has been seen before, in the same time however many there are. */
#ifndef MDP_BASE_TEXT_INDEX_H
#define MDP_BASE_TEXT_INDEX_H

#include "base/err.h"

struct mdp_text_index {
    struct mdp_text_entry *entries; /* [room], a hash table; text NULL where it is free */
    int n, room;
};

/** Returns in *found the number of a text, which becomes `number` if it is new. Errors: NOMEM. */
mdp_err mdp_text_index_put(struct mdp_text_index *index, const char *text, int number, int *found);

/** Frees it and clears the struct. */
void mdp_text_index_free(struct mdp_text_index *index);

#endif
