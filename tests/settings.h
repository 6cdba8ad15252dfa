/* finds defaults in tables of settings that their own rows would refuse: the program would drop those without a message
 */
#ifndef MDP_TESTS_SETTINGS_H
#define MDP_TESTS_SETTINGS_H

#include <stdio.h>
#include <string.h>

#include "base/setting.h"
#include "tests/tap.h"

/** Returns 1 if a row takes a text; NULL and the number of processors are no texts. */
static inline int takes(const struct mdp_setting *row, const char *text) {
    uint64_t value = 0; /* room for any member */
    const struct mdp_setting_at setting = {.row = row, .value = &value};
    return text == NULL || strcmp(text, MDP_ALL_PROCESSORS) == 0 || mdp_setting_set(&setting, text) == MDP_OK;
}

/** Returns a row of a table, or of one within it, that does not take what it says of itself; NULL if there is none. */
static inline const struct mdp_setting *misspelled(const struct mdp_settings *table) {
    for (int i = 0; i < table->n; i++) {
        const struct mdp_setting *row = &table->rows[i], *inner = row->inner != NULL ? misspelled(row->inner) : NULL;
        if (inner != NULL) return inner;
        if (!takes(row, row->fallback) || !takes(row, row->neutral) || !takes(row, row->usual)) return row;
    }
    return NULL;
}

/** Checks that every row takes its own default, neutral and usual value. */
static inline void check_spelling(const struct mdp_settings *table) {
    const struct mdp_setting *row = misspelled(table);
    if (row == NULL) return;
    fprintf(stderr, "%s: %s\n", row->name != NULL ? row->name : "a nameless row", mdp_err_message());
    CHECK(row == NULL);
}

#endif
