/* curve files: the evaluations of a run's checkpoints in one file, [LABEL.]curve.h5, in place of an episodes file each.
 *
 * an array has a row per evaluation, which takes a twentieth of the disk. one of them goes by FILE#stepNNNNNN wherever
 * the path of an episodes file may stand, and what is read from either is the same to the last bit. docs/formats.md. */
#ifndef MDP_RESULTS_CURVE_FILE_H
#define MDP_RESULTS_CURVE_FILE_H

#include "results/curve_place.h"
#include "results/episodes_data.h"

/* of a file: evaluations, and episodes of all of them */
enum { MDP_CURVE_STEPS_MAX = 100000, MDP_CURVE_EPISODES_MAX = 10000000 };

/* the evaluations of a file by ascending step; owned */
struct mdp_curve_file {
    char path[MDP_PATH_MAX];
    int n;
    struct mdp_episodes_info *infos; /* [n] */
    struct mdp_episodes *episodes;   /* [n], all with the same episode numbers and seeds */
};

/** Writes a file of n evaluations by ascending step. Errors: IO; DATA if they are not alike in all but step, modules
 * and machine, or one is out of range. */
mdp_err mdp_curve_file_write(const char *path, int n, const struct mdp_episodes_info *infos,
                             const struct mdp_episodes *episodes);

/** Reads and checks a file. Owns: caller, mdp_curve_file_free. Errors: IO, DATA. */
mdp_err mdp_curve_file_read(const char *path, struct mdp_curve_file *out);

/** Copies the evaluation of a step. Owns: caller, as after mdp_episodes_read. Errors: DATA if there is none; NOMEM. */
mdp_err mdp_curve_file_get(const struct mdp_curve_file *curve, long step, struct mdp_episodes_info *info,
                           struct mdp_episodes *episodes);

/** Reads and checks a file, and returns one of its evaluations. Owns: caller, as after mdp_episodes_read. Errors: IO,
 * DATA. */
mdp_err mdp_curve_file_read_one(const struct mdp_curve_place *place, struct mdp_episodes_info *info,
                                struct mdp_episodes *episodes);

/** Lists the steps of a file, ascending. Owns: caller, free(*steps). Errors: IO, DATA. */
mdp_err mdp_curve_file_steps(const char *path, int64_t **steps, int *n);

/** Frees what was read and clears the struct. */
void mdp_curve_file_free(struct mdp_curve_file *curve);

#endif
