/* planar worlds in groups: handed over to the lanes of vector registers for a step, and taken back.
 *
 * a world is the same before and after a step however it was stepped, so groups are made anew for each, of whichever
 * worlds there are. the physics made of them: the default one steps many worlds in lanes and one alone; another steps
 * all one by one, others all in lanes of one width, to measure and to test. Source: as of planar.c. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/cpu.h"
#include "envs/physics/planar_world.h"

/* widest first */
static const struct mdp_planar_lanes *const widths[] = {&mdp_planar_lanes_avx512, &mdp_planar_lanes_avx2};
enum { N_WIDTHS = sizeof widths / sizeof widths[0] };

/* a third of the lanes' worlds is as fast one by one */
enum { FEW = 3 };

/* what is masked out in a lane is computed all the same, so its numbers have to stay finite; no speed is above this
 * after a step */
static const double largest_position = 1e6, largest_speed = 100;

enum { N_NUMBERS = sizeof(struct mdp_planar_group) / sizeof(double) };
#define NUMBER_OF(field) (offsetof(struct mdp_planar_group, field) / sizeof(double))

/* ---- a world's numbers in a group ---- */

/* number i of the world is first[i * stride] */
struct column {
    double *first;
    size_t stride;
};

static void put(struct column to, size_t i, const double *from, size_t n) {
    for (size_t k = 0; k < n; k++) to.first[(i + k) * to.stride] = from[k];
}

static void get(struct column from, size_t i, double *to, size_t n) {
    for (size_t k = 0; k < n; k++) to[k] = from.first[(i + k) * from.stride];
}

enum { N_CONTACT = sizeof(struct mdp_contact) / sizeof(double) };

static size_t number_of_touch(int i_body, int i_shape) {
    const size_t i = (size_t)(i_body * MDP_ROBOT_MAX_GEOMS + i_shape);
    return NUMBER_OF(touches) + i * (sizeof(struct mdp_planar_touch) / sizeof(double));
}

static void put_touches(const struct mdp_planar_world *w, struct column to) {
    for (int i = 0; i < w->model.n_bodies; i++)
        for (int k = 0; k < w->model.hulls[i].n_shapes; k++) {
            const struct mdp_manifold *manifold = &w->manifolds[i][k];
            const double n = manifold->n_points;
            put(to, number_of_touch(i, k), &n, 1);
            put(to, number_of_touch(i, k) + 1, (const double *)manifold->points,
                N_CONTACT * (size_t)manifold->n_points);
        }
}

static void get_touches(struct column from, struct mdp_planar_world *w) {
    for (int i = 0; i < w->model.n_bodies; i++)
        for (int k = 0; k < w->model.hulls[i].n_shapes; k++) {
            struct mdp_manifold *manifold = &w->manifolds[i][k];
            double n;
            get(from, number_of_touch(i, k), &n, 1);
            manifold->n_points = (int)n;
            get(from, number_of_touch(i, k) + 1, (double *)manifold->points, N_CONTACT * (size_t)n);
        }
}

/* ---- worlds that wait for a step ---- */

struct queue {
    int n, n_points[MDP_ENV_AT_ONCE];
    struct mdp_planar_world *worlds[MDP_ENV_AT_ONCE];
    const double *torques[MDP_ENV_AT_ONCE];
};

static int fits_lanes(const struct mdp_planar_world *w) {
    int fits = w->model.is_legged;
    for (int d = 0; d < MDP_ENV_MAX_DOF; d++)
        fits &= fabs(w->motion.qpos[d]) < largest_position && fabs(w->motion.qvel[d]) <= largest_speed;
    return fits;
}

/* how many points a world's step begins with */
static int count_points(const struct mdp_planar_world *w) {
    int n = 0;
    for (int i = 0; i < w->model.n_bodies; i++)
        for (int k = 0; k < w->model.hulls[i].n_shapes; k++) n += w->manifolds[i][k].n_points;
    return n;
}

/* those with fewer points come first, because a group waits for its world with most */
static void wait_in(struct queue *queue, struct mdp_planar_world *w, const double *torques) {
    const int n_points = count_points(w);
    int i = queue->n++;
    for (; i > 0 && queue->n_points[i - 1] > n_points; i--) {
        queue->worlds[i] = queue->worlds[i - 1];
        queue->torques[i] = queue->torques[i - 1];
        queue->n_points[i] = queue->n_points[i - 1];
    }
    queue->worlds[i] = w;
    queue->torques[i] = torques;
    queue->n_points[i] = n_points;
}

/* lanes that are left over follow the last world */
static void join(const struct mdp_planar_lanes *lanes, const struct queue *queue, int first, double *group) {
    const size_t n_lanes = (size_t)lanes->n_lanes;
    const double *motions[MDP_PLANAR_MAX_LANES];
    /* points that a world does not have are computed with the others, which is fast with zeros */
    memset(group + NUMBER_OF(touches) * n_lanes, 0, (N_NUMBERS - NUMBER_OF(touches)) * n_lanes * sizeof(double));
    for (int i = 0; i < lanes->n_lanes; i++) {
        const int k = first + i < queue->n ? first + i : queue->n - 1;
        const struct mdp_planar_world *w = queue->worlds[k];
        const struct column to = {group + i, n_lanes};
        const double is_overwritten = w->is_overwritten;
        put(to, NUMBER_OF(is_overwritten), &is_overwritten, 1);
        put(to, NUMBER_OF(torques), queue->torques[k], (size_t)w->model.n_joints);
        put_touches(w, to);
        motions[i] = (const double *)&w->motion;
    }
    lanes->join(motions, group);
}

