#include "results/show/table_out.h"

#include <stdlib.h>

#include "base/claim.h"
#include "base/fsx.h"
#include "base/memstream.h"

mdp_err mdp_table_output(const struct mdp_table *table, enum mdp_table_format format, const char *path, FILE *stream) {
    if (path == NULL) return mdp_table_write(table, format, stream);
    struct mdp_memstream memory = {.text = NULL};
    struct mdp_claim *claim = NULL;
    mdp_err err;
    MDP_TRY(mdp_memstream_open(&memory, path));
    MDP_TRY(mdp_memstream_close(&memory, mdp_table_write(table, format, memory.stream)));
    MDP_TRY(mdp_fsx_make_parents(path));
    MDP_TRY(mdp_claim_take(path, &claim));
    MDP_TRY(mdp_fsx_write(path, memory.text, memory.size));
out:
    mdp_claim_free(claim);
    free(memory.text);
    return err;
}
