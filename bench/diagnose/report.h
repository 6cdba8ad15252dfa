/* a diagnosis as tables for people and as JSON for programs. */
#ifndef MDP_BENCH_DIAGNOSE_REPORT_H
#define MDP_BENCH_DIAGNOSE_REPORT_H

#include "bench/diagnose/returns.h"

/* all that a report says; borrowed */
struct mdp_diagnose_report {
    const struct mdp_diagnose_settings *settings;
    const struct mdp_held_out *held_out;
    const char *task;
    const struct mdp_diagnosis *diagnoses;
    int n;
    const struct mdp_forecast *forecasts; /* [MDP_N_QUANTITIES] */
};

/** Prints the tables. Errors: IO, NOMEM. */
mdp_err mdp_diagnose_print(const struct mdp_diagnose_report *report, FILE *stream);

/** Prints one JSON object; docs/formats.md has its members. Errors: IO, NOMEM. */
mdp_err mdp_diagnose_print_json(const struct mdp_diagnose_report *report, FILE *stream);

#endif
