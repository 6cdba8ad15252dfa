/* an episode as a side view: SVG that moves, a film strip, a GIF. the camera goes along with the robot; the floor's
 * marks are half a metre apart. the same episode gives the same bytes. */
#ifndef MDP_BENCH_RENDER_PICTURE_H
#define MDP_BENCH_RENDER_PICTURE_H

#include <stdio.h>

#include "bench/render/poses.h"

/** Writes a moving SVG, 25 pictures a second of the episode's own time. */
void mdp_picture_svg(const struct mdp_poses *poses, FILE *stream);

/** Writes a film strip: states at equal distances of time, the first and the last among them, as an SVG that stands
 * still. */
void mdp_picture_strip(const struct mdp_poses *poses, FILE *stream);

/** Writes a GIF of the moving picture into memory. Owns: caller, free(*data). Errors: NOMEM. */
mdp_err mdp_picture_gif(const struct mdp_poses *poses, unsigned char **data, size_t *size);

/** Lists what a picture's path may end in: .strip.svg, .svg, .gif. */
const struct mdp_names *mdp_picture_kinds(void);

/** Writes a picture as its path's ending says, in the place of one that is there. Errors: USAGE for another ending; IO,
 * NOMEM. */
mdp_err mdp_picture_write(const struct mdp_poses *poses, const char *path);

#endif
