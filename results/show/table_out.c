#include "results/show/table_out.h"

#include <stdlib.h>

#include "base/fsx.h"

mdp_err mdp_table_output(const struct mdp_table *table, enum mdp_table_format format, const char *path) {
    if (path == NULL) return mdp_table_write(table, format, stdout);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for the table", path);
    mdp_err err = mdp_table_write(table, format, stream);
    if (fclose(stream) != 0 && err == MDP_OK) err = mdp_fail(MDP_E_NOMEM, "%s: no memory for the table", path);
    if (err == MDP_OK) err = mdp_fsx_make_parents(path);
    if (err == MDP_OK) err = mdp_fsx_write(path, text, size);
    free(text);
    return err;
}
