/* what an evaluation records of the world that it ran in: environment, physics, and the reference scores of returns.
 *
 * evaluations write it; plans ask whether a file of before has what would be written today. */
#ifndef MDP_BENCH_RUN_WORLD_H
#define MDP_BENCH_RUN_WORLD_H

#include "bench/run/physics.h"
#include "bench/run/task.h"
#include "results/alike.h"
#include "results/normalizer.h"

/** Writes the members of an episodes file's info that say where episodes were rolled out. Errors: DATA for an
 * environment without reference scores. */
mdp_err mdp_world_describe(const struct mdp_env_spec *spec, const struct mdp_engine_facts *physics,
                           struct mdp_episodes_info *info);

/** Writes the facts of an evaluation that follow from its task and physics, as this program would record them now.
 * Nullable: engine. Errors: as mdp_engine_describe and mdp_world_describe. */
mdp_err mdp_world_facts(const struct mdp_task *task, const struct mdp_engine *engine, struct mdp_facts *out);

/** Refuses a normaliser that no data of a world can have: the torso's height, which is observed first, is on average
 * between the ends of its healthy range, or for HalfCheetah near its rest. Errors: DATA naming the path. */
mdp_err mdp_world_check_normalizer(const struct mdp_env_spec *spec, const char *path,
                                   const struct mdp_normalizer *normalizer);

#endif
