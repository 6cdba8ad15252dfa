/* checkpoints: one module (diffusion, guidance, behaviour policy) or one training state to resume from, in one file.
 *
 * written by train and behave, read by eval, collect and train. parameters are named float32 tensors in groups;
 * everything else that a state needs goes into named arrays. the same content gives the same bytes. docs/formats.md. */
#ifndef MDP_RESULTS_CHECKPOINT_H
#define MDP_RESULTS_CHECKPOINT_H

#include <stdint.h>

#include "base/err.h"
#include "base/temp.h"
#include "base/tensor.h"
#include "results/h5/types.h"
#include "results/head.h"
#include "results/normalizer.h"

/* what a file is about */
struct mdp_checkpoint_info {
    char kind[16]; /* "diffusion", "guidance", "behavior" or "resume" */
    char algo[16]; /* "dql", "sac", ... */
    char task[MDP_TASK_MAX];
    char isa[MDP_ISA_MAX]; /* which way the libraries computed, "" where nothing tells */
    uint64_t seed;
    int64_t step;                     /* gradient or environment steps so far, >= 0 */
    int n_obs, n_act;                 /* 1 .. 1024 */
    struct mdp_normalizer normalizer; /* n is 0 (none) or n_obs */
    struct mdp_head head;
};

/* the tensors of one network, e.g. "actor" and "actor_ema" */
struct mdp_tensor_group {
    const char *name;
    int n;
    const struct mdp_tensor *tensors;
};

/* a named array of any numeric type; data is [shape], read when writing and written when reading */
struct mdp_named_array {
    const char *name;
    enum mdp_h5_type type;
    struct mdp_h5_shape shape;
    void *data;
};

/* one line of what a file holds */
struct mdp_checkpoint_entry {
    char name[2 * MDP_H5_NAME_MAX]; /* path in the file */
    char type[16];
    struct mdp_h5_shape shape;
};

/** Checks sizes, step, normaliser and kind; `path` is for messages. Errors: DATA. */
mdp_err mdp_checkpoint_check_info(const char *path, const struct mdp_checkpoint_info *info);

/** Writes a checkpoint; how: what becomes of a file that is there. Nullable: groups, arrays where their count is 0.
 * Errors: IO, DATA if a float is not finite or the info is out of range. */
mdp_err mdp_checkpoint_write(const char *path, const struct mdp_checkpoint_info *info, int n_groups,
                             const struct mdp_tensor_group *groups, int n_arrays, const struct mdp_named_array *arrays,
                             enum mdp_publish how);

/** Reads and checks what a file is about. Owns: caller, mdp_checkpoint_info_free. Errors: IO, DATA. */
mdp_err mdp_checkpoint_read_info(const char *path, struct mdp_checkpoint_info *info);

/** Fills the caller's tensors from a file of the given kind. Nullable: info. Owns: caller, mdp_checkpoint_info_free.
 * Errors: IO; DATA if a group or tensor is missing, too many, of another shape or not finite; tensors are then
 * undefined. */
mdp_err mdp_checkpoint_read(const char *path, const char *kind, struct mdp_checkpoint_info *info, int n_groups,
                            const struct mdp_tensor_group *groups);

/** Fills the caller's named arrays; shapes must match exactly, floats must be finite. Errors: IO, DATA. */
mdp_err mdp_checkpoint_read_arrays(const char *path, int n_arrays, const struct mdp_named_array *arrays);

/** Tells whether a file has a named array. Errors: IO, DATA. */
mdp_err mdp_checkpoint_has_array(const char *path, const char *name, int *has);

/** Reads the shape of a named array, so that its buffer can be made. Errors: IO, DATA. */
mdp_err mdp_checkpoint_array_shape(const char *path, const char *name, struct mdp_h5_shape *shape);

/** Lists all tensors and arrays of a file. Owns: caller, free(). Errors: IO, DATA. */
mdp_err mdp_checkpoint_list(const char *path, struct mdp_checkpoint_entry **entries, int *n_entries);

/** Reads every float of a file and checks that it is finite. Errors: IO, DATA. */
mdp_err mdp_checkpoint_validate(const char *path);

/** Frees what reading allocated and clears the struct. */
void mdp_checkpoint_info_free(struct mdp_checkpoint_info *info);

#endif
