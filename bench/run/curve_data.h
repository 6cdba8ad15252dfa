/* learning curves from episodes files: what `table` and `figure` show of a run. */
#ifndef MDP_BENCH_RUN_CURVE_DATA_H
#define MDP_BENCH_RUN_CURVE_DATA_H

#include "bench/run/names.h"
#include "bench/run/summary.h"
#include "results/alike.h"

/* one episodes file in numbers */
struct mdp_curve_point {
    struct mdp_alike_file file;
    long step;
    char task[64], actor[64];
    struct mdp_summary normalized;
    double rounding; /* rounding of differences between its normalized returns: mdp_score_rounding */
    double mean_return, mean_length;
    long n_terminated, n_non_finite;
};

/* the evaluated checkpoints of one run, by ascending step */
struct mdp_curve_data {
    char label[MDP_PATH_MAX];
    int n;
    struct mdp_curve_point *points;
};

/* whether points have an interval of their IQM, which takes five times as long as to read them */
enum mdp_curve_detail { MDP_CURVE_BARE, MDP_CURVE_INTERVALS };

/** Reads one episodes file, or its returns by_objective (mdp_episodes_by_objective), with the interval. Errors: IO,
 * DATA. */
mdp_err mdp_curve_point_read(const char *path, int by_objective, struct mdp_curve_point *out);

/* a run's evaluations of one kind, as users name them: FOLDER, or FOLDER:LABEL for those made with eval --label, or a
 * curve file */
struct mdp_run_name {
    int is_file; /* `folder` is a curve file */
    char folder[MDP_PATH_MAX];
    char mark[MDP_LABEL_BYTES + 1]; /* the label of their files: "", "online" or another */
};

/** Reads such a name; `mark` is what FOLDER alone stands for. Returns 1 if the folder is there, or
 * for the name of a curve file; else the whole name is the folder. Errors: none; a name that does not fit is cut and so
 * not there. */
int mdp_run_name_parse(const char *text, const char *mark, struct mdp_run_name *out);

/** Writes the command that makes evaluations of a run with such a label, for messages. Shapes: command [2 *
 * MDP_PATH_MAX]. */
void mdp_run_command(const char *folder, const char *mark, char *command);

/** Reads FOLDER/stepNNNNNN[.MARK].episodes.h5 for every step that has one, and FOLDER/[MARK.]curve.h5; `run` is FOLDER,
 * FOLDER:LABEL with a mark of its own, or a curve file; by_objective: as there. Owns: caller, mdp_curve_data_free.
 * Errors: IO, DATA, USAGE if there is none. */
mdp_err mdp_curve_data_read(const char *run, const char *mark, int by_objective, enum mdp_curve_detail detail,
                            struct mdp_curve_data *out);

/** Refuses points that are not of one curve, as evaluations of another task, environment, precision or number of
 * candidates. Errors: DATA. */
mdp_err mdp_curve_data_check(const struct mdp_curve_data *data);

/** Frees the points. */
void mdp_curve_data_free(struct mdp_curve_data *data);

/** Returns the label in file names of "ema" or "online"; borrowed. */
const char *mdp_actor_mark(const char *actor);

#endif
