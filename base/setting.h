/* settings: what people choose by name, as an option of a verb or as a key of a YAML file.
 *
 * a table describes a struct: a row for each setting says what it is called, which member holds it, what it may be and
 * what it is where nobody says. whatever deals with settings walks rows: options and their help, YAML keys, defaults,
 * names of files, recorded settings (bench/run/settings.h). each struct keeps a mask of the rows that were given. */
#ifndef MDP_BASE_SETTING_H
#define MDP_BASE_SETTING_H

#include <stddef.h>
#include <stdint.h>

#include "base/names.h"
#include "base/number.h"

/* kinds, and the type of the member that holds one */
#define MDP_TYPE_FLAG int          /* 0 or 1 */
#define MDP_TYPE_TEXT const char * /* borrowed from who gave it; one of the row's names where it has some */
#define MDP_TYPE_CHOICE unsigned   /* index of one of the row's names; the member may be an enum */
#define MDP_TYPE_SET int           /* bit i for the i-th of the row's names */
#define MDP_TYPE_WHOLE long
#define MDP_TYPE_SEED uint64_t
#define MDP_TYPE_REAL double
#define MDP_TYPE_SIZE double /* bytes */
enum mdp_setting_kind {
    MDP_FLAG,
    MDP_TEXT,
    MDP_CHOICE,
    MDP_SET,
    MDP_WHOLE,
    MDP_SEED,
    MDP_REAL,
    MDP_SIZE,
    MDP_GROUP, /* a struct with a table of its own; without a name its rows are read as if they stood here */
    MDP_LIST,  /* a pointer to entries of a table, or of one nameless row, and how many there are */
};

/* one setting; what is left out is zero and means none */
struct mdp_setting {
    const char *name; /* name of the option, without its dashes */
    const char *key;  /* key in YAML files, if it differs from the name */
    enum mdp_setting_kind kind;
    size_t offset;    /* of its member */
    double low, high; /* range of a number, or of the length of a text or list; both 0: any */
    const char *unit; /* unit for messages, e.g. "gradient steps" */
    const struct mdp_names *(*names)(void);
    const char *fallback; /* value if none is given, as a user would write it */
    const char *neutral;  /* the value with which the setting does nothing */
    int is_required;      /* a key that may not be absent */
    unsigned takers;      /* who takes it: bits whose meaning is the table's; of a nameless group: who takes its rows */
    unsigned needs;       /* where it means something: bits, too */
    const char *beside;   /* it means something only if this other row is given */
    const char *instead;  /* it means something only if this other row is absent */
    const char *mark;     /* what stands before its value in names of files and folders */
    const char *usual;    /* the value that such names leave out */
    int is_marked_last;   /* in such names it comes behind the rows below it */
    const char *json;     /* its member of recorded settings; a.b is member b of object a */
    int recorded;         /* when that member is recorded: values whose meaning is the table's */
    const char *argument; /* placeholder for the value in --help; NULL: that of the kind */
    const char *help;
    const struct mdp_settings *inner; /* of groups and lists */
    unsigned inner_takers;            /* for groups: the takers of their rows; 0: all */
    size_t count;                     /* for lists: offset of their length, an unsigned */
};

/* a table */
struct mdp_settings {
    const struct mdp_setting *rows;
    int n;
    size_t size;  /* size of the struct that the table describes */
    size_t given; /* offset of the uint64_t whose bit i says that row i was given; MDP_NOT_KEPT where there is none */
};
#define MDP_NOT_KEPT ((size_t)-1)

/* a row of a member; the compiler refuses a member of another type */
#define MDP_ROW(type, member, kind_, ...)                                                                              \
    {                                                                                                                  \
        .kind = MDP_##kind_,                                                                                           \
        .offset = _Generic(((type *)0)->member, MDP_TYPE_##kind_                                                       \
                           : offsetof(type, member)),                                                                  \
        __VA_ARGS__                                                                                                    \
    }
/* the rows of another table, for those that take them; `help` stands before each of their lines */
#define MDP_ROWS_OF(type, member, table, ...)                                                                          \
    { .kind = MDP_GROUP, .offset = offsetof(type, member), .inner = &(table), __VA_ARGS__ }
