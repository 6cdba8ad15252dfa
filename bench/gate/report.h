/* a gate's report for people, programs and CI services.
 *
 * the same report gives the same bytes. Source: docs/gate.schema.json (JSON), TAP 13, JUnit's XML as CI services read
 * it, GitHub's workflow commands. */
#ifndef MDP_BENCH_GATE_REPORT_H
#define MDP_BENCH_GATE_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "bench/gate/gate.h"
#include "results/show/table.h"

/* what a report says about where it comes from; borrowed */
struct mdp_gate_origin {
    const char *policy_path, *baseline_paths, *candidate_paths;
    uint64_t policy_hash;
};

/* X(name, writer, ending of its file): each has mdp_gate_write_<writer> */
#define MDP_GATE_FORMAT_LIST(X)                                                                                        \
    X(TEXT, text, "txt")                                                                                               \
    X(JSON, json, "json")                                                                                              \
    X(TAP, tap, "tap")                                                                                                 \
    X(JUNIT, junit, "xml")                                                                                             \
    X(MARKDOWN, markdown, "md")

#define MDP_GATE_FORMAT_ENUM(name, writer, ending) MDP_GATE_##name,
enum mdp_gate_format { MDP_GATE_FORMAT_LIST(MDP_GATE_FORMAT_ENUM) MDP_N_GATE_FORMATS };
#undef MDP_GATE_FORMAT_ENUM

/** Writes a report in one of its formats. Errors: IO, NOMEM. */
mdp_err mdp_gate_write(enum mdp_gate_format format, const struct mdp_gate_report *report,
                       const struct mdp_gate_origin *origin, FILE *stream);

/** Writes a report in all formats, each to FOLDER/gate.ENDING. Errors: IO, NOMEM. */
mdp_err mdp_gate_write_files(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin,
                             const char *folder);

/** Writes the verdict and a table. Errors: IO, NOMEM. */
mdp_err mdp_gate_write_text(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream);

/** Writes one JSON object. Errors: IO, NOMEM. */
mdp_err mdp_gate_write_json(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream);

/** Writes TAP 13: a line a row; undecided is # SKIP, an accepted regression an expected failure. Errors: IO. */
mdp_err mdp_gate_write_tap(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream);

/** Writes a JUnit test suite: a case a row; undecided and accepted are skipped. Errors: IO. */
mdp_err mdp_gate_write_junit(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, FILE *stream);

/** Writes the verdict and a table for a pull request: what failed first, what passed folded, one visible line if all
 * rows passed. Errors: IO, NOMEM. */
mdp_err mdp_gate_write_markdown(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin,
                                FILE *stream);

/** Writes annotations as GitHub's workflow commands: ::error for rows that failed, ::warning for those undecided, ten
 * of a kind at most. Errors: IO. */
mdp_err mdp_gate_write_github(const struct mdp_gate_report *report, FILE *stream);

/** Appends the Markdown report to a step's summary, whole or not at all; where it has no room for the rows, the verdict
 * and a sentence that says so. Errors: IO, NOMEM. */
mdp_err mdp_gate_append_summary(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin,
                                const char *path);

/** Makes the table of all rows that have data, in the policy's order, and the lines that its reader needs. Owns:
 * caller, mdp_table_free and free(*notes), also after a failure. Errors: NOMEM. */
mdp_err mdp_gate_report_parts(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin,
                              struct mdp_table **table, char **notes);

/** Writes a page: the verdict, all rows, and of both sides the returns and files. Errors: IO, NOMEM. */
mdp_err mdp_gate_page(const struct mdp_gate_report *report, const struct mdp_gate_origin *origin, const char *out);

/** Writes a page that says why there is no verdict, so that no older one stands for it. Errors: IO, NOMEM. */
mdp_err mdp_gate_page_error(const char *message, const char *out);

#endif
