/* how a verb gives out what it has made: tables by `--format`, `--json` and `--out`, and the names of files. */
#ifndef MDP_BENCH_CMD_OUT_H
#define MDP_BENCH_CMD_OUT_H

#include "base/memstream.h"
#include "bench/cmd/verb.h"
#include "results/show/table.h"

/* columns of rows for a CHOICE and a TEXT */
#define MDP_FORMAT                                                                                                     \
    .name = "format", .names = mdp_table_format_names, .help = "layout (that of --out\'s ending, else text)"
#define MDP_JSON_FORMAT "the same as --format json"
#define MDP_TABLE_OUT .name = "out", .argument = "FILE", .help = "file to write instead of standard output"

/* what a verb is told of the table it makes */
struct mdp_out_choice {
    int is_given, as_json; /* --format, --json */
    enum mdp_table_format format;
    const char *out; /* NULL: standard output */
};

/** Finds the format: the one that was given, else that of a file's ending, else text. An ending that is that of
 * no format is refused. Errors: USAGE for --json beside
 * another format, and for a file whose ending is that of none where none was given. */
mdp_err mdp_out_format(const struct mdp_verb *verb, const struct mdp_out_choice *choice, enum mdp_table_format *format);

/** Refuses a file to write whose ending is none of these, by which its format goes; one without any may be. Nullable:
 * out. Errors: USAGE. */
mdp_err mdp_out_check_ending(const struct mdp_verb *verb, const char *out, const struct mdp_names *endings);

/* names of files, a line each, or all of them as {"paths": [..]} */
struct mdp_out_paths {
    FILE *stream; /* takes the lines */
    struct mdp_memstream memory;
    int as_json;
};

/** Opens the stream for a verb's lines. Owns: caller, mdp_out_paths_end. Errors: NOMEM. */
mdp_err mdp_out_paths_begin(struct mdp_out_paths *paths, int as_json);

/** Gives out what the stream took and closes it; returns `err`, how the verb's work went, without a word where that is
 * not MDP_OK and JSON was asked for. Errors: `err`; IO, NOMEM. */
mdp_err mdp_out_paths_end(struct mdp_out_paths *paths, mdp_err err);

/** Gives out a single name. Errors: as there. */
mdp_err mdp_out_path(const char *path, int as_json);

#endif
