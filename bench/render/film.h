/* the poses of an evaluation's worst, median and best episode in a file beside it, so that they can be seen when its
 * policy is gone. docs/formats.md. */
#ifndef MDP_BENCH_RENDER_FILM_H
#define MDP_BENCH_RENDER_FILM_H

#include "bench/render/poses.h"

/** Plays the three episodes again, which must come out as recorded, and keeps them; where they are kept already nothing
 * is done, and where the evaluation has got longer and others are the three, the file is replaced. path: of the
 * evaluation, as mdp_evaluation_read takes it. Nullable: engine. Errors: as mdp_poses_of_evaluation. */
mdp_err mdp_film_keep(const char *path, const struct mdp_engine *engine);

/** Finds an episode of an evaluation, the one of this number: as `eval --film` has kept it, else it is played again.
 * Nullable: engine (the built-in physics). Owns: caller, mdp_poses_free. Errors: USAGE for a number that is not there;
 * DATA for kept poses that are damaged or another evaluation's; as mdp_eval_replay. */
mdp_err mdp_poses_of_evaluation(const char *path, long episode, const struct mdp_engine *engine, struct mdp_poses *out);

#endif
