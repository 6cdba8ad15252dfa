/* moving pictures as GIF, by giflib: frames of numbered colours in, a file in memory out. */
#ifndef MDP_RESULTS_SHOW_GIF_H
#define MDP_RESULTS_SHOW_GIF_H

#include <stddef.h>

#include "base/err.h"

struct mdp_gif;

/** Begins a GIF that plays without an end. Range: n_colours a power of 2 from 2 to 256. Owns: caller, mdp_gif_free.
 * Errors: NOMEM. */
mdp_err mdp_gif_new(int width, int height, int n_colours, const unsigned char colours[][3], struct mdp_gif **out);

/** Adds a frame, shown for so many hundredths of a second. Shapes: pixels [height, width], numbers of colours. Errors:
 * NOMEM. */
mdp_err mdp_gif_add(struct mdp_gif *gif, const unsigned char *pixels, int hundredths);

/** Ends it and gives its bytes. Owns: caller, free(*data). Errors: NOMEM. */
mdp_err mdp_gif_finish(struct mdp_gif *gif, unsigned char **data, size_t *size);

/** Frees it. Nullable: gif. */
void mdp_gif_free(struct mdp_gif *gif);

#endif
