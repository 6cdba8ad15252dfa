/* `--format` and `--out`: how a verb writes its tables, and where to. */
#ifndef MDP_BENCH_CMD_OUT_H
#define MDP_BENCH_CMD_OUT_H

#include "results/show/table.h"

/* columns of rows for a CHOICE and a TEXT */
#define MDP_FORMAT                                                                                                     \
    .name = "format", .names = mdp_table_format_names,                                                                 \
    .help = "layout (that of --out\'s ending, else text)"
#define MDP_TABLE_OUT .name = "out", .argument = "FILE", .help = "file to write instead of standard output"

/** Returns the format that was given, else that of a file's ending, else text. Nullable: out. */
enum mdp_table_format mdp_out_format(int is_given, enum mdp_table_format format, const char *out);

#endif