#define MDP_LIST_ROW(type, member, count_, table, ...)                                                                 \
    {                                                                                                                  \
        .kind = MDP_LIST, .offset = offsetof(type, member), .count = offsetof(type, count_), .inner = &(table),        \
        __VA_ARGS__                                                                                                    \
    }
/* a table of an array of rows, of a struct with a member `given` */
#define MDP_SETTINGS(type, rows)                                                                                       \
    { (rows), (int)(sizeof(rows) / sizeof *(rows)), sizeof(type), offsetof(type, given) }
/* for a struct that keeps no record of which rows were given */
#define MDP_SETTINGS_NOT_KEPT(type, rows)                                                                              \
    { (rows), (int)(sizeof(rows) / sizeof *(rows)), sizeof(type), MDP_NOT_KEPT }

/* the fallback of threads */
#define MDP_ALL_PROCESSORS "all processors"

/* a row of a table, or of one within it, and the member of one struct that it means */
struct mdp_setting_at {
    const struct mdp_setting *row;
    void *value;
    uint64_t *given; /* NULL: not kept */
    uint64_t bit;
    const char *words; /* before its line of help, nullable */
};

enum { MDP_SETTINGS_MOST = 96, MDP_EXPECTED_MAX = MDP_NAMES_MAX + 64 };

/* the rows of a table with those of the tables within it, in their order */
struct mdp_setting_list {
    int n;
    struct mdp_setting_at rows[MDP_SETTINGS_MOST];
};

/** Lists the rows of a table for a struct, nameless groups taken apart. Range: takers 0 for all rows, else those that
 * have one of these bits. Nullable: base, for rows without their members. */
void mdp_settings_list(const struct mdp_settings *table, unsigned takers, const void *base,
                       struct mdp_setting_list *out);

/** Returns the row with a name, NULL if there is none. */
const struct mdp_setting_at *mdp_setting_find(const struct mdp_setting_list *list, const char *name);

/** Sets every member to its fallback, else to NULL, NaN, 0, or -1 for a whole number that may be 0; forgets which rows
 * were given. */
void mdp_settings_defaults(const struct mdp_settings *table, void *base);

/** Sets a member from its text and notes that it was given. Errors: USAGE, "expected .., found '..'". */
mdp_err mdp_setting_set(const struct mdp_setting_at *setting, const char *text);

/** Writes what a row takes, "a whole number from 1 to 100 episodes", and returns it. */
const char *mdp_setting_expected(const struct mdp_setting *row, char text[MDP_EXPECTED_MAX]);

/** Returns what a row is called in files; borrowed. */
const char *mdp_setting_key(const struct mdp_setting *row);

/** Sets a list and notes that it was given. */
void mdp_setting_set_list(const struct mdp_setting_at *setting, void *entries, unsigned n);

/** Returns a member's value as it would be written, "" for none; borrowed from the member or from `text`. */
const char *mdp_setting_text(const struct mdp_setting_at *setting, char text[MDP_NUMBER_MAX]);

/** Returns 1 if a row was given. */
int mdp_setting_is_given(const struct mdp_setting_at *setting);

/** Returns 1 if the row of a member was given, named by the member's offset. */
int mdp_settings_is_given(const struct mdp_settings *table, const void *base, size_t offset);

/* the same by the member of a struct */
#define MDP_GIVEN(table, base, member)                                                                                 \
    mdp_settings_is_given(table, base, (size_t)((const char *)&(base)->member - (const char *)(base)))

/** Returns 1 if a member has a value at all: not NULL, NaN, or the whole number that means none. */
int mdp_setting_has_value(const struct mdp_setting_at *setting);

/** Returns 1 unless a member has no value or its neutral one. */
int mdp_setting_does_something(const struct mdp_setting_at *setting);

/** Returns 1 if a member's value is that of a text. */
int mdp_setting_is(const struct mdp_setting_at *setting, const char *text);

/** Returns 1 if two members of one row hold the same value. */
int mdp_setting_equal(const struct mdp_setting_at *a, const struct mdp_setting_at *b);

/** Takes over what was given in `from`. */
void mdp_settings_overlay(const struct mdp_settings *table, unsigned takers, void *to, const void *from);

#endif
