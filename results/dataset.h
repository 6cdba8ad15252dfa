/* offline datasets in D4RL's HDF5 layout: a streaming writer (collect) and a loader that trusts nothing (train).
 *
 * the loader takes any file of that layout or of Minari's (results/minari.h), ours or not, block by block, and returns
 * the q-learning view, with rewards and observations normalised on request. Source: D4RL's layout;
 * reference/algos/SPEC.md section 6. docs/formats.md. */
#ifndef MDP_RESULTS_DATASET_H
#define MDP_RESULTS_DATASET_H

#include <stdint.h>

#include "base/fsx.h"
#include "base/transitions.h"
#include "results/head.h"
#include "results/normalizer.h"

enum { MDP_DATASET_EPISODE_STEPS = 1000, MDP_DATASET_ROWS_MAX = 50000000 };

/* rows as they were recorded, all of a file or a block of it */
struct mdp_dataset_raw {
    long n; /* rows */
    int n_obs, n_act;
    float *observations; /* [n, n_obs] */
    float *actions;      /* [n, n_act] */
    float *rewards;      /* [n] */
    uint8_t *terminals;  /* [n], 0 or 1 */
    uint8_t *timeouts;   /* [n], 0 or 1; NULL if the file has none */
    double *qvel;        /* [n, n_qvel] infos/qvel, likewise: the rates of the state that the row begins in */
    int n_qvel;
    float *next_observations; /* [n, n_obs]; NULL unless mdp_dataset_reader_add_next has found them */
    long first; /* number of the first row in the file; where it is not 0, that row ended the block before */
};

/* where a file of D4RL's layout says between what its actions lie: [2, n_act], the lowest and the highest of each
 * column. ours: that layout has no word for it, and pip's d4rl passes it over */
#define MDP_DATASET_BOUNDS "metadata/action_bounds"

/* between what actions lie, column by column */
struct mdp_dataset_bounds {
    int n; /* columns; 0: [-1, 1], which needs no mapping; 1: the same for all */
    double low[MDP_NORMALIZER_MAX], high[MDP_NORMALIZER_MAX];
};

/* one kept row, for who pays it otherwise */
struct mdp_dataset_row {
    long row;                                             /* number in the file */
    const float *observation, *action, *next_observation; /* the last one NULL: not in the file */
    const double *next_qvel; /* [n_qvel] of infos/qvel of the state behind it; NULL: not in the file */
    int n_qvel;
    float reward;
    int terminal;
};

/* a reward in place of that of the file */
struct mdp_dataset_reward {
    void *context;
    mdp_err (*begin)(void *context, const char *path, long n_rows); /* NULL: nothing to do before the first row */
    mdp_err (*pay)(void *context, const struct mdp_dataset_row *row, float *reward); /* NULL: the file's */
};

struct mdp_dataset_options {
    int normalize_rewards;                   /* scale so that segment returns span 1000 */
    int normalize_observations;              /* whether observations are scaled to mean 0 and population deviation 1 */
    long max_rows;                           /* use only the first rows of the file; 0 for all */
    int next_actions;                        /* fill next_actions: what the row after it did */
    const struct mdp_dataset_bounds *bounds; /* of actions, which become [-1, 1]; NULL: what the file says, or that */
    struct mdp_dataset_reward reward;        /* before rewards are normalised */
    double memory_bytes;                     /* a view that takes more goes to a nameless file in `scratch` */
    const char *scratch;                     /* folder whose disk has room for it; NULL: always in memory */
};

/* what the view found on the way */
struct mdp_dataset_summary {
    long n_raw, n_kept, n_segments;
    double min_return, max_return;    /* over the closed segments of kept steps; NaN if there is none */
    struct mdp_dataset_bounds bounds; /* which actions had in the file */
};

/* what is recorded about a dataset beside its rows; texts are borrowed, NULL counts as "" */
struct mdp_dataset_facts {
    const char *task, *env_id, *algorithm,
        *policy;                           /* e.g. "halfcheetah-medium", "HalfCheetahBullet-v0", "sac", file name */
    const char *reference;                 /* name of the reference scores, e.g. "bullet-halfcheetah" */
    const char *settings, *inputs;         /* JSON objects */
    const char *machine;                   /* NULL for what is known here */
    const char *isa;                       /* which way the libraries computed; NULL: not recorded */
    const char *physics, *physics_library; /* physics of the simulation, and files of its library; NULL: not recorded */
    uint64_t physics_hash;                 /* over their bytes */
    uint64_t seed;
};

/* one step as it is recorded */
struct mdp_dataset_step {
    const float *observation, *action, *next_observation; /* [n_obs], [n_act], [n_obs] */
    float reward;
    int terminal, timeout;     /* 0 or 1 */
    const double *qpos, *qvel; /* [n_joints]: root x, z, pitch (m, m, rad), then joints (rad), and their rates */
};

/* a dataset that is being written */
struct mdp_dataset_writer;

/** Starts a dataset file; nothing is visible before mdp_dataset_writer_finish. Range: n_joints 0 leaves infos out.
 * Owns: caller, mdp_dataset_writer_free. Errors: IO, DATA. */
mdp_err mdp_dataset_writer_new(const char *path, int n_obs, int n_act, int n_joints,
                               const struct mdp_dataset_facts *facts, struct mdp_dataset_writer **out);

/** Appends a step. Errors: IO; DATA if a value is not finite or an action leaves [-1, 1]. */
mdp_err mdp_dataset_writer_add(struct mdp_dataset_writer *writer, const struct mdp_dataset_step *step);

/* told of each row that is copied: whether an episode ended with it */
typedef void (*mdp_dataset_row_hook)(void *context, int is_end);

