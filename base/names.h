/* names that people choose from: finding one in a list, or saying all that there are.
 *
 * whatever is chosen by name (an algorithm, a solver, a format) is an array somewhere, of names or of structs with one;
 * MDP_NAMES says where its names are. help and messages list them from there. */
#ifndef MDP_BASE_NAMES_H
#define MDP_BASE_NAMES_H

#include <stddef.h>

#include "base/err.h"

enum { MDP_NAMES_MAX = 512 };

/* the names of an array */
struct mdp_names {
    const char *const *first;
    size_t stride; /* bytes from one name to the next */
    int n;
    const char *const *first_note; /* what help says of a name, at the same stride; NULL: nothing of any */
};

/* lists of names: from a member of each struct in an array, from an array of names, or from its first n */
#define MDP_NAMES(array, member)                                                                                       \
    { &(array)[0].member, sizeof *(array), (int)(sizeof(array) / sizeof *(array)), NULL }
/* of structs with a note on each name */
#define MDP_NAMES_NOTED(array, member, note)                                                                           \
    { &(array)[0].member, sizeof *(array), (int)(sizeof(array) / sizeof *(array)), &(array)[0].note }
#define MDP_NAMES_OF_TEXTS(texts)                                                                                      \
    { (texts), sizeof *(texts), (int)(sizeof(texts) / sizeof *(texts)), NULL }
#define MDP_NAMES_OF_FIRST(texts, n)                                                                                   \
    { (texts), sizeof *(texts), (n), NULL }

/* a function that lists texts, e.g. MDP_NAMES_FUNCTION(mdp_colour_names, "red", "green") */
#define MDP_NAMES_FUNCTION(function, ...)                                                                              \
    const struct mdp_names *function(void) {                                                                           \
        static const char *const texts[] = {__VA_ARGS__};                                                              \
        static const struct mdp_names names = MDP_NAMES_OF_TEXTS(texts);                                               \
        return &names;                                                                                                 \
    }

/** Returns the i-th name; borrowed. Range: 0 <= i < names->n. */
const char *mdp_names_at(const struct mdp_names *names, int i);

/** Returns the note on the i-th name, NULL if there is none; borrowed. */
const char *mdp_names_note(const struct mdp_names *names, int i);

/** Returns which of the names a text is, -1 if it is none. */
int mdp_names_index(const struct mdp_names *names, const char *text);

/** Returns which of the names a path ends in, after a point and with something before it; -1 if it is none. */
int mdp_names_ending(const struct mdp_names *names, const char *path);

/** Returns how many letters have to be added, dropped, changed or swapped with their neighbour to make one text of the
 * other, whatever their case; of texts over 63 bytes a number that is near for nothing. */
int mdp_names_distance(const char *a, const char *b);

/** Returns which of the names a text that is none of them may be meant for, -1 if none is near enough: at most a third
 * of its letters differ. */
int mdp_names_near(const struct mdp_names *names, const char *text);

/** Writes "; did you mean 'NAME'?" of the name that a text is near to, "" where it is near to none, and returns it. */
const char *mdp_names_suggest(const struct mdp_names *names, const char *text, char suggestion[MDP_NAMES_MAX]);

/** Writes all names with a text between two of them, and returns it; what does not fit is left out. */
const char *mdp_names_join(const struct mdp_names *names, const char *between, char text[MDP_NAMES_MAX]);

/** Writes "a, b, c" and returns it; what does not fit is left out. */
const char *mdp_names_text(const struct mdp_names *names, char text[MDP_NAMES_MAX]);

/** Finds a text among the names. Errors: USAGE, "WHAT: expected one of a, b, c, found 'x'", and what may be meant. */
mdp_err mdp_names_find(const struct mdp_names *names, const char *what, const char *text, int *i);

/** Refuses a text as mdp_names_find does. Errors: USAGE. */
mdp_err mdp_names_refuse(const struct mdp_names *names, const char *what, const char *text);

#endif