static void part(const struct mdp_planar_lanes *lanes, double *group, const struct queue *queue, int first) {
    double *motions[MDP_PLANAR_MAX_LANES];
    struct mdp_planar_motion nobodys;
    for (int i = 0; i < lanes->n_lanes; i++) {
        const int is_left_over = first + i >= queue->n;
        struct mdp_planar_world *w = queue->worlds[is_left_over ? first : first + i];
        motions[i] = (double *)(is_left_over ? &nobodys : &w->motion);
        if (is_left_over) continue;
        get_touches((struct column){group + i, (size_t)lanes->n_lanes}, w);
        w->is_overwritten = 0;
    }
    lanes->part(group, motions);
}

/* takes as many from `first` on as there are lanes */
static void step_group(const struct mdp_planar_lanes *lanes, const struct queue *queue, int first) {
    _Alignas(64) double group[N_NUMBERS * MDP_PLANAR_MAX_LANES];
    join(lanes, queue, first, group);
    lanes->step(&queue->worlds[first]->model, group);
    part(lanes, group, queue, first);
}

/* ---- physics ---- */

/* the narrowest lanes that hold all n worlds, or the widest. Nullable: the result, where one by one is as fast */
static const struct mdp_planar_lanes *choose_lanes(int n) {
    const struct mdp_planar_lanes *best = NULL;
    for (int i = 0; i < N_WIDTHS; i++)
        if (widths[i]->is_supported() && (best == NULL || widths[i]->n_lanes >= n)) best = widths[i];
    return best != NULL && n * FEW > best->n_lanes ? best : NULL;
}

/* in lanes of one width, NULL: of whichever is best */
static void step_in(const struct mdp_planar_lanes *lanes, int n, void *const *worlds,
                    const double (*torques)[MDP_ENV_MAX_JOINTS]) {
    struct queue queue;
    queue.n = 0;
    for (int i = 0; i < n; i++)
        if (fits_lanes(worlds[i]))
            wait_in(&queue, worlds[i], torques[i]);
        else
            mdp_planar_step(worlds[i], torques[i]);
    for (int i = 0; i < queue.n;) {
        const struct mdp_planar_lanes *chosen = lanes != NULL ? lanes : choose_lanes(queue.n - i);
        if (chosen != NULL)
            step_group(chosen, &queue, i);
        else
            mdp_planar_step(queue.worlds[i], queue.torques[i]);
        i += chosen != NULL ? chosen->n_lanes : 1;
    }
}

static void step_many(int n, void *const *worlds, const double (*torques)[MDP_ENV_MAX_JOINTS]) {
    step_in(NULL, n, worlds, torques);
}

#define SHARED                                                                                                         \
    .version = mdp_planar_version, .create = mdp_planar_create, .destroy = mdp_planar_destroy,                         \
    .reset = mdp_planar_reset, .set_joints = mdp_planar_set_joints, .read = mdp_planar_read, .is_own = 1

const struct mdp_physics mdp_physics_planar = {
    .name = "native", SHARED, .step = mdp_planar_step, .step_many = step_many};
const struct mdp_physics mdp_physics_planar_one = {.name = "native-one", SHARED, .step = mdp_planar_step};

/* a physics of one width alone, which takes worlds to lanes that are alone, too */
static mdp_err check(const struct mdp_planar_lanes *lanes) {
    if (lanes->is_supported()) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "physics native-%s: expected a processor with it, found %s", lanes->name,
                    mdp_cpu_level());
}

#define PHYSICS_OF_WIDTH(width)                                                                                        \
    static mdp_err check_##width(void) { return check(&mdp_planar_lanes_##width); }                                    \
    static void step_many_##width(int n, void *const *worlds, const double(*torques)[MDP_ENV_MAX_JOINTS]) {            \
        step_in(&mdp_planar_lanes_##width, n, worlds, torques);                                                        \
    }                                                                                                                  \
    static void step_##width(void *world, const double *torques) {                                                     \
        double padded[1][MDP_ENV_MAX_JOINTS] = {{0}};                                                                  \
        const struct mdp_planar_world *w = world;                                                                      \
        memcpy(padded[0], torques, sizeof *torques *(size_t)w->model.n_joints);                                        \
        step_many_##width(1, &world, (const double(*)[MDP_ENV_MAX_JOINTS])padded);                                     \
    }                                                                                                                  \
    const struct mdp_physics mdp_physics_planar_##width = {.name = "native-" #width,                                   \
                                                           SHARED,                                                     \
                                                           .step = step_##width,                                       \
                                                           .step_many = step_many_##width,                             \
                                                           .check = check_##width};
PHYSICS_OF_WIDTH(avx2)
PHYSICS_OF_WIDTH(avx512)
