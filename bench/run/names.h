/* what the files of a run are called: one writer, one parser.
 *
 * - stepNNNNNN[.LABEL].KIND.h5: a checkpoint's module or evaluation. its step has zeros up to 6 digits, 7 in the runs
 *   of behaviour policies; the label says how an evaluation differs from the usual one
 * - STEM[.LABEL].KIND.h5: a file that people name, e.g. walker2d-medium.stochastic.episodes.h5
 * - [LABEL.]curve.h5: the evaluations of all checkpoints with a label in one file, each of them FILE#stepNNNNNN
 * - resume.h5, log.csv, run.json: of the run as a whole; guidance.h5, too, where it is noise that no step changes
 * - ROOT/TASK/WHAT/VARIANT/seedN: the run's folder
 *
 * docs/formats.md. */
#ifndef MDP_BENCH_RUN_NAMES_H
#define MDP_BENCH_RUN_NAMES_H

#include "base/fsx.h"

/* X(identifier, text) */
#define MDP_FILE_KIND_LIST(X)                                                                                          \
    X(DIFFUSION, "diffusion") X(GUIDANCE, "guidance") X(BEHAVIOR, "behavior") X(EPISODES, "episodes")
#define MDP_FILE_KIND_ENUM(identifier, text) MDP_FILE_##identifier,
enum mdp_file_kind { MDP_FILE_KIND_LIST(MDP_FILE_KIND_ENUM) MDP_N_FILE_KINDS };
#undef MDP_FILE_KIND_ENUM

/* X(identifier, name) */
#define MDP_RUN_FILE_LIST(X) X(STATE, "resume.h5") X(LOG, "log.csv") X(FACTS, "run.json") X(NOISE, "guidance.h5")
#define MDP_RUN_FILE_ENUM(identifier, name) MDP_RUN_##identifier,
enum mdp_run_file { MDP_RUN_FILE_LIST(MDP_RUN_FILE_ENUM) };
#undef MDP_RUN_FILE_ENUM

/* labels of evaluations that acted in another way than usual: without averaging, by draws */
#define MDP_LABEL_ONLINE "online"
#define MDP_LABEL_STOCHASTIC "stochastic"
enum { MDP_LABEL_BYTES = 200, MDP_STEP_DIGITS = 6 };

/* the name of a checkpoint's file */
struct mdp_step_name {
    enum mdp_file_kind kind;
    long step;
    int n_digits;                    /* the step is filled up with zeros to so many digits: 6 or 7 */
    char label[MDP_LABEL_BYTES + 1]; /* "": none */
    int is_in_curve;                 /* an evaluation that is part of a curve file; the digits mean nothing then */
};

/** Returns how the names of a kind end, e.g. ".episodes.h5"; borrowed. */
const char *mdp_file_ending(enum mdp_file_kind kind);

/** Reads a file's name without its folder. Returns 1 for one that mdp_step_name_path writes again, 0 for any other. */
int mdp_step_name_parse(const char *leaf, struct mdp_step_name *out);

/** Returns 1 for a name that begins as a checkpoint's does, "step" and a digit, and is none. */
int mdp_step_name_is_strange(const char *leaf);

/** Writes FOLDER/stepNNNNNN[.LABEL].KIND.h5, with the digits that runs of the kind have. Errors: USAGE for a label or
 * step that no name may have, or if the path does not fit, as below. */
mdp_err mdp_step_path(const char *folder, long step, const char *label, enum mdp_file_kind kind,
                      char path[MDP_PATH_MAX]);

/** Writes the path of a name that has been read. */
mdp_err mdp_step_name_path(const char *folder, const struct mdp_step_name *name, char path[MDP_PATH_MAX]);

/** Reads the name of a curve file without its folder. Returns 1 for one that mdp_curve_path writes, 0 for any other. */
int mdp_curve_name_parse(const char *leaf, char label[MDP_LABEL_BYTES + 1]);

/** Writes FOLDER/[LABEL.]curve.h5. Errors: USAGE, as below. */
mdp_err mdp_curve_path(const char *folder, const char *label, char path[MDP_PATH_MAX]);

/** Returns 1 for a path with the name of a curve file. */
int mdp_path_is_curve(const char *path);

/** Returns 1 for a path that ends as those of a kind. */
int mdp_file_is(enum mdp_file_kind kind, const char *path);

/** Returns the length of a path without the ending of its kind; without ".h5" or any ending where it has no kind. */
size_t mdp_stem_length(const char *path);

/** Writes FOLDER/STEM[.LABEL].KIND.h5. */
mdp_err mdp_named_path(const char *folder, const char *stem, const char *label, enum mdp_file_kind kind,
                       char path[MDP_PATH_MAX]);

/** Writes the path beside a file: its stem, whatever the kind, with a label and the ending of another kind. */
mdp_err mdp_path_beside(const char *file, const char *label, enum mdp_file_kind kind, char path[MDP_PATH_MAX]);

/** Returns 1 if a name is STEM[.LABEL].KIND.h5 for the stem of a file of any kind, both without their folder. */
int mdp_is_beside(const char *leaf, enum mdp_file_kind kind, const char *file);

/** Writes a value as part of a label: a comma, which separates paths, as +, what else no label may hold as -, and no =,
 * which is an assignment to make. */
void mdp_label_text(const char *value, size_t size, char *label);

/** Refuses a label that cannot be part of a name anywhere. Errors: USAGE "expected .., found ..". */
mdp_err mdp_label_check(const char *label);

/** Writes the path of a file that a run has once. */
mdp_err mdp_run_path(const char *folder, enum mdp_run_file file, char path[MDP_PATH_MAX]);

/** Writes a run's folder: of a task, an algorithm with what guides it, or "guidance" with its recipe; of "behavior", a
 * robot. Nullable: variant. Errors: USAGE for a part that is no label, and so could lead to another folder. */
mdp_err mdp_run_folder(const char *root, const char *task, const char *what, const char *variant, uint64_t seed,
                       char path[MDP_PATH_MAX]);

/** Writes the path of a task's dataset, FOLDER/TASK.hdf5. */
mdp_err mdp_dataset_path(const char *folder, const char *task, char path[MDP_PATH_MAX]);

/** Writes what a dataset is called: its file's name without its ending, or the name of Minari's folder, with
 * n_parts - 1 of the folders above. Errors: USAGE if it does not fit. */
mdp_err mdp_dataset_label(const char *path, int n_parts, char label[MDP_PATH_MAX]);

/** Returns 1 for the first n bytes of a name that a run's folder of one seed has, e.g. "seed12". */
int mdp_is_seed_folder(const char *name, size_t n);

#endif