/** Appends the first rows of a file that such a writer made. Range: n_rows 0 or more, -1 for all. Errors: IO; DATA for
 * other arrays or fewer rows. */
mdp_err mdp_dataset_writer_copy(struct mdp_dataset_writer *writer, const char *path, long n_rows,
                                mdp_dataset_row_hook hook, void *context);

/** Writes what is left and publishes the file. The writer still has to be freed. Errors: IO, nothing is left of the
 * file. */
mdp_err mdp_dataset_writer_finish(struct mdp_dataset_writer *writer);

/** Frees a writer; without mdp_dataset_writer_finish the file is dropped. Nullable: writer. */
void mdp_dataset_writer_free(struct mdp_dataset_writer *writer);

/** Writes the path of the file that holds a dataset's rows: of a folder of Minari's its HDF5 file, else the path
 * itself. Errors: as mdp_minari_file. */
mdp_err mdp_dataset_file(const char *path, char file[MDP_PATH_MAX]);

/* a file that is being read block by block */
struct mdp_dataset_reader;

/** Opens a file and checks its arrays' shapes, for its first max_rows rows or all (0). Range: block_rows 2 or more, 0
 * for what suits the file. Owns: caller, mdp_dataset_reader_free. Errors: IO; DATA naming file and array. */
mdp_err mdp_dataset_reader_new(const char *path, long max_rows, long block_rows, struct mdp_dataset_reader **out);

/** Returns what range actions have, as a file of Minari's says it, or n 0; borrowed. */
const struct mdp_dataset_bounds *mdp_dataset_reader_bounds(const struct mdp_dataset_reader *reader);

/** Says what range actions have in place of what the file says; they are read as [-1, 1]. Range: bounds->n 0, 1 or the
 * columns of actions. Errors: DATA for another number. */
mdp_err mdp_dataset_reader_set_bounds(struct mdp_dataset_reader *reader, const struct mdp_dataset_bounds *bounds);

/** Has what follows each row read, too: next_observations and infos/qvel, where a file of D4RL's layout has them; to be
 * called before the first block. Errors: NOMEM; IO; DATA for other shapes. */
mdp_err mdp_dataset_reader_add_next(struct mdp_dataset_reader *reader);

/** Has actions read as they are, whatever their range. */
void mdp_dataset_reader_keep_actions(struct mdp_dataset_reader *reader);

/** Frees it. Nullable: reader. */
void mdp_dataset_reader_free(struct mdp_dataset_reader *reader);

/** Returns what the blocks have in common: columns, arrays that are there, and as n all rows; the arrays are borrowed
 * until the next call. */
const struct mdp_dataset_raw *mdp_dataset_reader_head(const struct mdp_dataset_reader *reader);

/** Reads and checks the next rows; a block of no rows ends the file. Borrowed until the next call. Errors: DATA naming
 * file, array, row and column. */
mdp_err mdp_dataset_reader_next(struct mdp_dataset_reader *reader, struct mdp_dataset_raw *block);

/** Frees arrays that are the caller's own and clears the struct. */
void mdp_dataset_raw_free(struct mdp_dataset_raw *raw);

/** Makes D4RL's q-learning view of raw arrays: drops time-out steps and the last row, pairs each with the row after it.
 * Nullable: kept_index (owned by the caller, free()), normalizer, summary. Owns: caller, mdp_transitions_free.
 * Errors: DATA if nothing is kept, or rewards are to be normalised and no two segments differ; NOMEM; IO of the
 * scratch folder. Source: SPEC 6. */
mdp_err mdp_dataset_view(const struct mdp_dataset_raw *raw, const struct mdp_dataset_options *options,
                         struct mdp_transitions *transitions, long **kept_index, struct mdp_normalizer *normalizer,
                         struct mdp_dataset_summary *summary);

/** Reads a file and makes the view. Nullable: normalizer, summary. Owns: caller, mdp_transitions_free. Errors: as
 * mdp_dataset_reader_next and mdp_dataset_view; INTERRUPTED. */
mdp_err mdp_dataset_load(const char *path, const struct mdp_dataset_options *options,
                         struct mdp_transitions *transitions, struct mdp_normalizer *normalizer,
                         struct mdp_dataset_summary *summary);

/** Measures the observations of a file's view without keeping it. Errors: as mdp_dataset_load. */
mdp_err mdp_dataset_normalizer(const char *path, struct mdp_normalizer *normalizer);

/* one recorded episode */
struct mdp_dataset_episode {
    long first, n; /* rows */
    double ret;    /* sum of rewards */
    int end;       /* 'T' terminated, 'L' time limit, 'O' open: the file ends first */
};

/* episodes as they are found in block after block */
struct mdp_dataset_episodes {
    struct mdp_dataset_episode *list; /* [n] */
    long n, room;
    struct mdp_dataset_episode open; /* the rows since the last end */
};

/** Adds the episodes that end in the next block of a file. Errors: NOMEM. */
mdp_err mdp_dataset_episodes_add(struct mdp_dataset_episodes *episodes, const struct mdp_dataset_raw *block);

/** Adds what the end of the file leaves open. Errors: NOMEM. */
mdp_err mdp_dataset_episodes_finish(struct mdp_dataset_episodes *episodes);

/** Frees the list and clears the struct. */
void mdp_dataset_episodes_free(struct mdp_dataset_episodes *episodes);

/** Measures per-column mean and population deviation in double, 0 replaced by 1. Range: n >= 1, n_obs up to
 * MDP_NORMALIZER_MAX. */
void mdp_normalizer_measure(const float *observations, long n, int n_obs, struct mdp_normalizer *normalizer);

/** Normalises n rows in place. Shapes: observations [n, normalizer->n]. */
void mdp_normalizer_apply(const struct mdp_normalizer *normalizer, float *observations, long n);

#endif
