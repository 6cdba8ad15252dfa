/* the moving picture as a GIF: shapes as pixels, with a softer rim. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/render/internal.h"
#include "bench/render/picture.h"
#include "results/show/gif.h"

enum { WIDTH = 320, HEIGHT = 184, FLOOR = 164, SCALE = 88 };
/* a group's colour is FIRST + 2 * group, and its rim the next one */
enum { PAPER, LINE, FIRST };

static const unsigned char palette[][3] = {{255, 255, 255}, {110, 110, 110}, {68, 68, 68}, {160, 160, 160},
                                           {0, 114, 178},   {127, 184, 216}, {213, 94, 0}, {234, 174, 127}};

static double distance(const struct mdp_env_shape *s, double x, double z) {
    const double dx = s->to[0] - s->from[0], dz = s->to[1] - s->from[1], length = dx * dx + dz * dz;
    double t = length > 0 ? ((x - s->from[0]) * dx + (z - s->from[1]) * dz) / length : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - s->from[0] - t * dx, z - s->from[1] - t * dz);
}

static int clamp(double value, int most) { return !(value > 0) ? 0 : value > most ? most : (int)value; }

static void fill(unsigned char *pixels, const struct mdp_env_shape *s, double middle, int colour) {
    const double reach = s->radius + 1.0 / SCALE;
    const double low_x = fmin(s->from[0], s->to[0]) - reach, high_x = fmax(s->from[0], s->to[0]) + reach;
    const double low_z = fmin(s->from[1], s->to[1]) - reach, high_z = fmax(s->from[1], s->to[1]) + reach;
    for (int row = clamp(FLOOR - SCALE * high_z, HEIGHT - 1); row <= clamp(FLOOR - SCALE * low_z, HEIGHT - 1); row++)
        for (int k = clamp(WIDTH / 2 + SCALE * (low_x - middle), WIDTH - 1);
             k <= clamp(WIDTH / 2 + SCALE * (high_x - middle), WIDTH - 1); k++) {
            const double d = distance(s, middle + (k + 0.5 - WIDTH / 2) / SCALE, (FLOOR - row - 0.5) / SCALE);
            unsigned char *pixel = &pixels[row * WIDTH + k];
            if (d < s->radius - 0.4 / SCALE)
                *pixel = (unsigned char)colour;
            else if (d < s->radius + 0.4 / SCALE && *pixel < FIRST)
                *pixel = (unsigned char)(colour + 1);
        }
}

static void draw(const struct mdp_poses *poses, long i, unsigned char *pixels) {
    struct mdp_env_shape shapes[MDP_ENV_MAX_SHAPES];
    const double middle = mdp_pose_middle(poses, i);
    const int n = mdp_env_sketch(poses->spec, mdp_pose(poses, i), shapes);
    memset(pixels, PAPER, (size_t)WIDTH * HEIGHT);
    memset(pixels + FLOOR * WIDTH, LINE, WIDTH);
    for (int k = 0; k < WIDTH; k++) {
        const double from = 2 * (middle + (k - WIDTH / 2.0) / SCALE), to = from + 2.0 / SCALE;
        const long mark = (long)floor(to);
        if (floor(from) >= floor(to)) continue;
        for (int row = FLOOR; row < FLOOR + (mark % 2 == 0 ? 9 : 5); row++) pixels[row * WIDTH + k] = LINE;
    }
    for (int s = n - 1; s >= 0; s--)
        fill(pixels, &shapes[s], middle, FIRST + 2 * mdp_shape_group(poses, shapes[s].part));
}

mdp_err mdp_picture_gif(const struct mdp_poses *poses, unsigned char **data, size_t *size) {
    const long stride = mdp_frame_stride(poses);
    const int delay = (int)lround(100 * (double)stride * mdp_env_step_seconds(poses->spec));
    struct mdp_gif *gif = NULL;
    unsigned char *pixels = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&pixels, (unsigned long)WIDTH * HEIGHT, 1, "picture"));
    MDP_TRY(mdp_gif_new(WIDTH, HEIGHT, (int)(sizeof palette / sizeof palette[0]), palette, &gif));
    for (long i = 0; i < poses->n - 1 + stride; i += stride) {
        draw(poses, i, pixels);
        MDP_TRY(mdp_gif_add(gif, pixels, delay));
    }
    MDP_TRY(mdp_gif_finish(gif, data, size));
out:
    free(pixels);
    mdp_gif_free(gif);
    return err;
}
