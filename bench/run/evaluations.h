/* where evaluations are: in files of their own, or in the curve file of their run and label (results/curve_file.h).
 *
 * whoever reads several asks here, so that a curve is opened once. */
#ifndef MDP_BENCH_RUN_EVALUATIONS_H
#define MDP_BENCH_RUN_EVALUATIONS_H

#include "bench/run/names.h"
#include "results/curve_file.h"
#include "results/episodes.h"

/* the curve that was read last, zeroed before there is one; what it holds must not change while it is used */
struct mdp_evaluations {
    int by_objective; /* evaluations count by their objective (mdp_episodes_by_objective) */
    struct mdp_curve_file curve;
};

/** Finds an evaluation by the path FOLDER/stepNNNNNN[.LABEL].episodes.h5 that its own file would have: writes that path
 * or FILE.h5#stepNNNNNN, and whether it is there. One that is there twice is that of the curve, unless its own file
 * goes on where that ends. Errors: DATA for two that differ, naming both, and for a damaged curve; IO. */
mdp_err mdp_evaluation_find(struct mdp_evaluations *cache, const char *own, char path[MDP_PATH_MAX], int *is_there);

/** Reads an evaluation by either path. Owns: caller. Errors: as mdp_episodes_read. */
mdp_err mdp_evaluation_read(struct mdp_evaluations *cache, const char *path, struct mdp_episodes_info *info,
                            struct mdp_episodes *episodes);

/** Says which of a file and a part of a curve, of one step, has more episodes: *order is above 0 for the file, below 0
 * for the curve, 0 where both are equal. Of a longer one the settings ask for no more than more episodes, and the world
 * and instructions are the same. Errors: DATA for two that differ in more, naming both; IO. */
mdp_err mdp_evaluation_choose(struct mdp_evaluations *cache, const char *own, const char *place, int *order);

/** Writes the path that the file of an evaluation of its own has: of a part of a curve, that beside it. Errors: USAGE
 * if it does not fit. */
mdp_err mdp_evaluation_own(const char *path, char own[MDP_PATH_MAX]);

/** Writes the path of the curve that an evaluation, named by its own file, belongs to. Errors: USAGE, also for a name
 * of another kind. */
mdp_err mdp_evaluation_curve(const char *own, char path[MDP_PATH_MAX]);

/** Returns 1 if a file of that path is there, or a curve file of which it names a part. */
int mdp_evaluation_file_exists(const char *path);

/** Returns a hash of what a path holds: of a file's bytes, with the step where it is part of a curve. Errors: IO. */
mdp_err mdp_evaluation_hash(const char *path, uint64_t *hash);

/** Frees the curve. */
void mdp_evaluations_free(struct mdp_evaluations *cache);

#endif
