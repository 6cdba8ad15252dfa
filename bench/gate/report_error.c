#include "bench/gate/report_error.h"

#include <stdlib.h>

#include "base/claim.h"
#include "base/fsx.h"
#include "base/memstream.h"
#include "base/text.h"
#include "results/show/json.h"
#include "results/show/markup.h"

mdp_err mdp_gate_write_error(enum mdp_gate_format format, mdp_err why, const char *message, FILE *stream) {
    static const struct {
        const char *before, *after;
        void (*put)(FILE *stream, const char *text);
    } forms[MDP_N_GATE_FORMATS] = {
        [MDP_GATE_TEXT] = {"no verdict: ", "\n", mdp_text_put},
        [MDP_GATE_TAP] = {"TAP version 13\nBail out! ", "\n", mdp_put_tap},
        [MDP_GATE_JUNIT] = {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"mdpbench "
                            "gate\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n    <testcase "
                            "classname=\"gate\" name=\"begin\">\n      <error message=\"",
                            "\"/>\n    </testcase>\n  </testsuite>\n</testsuites>\n", mdp_put_xml},
        [MDP_GATE_MARKDOWN] = {"**mdpbench gate: no verdict**\n\n", "\n", mdp_put_md},
    };
    if (format == MDP_GATE_JSON) return mdp_json_write(mdp_json_of_error(why, message), 0, "gate", stream);
    fputs(forms[format].before, stream);
    forms[format].put(stream, message);
    fputs(forms[format].after, stream);
    return ferror(stream) ? mdp_fail(MDP_E_IO, "gate: cannot write the report") : MDP_OK;
}

static mdp_err write_file(enum mdp_gate_format format, mdp_err why, const char *message, const char *folder) {
    static const char *const endings[MDP_N_GATE_FORMATS] = {
#define ENDING(name, writer, ending) ending,
        MDP_GATE_FORMAT_LIST(ENDING)
#undef ENDING
    };
    struct mdp_memstream memory;
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_memstream_open(&memory, "report of the gate"));
    MDP_TRY(mdp_memstream_close(&memory, mdp_gate_write_error(format, why, message, memory.stream)));
    MDP_TRY(mdp_fsx_path(path, "%s/gate.%s", folder, endings[format]));
    MDP_TRY(mdp_fsx_write(path, memory.text, memory.size));
out:
    free(memory.text);
    return err;
}

mdp_err mdp_gate_write_error_files(mdp_err why, const char *message, const char *folder) {
    struct mdp_claim *claim = NULL;
    mdp_err err;
    MDP_TRY(mdp_fsx_make_dirs(folder));
    MDP_TRY(mdp_claim_take(folder, &claim));
    for (int i = 0; i < MDP_N_GATE_FORMATS; i++) MDP_TRY(write_file((enum mdp_gate_format)i, why, message, folder));
out:
    mdp_claim_free(claim);
    return err;
}
