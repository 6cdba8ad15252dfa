#include "bench/render/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/claim.h"
#include "base/fsx.h"
#include "base/memstream.h"
#include "base/number.h"
#include "bench/render/internal.h"
#include "results/show/markup.h"

/* a camera: pixels a metre, the picture's size, where its floor is */
struct camera {
    double scale;
    int width, height, floor;
};

static const struct camera moving = {110, 400, 230, 205}, still = {52, 120, 105, 95};
enum { N_STILLS = 8, TITLE_HEIGHT = 18 };

/* pictures a second are 25, or as many as there are steps */
long mdp_frame_stride(const struct mdp_poses *poses) {
    const long stride = lround(0.04 / mdp_env_step_seconds(poses->spec));
    return stride > 1 ? stride : 1;
}

const double *mdp_pose(const struct mdp_poses *poses, long i) {
    return poses->qpos + (i < poses->n ? i : poses->n - 1) * MDP_ENV_MAX_DOF;
}

/* the root of upright robots is at their feet, from which they lean away */
double mdp_pose_middle(const struct mdp_poses *poses, long i) {
    struct mdp_env_shape shapes[MDP_ENV_MAX_SHAPES];
    mdp_env_sketch(poses->spec, mdp_pose(poses, i), shapes);
    return 0.5 * (shapes[0].from[0] + shapes[0].to[0]);
}

/* the torso, and two legs or a front and a back one */
int mdp_shape_group(const struct mdp_poses *poses, int part) {
    const int n_joints = mdp_env_n_dof(poses->spec) - 3;
    return part == 0 ? 0 : n_joints < 6 || part <= n_joints / 2 ? 1 : 2;
}

static const char *colour_of(const struct mdp_poses *poses, int part) {
    static const char *const colours[] = {"#444444", "#0072B2", "#D55E00"};
    return colours[mdp_shape_group(poses, part)];
}

/* ---- SVG ---- */

static void begin(FILE *stream, const char *title, int width, int height) {
    fprintf(stream,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
            "font-family=\"sans-serif\" font-size=\"11\">\n<title>",
            width, height, width, height);
    mdp_put_xml(stream, title);
    fprintf(stream, "</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", width, height);
}

static double at_x(const struct camera *c, double x, double middle) { return c->width / 2.0 + c->scale * (x - middle); }

static double at_z(const struct camera *c, double z) { return c->floor - c->scale * z; }

/* marks below the floor from x to x, where the camera stands at `middle` */
static void put_marks(FILE *stream, const struct camera *c, double from, double to, double middle) {
    for (long k = (long)ceil(2 * from); k <= (long)floor(2 * to) && k < 2 * from + 4000; k++) {
        const double x = at_x(c, 0.5 * (double)k, middle);
        fprintf(stream, "<path d=\"M%.1f %dv%d\" stroke=\"#777777\"/>", x, c->floor, k % 2 == 0 ? 7 : 4);
        if (k % 2 == 0)
            fprintf(stream, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555555\">%ld m</text>", x,
                    c->floor + 18, k / 2);
        fputc('\n', stream);
    }
}

/* what is shown, unless it is said beside the picture */
static void put_title(FILE *stream, const struct mdp_poses *poses, int y) {
    if (poses->title[0] == 0) return;
    fprintf(stream, "<text x=\"8\" y=\"%d\" fill=\"#222222\">", y);
    mdp_put_xml(stream, poses->title);
    fputs("</text>\n", stream);
}

/* one of the four numbers of a line over time */
static void put_animation(FILE *stream, const struct mdp_poses *poses, const struct camera *c, int i_shape, int which,
                          double seconds) {
    static const char *const names[] = {"x1", "y1", "x2", "y2"};
    const long stride = mdp_frame_stride(poses);
    fprintf(stream, "<animate attributeName=\"%s\" dur=\"%.3fs\" repeatCount=\"indefinite\" values=\"", names[which],
            seconds);
    for (long i = 0; i < poses->n - 1 + stride; i += stride) {
        struct mdp_env_shape shapes[MDP_ENV_MAX_SHAPES];
        mdp_env_sketch(poses->spec, mdp_pose(poses, i), shapes);
        const double *end = which < 2 ? shapes[i_shape].from : shapes[i_shape].to;
        fprintf(stream, "%s%.1f", i > 0 ? ";" : "",
                which % 2 == 0 ? at_x(c, end[0], mdp_pose_middle(poses, i)) : at_z(c, end[1]));
    }
    fputs("\"/>", stream);
}

static void put_line(FILE *stream, const struct mdp_poses *poses, const struct camera *c,
                     const struct mdp_env_shape *shape, double middle) {
    fprintf(stream,
            "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\" stroke-width=\"%.2f\" "
            "stroke-linecap=\"round\" stroke-opacity=\"0.85\">",
            at_x(c, shape->from[0], middle), at_z(c, shape->from[1]), at_x(c, shape->to[0], middle),
            at_z(c, shape->to[1]), colour_of(poses, shape->part), 2 * c->scale * shape->radius);
}

