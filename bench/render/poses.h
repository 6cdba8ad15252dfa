/* the states that an episode went through, as pictures need them. */
#ifndef MDP_BENCH_RENDER_POSES_H
#define MDP_BENCH_RENDER_POSES_H

#include "base/err.h"
#include "envs/env.h"
#include "results/episodes_data.h"

enum { MDP_POSES_TITLE_MAX = 256 };

/* Units: m, rad, s. qpos is owned */
struct mdp_poses {
    const struct mdp_env_spec *spec;
    long n;                          /* states: the start, and one after each step */
    double *qpos;                    /* [n, MDP_ENV_MAX_DOF] */
    char title[MDP_POSES_TITLE_MAX]; /* what people read above it */
    int is_kept;                     /* read as eval has kept them, not played again */
};

/* an evaluation that has been read; borrowed */
struct mdp_recorded {
    const char *path; /* as mdp_evaluation_read takes it */
    const struct mdp_episodes_info *info;
    const struct mdp_episodes *episodes;
};

/** Plays the episode of a row again; without a title. Nullable: engine. Owns: caller, mdp_poses_free, also after a
 * failure. Errors: as mdp_eval_replay. */
mdp_err mdp_poses_play(const struct mdp_recorded *evaluation, long row, const struct mdp_engine *engine,
                       struct mdp_poses *out);

/** Reads an episode of a dataset, counted from 0, from its positions infos/qpos. Nullable: task (as the data fits a
 * world). Owns: as above. Errors: USAGE for a number that is not there; DATA for a file without positions or whose
 * world is not known; IO. */
mdp_err mdp_poses_of_dataset(const char *path, long episode, const char *task, struct mdp_poses *out);

/** Returns 1 for positions that can be drawn: finite, and of at most 1e6, as those of an episode are that did not end
 * with numbers out of bounds. Shapes: qpos [n]. */
int mdp_pose_can_be_drawn(const double *qpos, int n);

/** Frees the states. */
void mdp_poses_free(struct mdp_poses *poses);

#endif
