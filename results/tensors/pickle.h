/* a restricted reader of Python's pickles: values are described, never made. no name in a pickle is looked up anywhere.
 *
 * a pickle is a program for a stack machine that may name any function and have it called. this machine knows the
 * opcodes that torch.save writes and the names it is given; anything else is refused by name. a call becomes a value
 * that says who was called with what, and it is up to the reader of the values to believe it. work and memory are
 * bounded by MDP_PICKLE_BYTES_MAX and MDP_PICKLE_VALUES_MAX. Source: pickle protocols 2 to 4 (Python, pickletools). */
#ifndef MDP_RESULTS_TENSORS_PICKLE_H
#define MDP_RESULTS_TENSORS_PICKLE_H

#include "base/err.h"
#include "results/tensors/bytes.h"

enum { MDP_PICKLE_VALUES_MAX = 1000000, MDP_PICKLE_BYTES_MAX = 16 << 20 };

enum mdp_pickle_kind {
    MDP_PICKLE_NONE,
    MDP_PICKLE_BOOL,
    MDP_PICKLE_INT,
    MDP_PICKLE_LONG, /* an integer of more than 64 bits, as its little-endian bytes */
    MDP_PICKLE_REAL,
    MDP_PICKLE_TEXT,
    MDP_PICKLE_BYTES,
    MDP_PICKLE_TUPLE,
    MDP_PICKLE_LIST,
    MDP_PICKLE_DICT,
    MDP_PICKLE_GLOBAL,    /* a name from the list of those allowed */
    MDP_PICKLE_CALL,      /* such a name called with a tuple */
    MDP_PICKLE_PERSISTENT /* something kept outside, by its id */
};

/* what the program may do with a name */
enum mdp_pickle_use {
    MDP_PICKLE_MENTION,
    MDP_PICKLE_MAY_CALL,
    MDP_PICKLE_NEW_DICT, /* a call without arguments */
    MDP_PICKLE_OPAQUE    /* a call, or a mention, whose outcome is a CALL or GLOBAL that nobody looks into */
};

/* a name that is allowed */
struct mdp_pickle_global {
    const char *module, *name;
    enum mdp_pickle_use use;
};

/* a value; others are named by their number, which is never 0 */
struct mdp_pickle_value {
    enum mdp_pickle_kind kind;
    int i_global;         /* GLOBAL, CALL: place in the list of names */
    uint32_t n;           /* TUPLE, LIST, DICT: how many */
    uint32_t first, last; /* TUPLE, LIST, DICT: cells; CALL: first is the tuple; PERSISTENT: first is the id */
    union {
        int64_t integer; /* BOOL, INT */
        double real;
        struct mdp_bytes bytes; /* TEXT, BYTES, LONG; borrowed from the pickle */
    };
};

/* one element of a container; key is 0 but in a DICT, next is 0 at the end */
struct mdp_pickle_cell {
    uint32_t key, value, next;
};

/* all values of a pickle */
struct mdp_pickle {
    uint32_t root, n_values, n_cells, values_room, cells_room;
    struct mdp_pickle_value *values; /* [n_values], the first unused */
    struct mdp_pickle_cell *cells;   /* [n_cells], the first unused */
};

/** Reads the pickle at the start of `in`; `where` is for messages. n_used gets its length. A container may come to hold
 * itself: whoever walks the values counts steps. Owns: caller, mdp_pickle_free. Errors: DATA, NOMEM. */
mdp_err mdp_pickle_read(const char *where, struct mdp_bytes in, const struct mdp_pickle_global *globals, int n_globals,
                        struct mdp_pickle *pickle, size_t *n_used);

/** Frees the values. */
void mdp_pickle_free(struct mdp_pickle *pickle);

/** Returns the i-th element of a TUPLE or LIST, NULL if there is none or `value` is something else. */
const struct mdp_pickle_value *mdp_pickle_item(const struct mdp_pickle *pickle, const struct mdp_pickle_value *value,
                                               uint32_t i);

/** Returns the value of a DICT under a text key, NULL if there is none or `value` is something else. */
const struct mdp_pickle_value *mdp_pickle_entry(const struct mdp_pickle *pickle, const struct mdp_pickle_value *value,
                                                const char *key);

/** Returns the name of a kind for messages, e.g. "tuple". */
const char *mdp_pickle_kind_text(enum mdp_pickle_kind kind);

#endif
