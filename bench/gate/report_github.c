/* what GitHub's services are told: annotations as lines of the log, and the summary of a step. */
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "base/log.h"
#include "base/memstream.h"
#include "bench/gate/report.h"
#include "results/show/markup.h"

/* GitHub shows at most ten annotations of each kind for a step, and no summary above 1 MiB */
enum { SHOWN_MAX = 10, SUMMARY_BYTES_MAX = 1 << 20 };

/* a workflow command ends at its line, and its properties at a colon or comma */
static void put_escaped(FILE *stream, const char *text, const char *special) {
    for (; *text != 0; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n' || strchr(special, *text) != NULL)
            fprintf(stream, "%%%02X", (unsigned char)*text);
        else
            fputc(*text, stream);
    }
}

static void put_row(FILE *stream, const char *command, const struct mdp_gate_row *row) {
    char title[MDP_GATE_ARM_MAX + 128];
    mdp_gate_row_title(row, title);
    fprintf(stream, "::%s title=", command);
    put_escaped(stream, title, ":,");
    fprintf(stream, "::");
    put_escaped(stream, row->reason, "");
    fputc('\n', stream);
}

mdp_err mdp_gate_write_github(const struct mdp_gate_report *report, FILE *stream) {
    static const struct {
        const char *word, *command, *what;
    } kinds[] = {{"fail", "error", "regressed"}, {"inconclusive", "warning", "are undecided"}};
    for (int k = 0; k < 2; k++) {
        int n = 0, n_all = 0;
        for (int i = 0; i < report->n_rows; i++)
            n_all += strcmp(mdp_gate_row_word(&report->rows[i]), kinds[k].word) == 0;
        /* the last place says how many more there are */
        const int n_most = n_all > SHOWN_MAX ? SHOWN_MAX - 1 : n_all;
        for (int i = 0; i < report->n_rows && n < n_most; i++) {
            if (strcmp(mdp_gate_row_word(&report->rows[i]), kinds[k].word) != 0) continue;
            put_row(stream, kinds[k].command, &report->rows[i]);
            n++;
        }
        if (n < n_all)
            fprintf(stream, "::%s title=mdpbench gate::%d more rows %s\n", kinds[k].command, n_all - n, kinds[k].what);
    }
    return ferror(stream) ? mdp_fail(MDP_E_IO, "gate: cannot write the annotations") : MDP_OK;
}

mdp_err mdp_gate_append_summary(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin,
                                const char *path) {
    struct mdp_memstream memory;
    struct mdp_memstream brief = {.text = NULL};
    int is_full;
    mdp_err err;
    MDP_TRY(mdp_memstream_open(&memory, "summary of the gate"));
    /* what stands there may be a list or a paragraph, which only a blank line ends */
    fputc('\n', memory.stream);
    MDP_TRY(mdp_memstream_close(&memory, mdp_gate_write_markdown(report, origin, memory.stream)));
    MDP_TRY(mdp_fsx_append(path, memory.text, memory.size, SUMMARY_BYTES_MAX, &is_full));
    if (!is_full) goto out;
    MDP_TRY(mdp_memstream_open(&brief, "summary of the gate"));
    fputs("\n**mdpbench gate: ", brief.stream);
    mdp_put_md(brief.stream, report->verdict);
    fputs("**\n\nThe rows are left out: with them this summary would be above the 1 MiB that GitHub shows. The log has "
          "them.\n",
          brief.stream);
    MDP_TRY(mdp_memstream_close(&brief, MDP_OK));
    MDP_TRY(mdp_fsx_append(path, brief.text, brief.size, SUMMARY_BYTES_MAX, &is_full));
    if (is_full) mdp_log("gate: %s: expected room for the verdict below 1 MiB, found none: nothing is added", path);
out:
    free(brief.text);
    free(memory.text);
    return err;
}