/* the floor moves as the camera goes along */
static void put_floor(FILE *stream, const struct mdp_poses *poses, double seconds) {
    const struct camera *c = &moving;
    const long stride = mdp_frame_stride(poses);
    const double start = mdp_pose_middle(poses, 0), reach = c->width / 2.0 / c->scale;
    double low = start, high = start;
    for (long i = 0; i < poses->n; i++) {
        low = fmin(low, mdp_pose_middle(poses, i));
        high = fmax(high, mdp_pose_middle(poses, i));
    }
    fprintf(stream, "<path d=\"M0 %dh%d\" stroke=\"#444444\" stroke-width=\"2\"/>\n<g>", c->floor, c->width);
    fprintf(stream,
            "<animateTransform attributeName=\"transform\" type=\"translate\" dur=\"%.3fs\" "
            "repeatCount=\"indefinite\" values=\"",
            seconds);
    for (long i = 0; i < poses->n - 1 + stride; i += stride)
        fprintf(stream, "%s%.1f,0", i > 0 ? ";" : "", -c->scale * (mdp_pose_middle(poses, i) - start));
    fputs("\"/>\n", stream);
    put_marks(stream, c, low - reach, high + reach, start);
    fputs("</g>\n", stream);
}

void mdp_picture_svg(const struct mdp_poses *poses, FILE *stream) {
    struct mdp_env_shape shapes[MDP_ENV_MAX_SHAPES];
    const double *first = mdp_pose(poses, 0);
    const double seconds = (double)poses->n * mdp_env_step_seconds(poses->spec);
    const int n = mdp_env_sketch(poses->spec, first, shapes);
    begin(stream, poses->title, moving.width, moving.height);
    put_floor(stream, poses, seconds);
    for (int i = n - 1; i >= 0; i--) {
        put_line(stream, poses, &moving, &shapes[i], mdp_pose_middle(poses, 0));
        for (int which = 0; which < 4; which++) put_animation(stream, poses, &moving, i, which, seconds);
        fputs("</line>\n", stream);
    }
    put_title(stream, poses, 16);
    fputs("</svg>\n", stream);
}

void mdp_picture_strip(const struct mdp_poses *poses, FILE *stream) {
    struct mdp_env_shape shapes[MDP_ENV_MAX_SHAPES];
    const struct camera *c = &still;
    const int top = poses->title[0] != 0 ? TITLE_HEIGHT : 0;
    char place[MDP_NUMBER_MAX];
    begin(stream, poses->title, N_STILLS * c->width, top + c->height + 18);
    put_title(stream, poses, 14);
    for (int k = 0; k < N_STILLS; k++) {
        const long i = (poses->n - 1) * k / (N_STILLS - 1);
        const double middle = mdp_pose_middle(poses, i);
        const int n = mdp_env_sketch(poses->spec, mdp_pose(poses, i), shapes);
        mdp_number_fixed(middle, 1, place);
        fprintf(stream, "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\">\n", k * c->width, top, c->width,
                c->height + 18);
        fprintf(stream, "<path d=\"M0 %dh%d\" stroke=\"#444444\"/>\n", c->floor, c->width);
        for (int s = n - 1; s >= 0; s--) {
            put_line(stream, poses, c, &shapes[s], middle);
            fputs("</line>\n", stream);
        }
        fprintf(stream, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#555555\">%.2f s, %s m</text>\n</svg>\n",
                c->width / 2, c->floor + 14, (double)i * mdp_env_step_seconds(poses->spec), place);
    }
    fputs("</svg>\n", stream);
}

/* ---- files ---- */

enum { STRIP, SVG, GIF };

const struct mdp_names *mdp_picture_kinds(void) {
    static const char *const endings[] = {[STRIP] = "strip.svg", [SVG] = "svg", [GIF] = "gif"};
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(endings);
    return &names;
}

static mdp_err draw(const struct mdp_poses *poses, int kind, char **data, size_t *size) {
    struct mdp_memstream memory;
    mdp_err err;
    if (kind == GIF) return mdp_picture_gif(poses, (unsigned char **)data, size);
    MDP_TRY(mdp_memstream_open(&memory, "picture"));
    kind == STRIP ? mdp_picture_strip(poses, memory.stream) : mdp_picture_svg(poses, memory.stream);
    MDP_TRY(mdp_memstream_close(&memory, MDP_OK));
    *data = memory.text;
    *size = memory.size;
out:
    return err;
}

mdp_err mdp_picture_write(const struct mdp_poses *poses, const char *path) {
    const int kind = mdp_names_ending(mdp_picture_kinds(), path);
    struct mdp_claim *claim = NULL;
    char *data = NULL;
    size_t size = 0;
    mdp_err err;
    if (kind < 0)
        return mdp_fail(MDP_E_USAGE, "option --out: expected a path that ends in .svg, .strip.svg or .gif, found %s",
                        path);
    MDP_TRY(mdp_fsx_make_parents(path));
    MDP_TRY(mdp_claim_take(path, &claim));
    MDP_TRY(draw(poses, kind, &data, &size));
    MDP_TRY(mdp_fsx_write(path, data, size));
out:
    free(data);
    mdp_claim_free(claim);
    return err;
}
