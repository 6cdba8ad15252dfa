#include "bench/cmd/out.h"

enum mdp_table_format mdp_out_format(int is_given, enum mdp_table_format format, const char *out) {
    int i = out != NULL ? mdp_names_ending(mdp_table_format_names(), out) : -1;
    return is_given || i < 0 ? format : (enum mdp_table_format)i;
}
