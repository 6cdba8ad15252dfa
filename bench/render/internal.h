/* what the kinds of pictures share. */
#ifndef MDP_BENCH_RENDER_INTERNAL_H
#define MDP_BENCH_RENDER_INTERNAL_H

#include "bench/render/poses.h"

/** Returns how many steps lie between two pictures of a moving one. */
long mdp_frame_stride(const struct mdp_poses *poses);

/** Returns a state, the last one for what is behind it; borrowed. */
const double *mdp_pose(const struct mdp_poses *poses, long i);

/** Returns where the torso's middle is along the way, where the camera looks. Units: m. */
double mdp_pose_middle(const struct mdp_poses *poses, long i);

/** Returns what is drawn alike: 0 the torso, 1 and 2 the legs. */
int mdp_shape_group(const struct mdp_poses *poses, int part);

#endif
