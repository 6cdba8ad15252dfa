/* the tables of an experiment: from arms to rows, each number with the choice that made it.
 *
 * Source: arXiv 2506.03154, section 4; docs/paper.md. */
#ifndef MDP_BENCH_REPORT_REPORT_H
#define MDP_BENCH_REPORT_REPORT_H

#include "bench/report/arm_data.h"
#include "results/show/table.h"
#include "stats/curve.h"

enum { MDP_SEEDS_MAX = 256, MDP_REPORT_NAME_MAX = 96 };

/* one table to make */
struct mdp_report {
    struct mdp_arms *arms;
    const struct mdp_table_spec *spec;
    struct mdp_choices choices;
    long early_missed; /* the first checkpoint of a curve that has none in the early window; 0 while there is none */
    long n_behavior, n_behavior_non_finite; /* episodes read of the behaviour policies, and how many ended non-finite */
};

/* a made table and the name of its files */
struct mdp_report_table {
    char name[MDP_REPORT_NAME_MAX];
    struct mdp_table *table;
};

enum { MDP_REPORT_TABLES_MAX = 2 };

/* the tables of a report */
struct mdp_report_tables {
    int n;
    struct mdp_report_table list[MDP_REPORT_TABLES_MAX];
};

/* a kind of table; what it needs, and its name, are in MDP_TABLE_KIND_LIST */
struct mdp_report_kind {
    struct {
        const char *title, *name; /* behind the title and the name that the experiment gives */
        const struct mdp_columns *columns;
    } tables[MDP_REPORT_TABLES_MAX]; /* the first without columns ends them */
    mdp_err (*make)(struct mdp_report *report, struct mdp_table *const tables[]); /* rows and notes */
};

#define MDP_REPORT_KIND(upper, name, needs, help) extern const struct mdp_report_kind mdp_report_##name;
MDP_TABLE_KIND_LIST(MDP_REPORT_KIND)
#undef MDP_REPORT_KIND

/* one or two arms on one task, over the seeds that are whole in both and the checkpoints within the horizon */
struct mdp_contest {
    const struct mdp_arm_data *test, *base; /* base is nullable */
    int i_task;
    int n_seeds, seeds[MDP_SEEDS_MAX];
    long n_steps; /* >= 1 */
};

/** Makes a report's tables. Owns: caller, mdp_report_tables_free. Errors: IO, DATA. */
mdp_err mdp_report_make(struct mdp_report *report, struct mdp_report_tables *out);

/** Returns the columns of a kind's table, the first or the second; NULL where it has no such table. Owns: library. */
const struct mdp_columns *mdp_report_columns(enum mdp_table_kind kind, int i_table);

/** Frees the tables. */
void mdp_report_tables_free(struct mdp_report_tables *tables);

/** Adds a note that names choices with their values. Shapes: keys [n] of MDP_CHOICE_ numbers. */
mdp_err mdp_report_note_choices(const struct mdp_report *report, const int *keys, int n, struct mdp_table *table);

/** Sets two arms against each other. Nullable: base. Errors: as mdp_arms_get; out->n_seeds is 0 where
 * no seed has all evaluations of both. */
mdp_err mdp_contest_get(struct mdp_report *report, const char *test, const char *base, int is_online, int i_task,
                        struct mdp_contest *out);

/** Returns a run's mean returns over checkpoints [n_steps]; borrowed. Range: k < contest->n_seeds. */
const double *mdp_contest_curve(const struct mdp_contest *contest, const struct mdp_arm_data *arm, int k);

/** Computes the mean curve over seeds. Shapes: out [n_steps]. */
void mdp_contest_mean_curve(const struct mdp_contest *contest, const struct mdp_arm_data *arm, double *out);

/** Computes final returns, final as the choice `final` says: with of_episodes that of each episode, else a run's mean
 * over its episodes. Shapes: out [n_seeds, n_episodes], or [n_seeds]. */
void mdp_contest_finals(const struct mdp_contest *contest, const struct mdp_arm_data *arm,
                        const struct mdp_choices *choices, int of_episodes, double *out);

/** Compares two mean curves over the steps of the choice `early-steps`; a curve without a checkpoint there is
 * remembered for the note. Errors: those of mdp_curve_compare_until. */
mdp_err mdp_report_early(struct mdp_report *report, const struct mdp_curve *base, const struct mdp_curve *test,
                         struct mdp_curve_window *out);

/** Returns the run whose best guidance an arm has, to select or from its training; NULL if it has none. Owns:
 * experiment. */
const char *mdp_report_best_source(const struct mdp_experiment_file *file, const char *arm);

/** Returns what a table's returns are called: "normalized return", or "return" by an objective. Owns: library. */
const char *mdp_report_return_name(const struct mdp_report *report);

/** Adds a line for each environment that has no reference scores of its own and is shown on another's scale. Errors:
 * NOMEM. */
mdp_err mdp_report_note_scale(const struct mdp_alike_group *group, struct mdp_table *table);

/** Returns 1 if all files are on the scale of D4RL's bullet references. */
int mdp_report_is_bullet(const struct mdp_alike_group *group);

/** Adds a note if files of a group differ in what people are told of files side by side. Errors: NOMEM. */
mdp_err mdp_report_note_told(const struct mdp_alike_group *group, struct mdp_table *table);

/** Says so on standard error, for pictures, which have no notes. */
void mdp_report_log_told(const struct mdp_alike_group *group);

/** Adds a note if `what` has no value somewhere, for want of a checkpoint in the early window. Errors: NOMEM. */
mdp_err mdp_report_note_early(const struct mdp_report *report, const char *what, struct mdp_table *table);

/** Returns 1 if the experiment evaluates that actor: online parameters, or else their running average. */
int mdp_experiment_has_actor(const struct mdp_experiment *e, int is_online);

/** Returns 1 if the report has rows of this actor. Where both are evaluated, strict mode shows both, the other modes
 * the EMA alone. */
int mdp_report_shows(const struct mdp_report *report, int is_online);

/** Returns "ema" or "online". */
const char *mdp_actor_name(int is_online);

#endif
