#include "envs/physics/contact.h"

#include <math.h>
#include <string.h>

static const double sphere_margin = 0.04, breaking_share = 0.02;

/* a box in the body's frame */
struct box {
    double low[3], high[3];
};

/* ---- description ---- */

static struct mdp_shape shape_of(const struct mdp_geom *geom, const double com[3]) {
    double radius = (double)geom->radius;
    struct mdp_shape shape = {.a = 1};
    if (geom->kind == MDP_GEOM_TWO_SPHERES) {
        shape.place = (struct mdp_point){-com[0], -com[2]};
        shape.ends[0] = (struct mdp_point){(double)geom->from[0], (double)geom->from[2]};
        shape.ends[1] = (struct mdp_point){(double)geom->to[0], (double)geom->to[2]};
        shape.core = radius;
        shape.shrink = shape.margin = sphere_margin;
    } else {
        double half_angle = (double)geom->angle * 0.5;
        struct mdp_turn turn = mdp_turn_of((struct mdp_spin){sin(half_angle), cos(half_angle)});
        shape.a = turn.a;
        shape.b = turn.b;
        shape.place = (struct mdp_point){(double)geom->centre[0] - com[0], (double)geom->centre[2] - com[2]};
        shape.ends[0].z = (double)geom->half_length;
        shape.ends[1].z = -(double)geom->half_length;
        shape.margin = radius;
    }
    return shape;
}

static struct box box_of_spheres(const struct mdp_shape *shape, const double com[3], const struct mdp_geom *geom) {
    struct box box;
    for (int k = 0; k < 3; k++) {
        double from = (double)geom->from[k], to = (double)geom->to[k];
        double low = fmin((from - shape->core) + shape->shrink, (to - shape->core) + shape->shrink) - shape->margin;
        double high = fmax((from + shape->core) - shape->shrink, (to + shape->core) - shape->shrink) + shape->margin;
        double half = 0.5 * (high - low) + shape->margin, middle = 0.5 * (high + low) + -com[k];
        box.low[k] = middle - half;
        box.high[k] = middle + half;
    }
    return box;
}

static struct box box_of_capsule(const struct mdp_shape *shape, const double com[3], const struct mdp_geom *geom) {
    double radius = shape->margin, length = radius + shape->ends[0].z;
    double a = fabs(shape->a), b = fabs(shape->b);
    double half[3] = {radius * a + length * b, radius, radius * b + length * a};
    struct box box;
    for (int k = 0; k < 3; k++) {
        double middle = (double)geom->centre[k] - com[k];
        box.low[k] = middle - half[k];
        box.high[k] = middle + half[k];
    }
    return box;
}

static double length(const double v[3]) { return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]); }

/* the ball about the centre of mass that holds the box of all shapes */
static double ball_of(const struct box *box) {
    double size[3], middle[3];
    for (int k = 0; k < 3; k++) {
        double half = 0.5 * (box->high[k] - box->low[k]), centre = 0.5 * (box->high[k] + box->low[k]);
        double low = centre - half, high = centre + half;
        size[k] = high - low;
        middle[k] = (low + high) * 0.5;
    }
    return length(size) * 0.5 + length(middle);
}

void mdp_hull_init(const struct mdp_body *body, struct mdp_hull *hull) {
    struct box all = {{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};
    memset(hull, 0, sizeof *hull);
    for (int i = 0; i < MDP_ROBOT_MAX_GEOMS && body->geoms[i].kind != MDP_GEOM_NONE; i++) {
        const struct mdp_geom *geom = &body->geoms[i];
        struct mdp_shape *shape = &hull->shapes[hull->n_shapes++];
        *shape = shape_of(geom, body->com);
        struct box box = geom->kind == MDP_GEOM_CAPSULE ? box_of_capsule(shape, body->com, geom)
                                                        : box_of_spheres(shape, body->com, geom);
        for (int k = 0; k < 3; k++) {
            all.low[k] = fmin(all.low[k], box.low[k]);
            all.high[k] = fmax(all.high[k], box.high[k]);
        }
    }
    hull->reach = ball_of(&all);
    hull->breaking = hull->reach * breaking_share;
}

/* ---- points ---- */

static struct mdp_vec2 to_world(struct mdp_turn world, struct mdp_vec2 com, struct mdp_vec2 v) {
    v = mdp_turn_apply(world, v);
    return (struct mdp_vec2){v.x + com.x, v.z + com.z};
}

static double square(struct mdp_vec2 v) { return v.x * v.x + v.z * v.z; }

static double cross_square(struct mdp_vec2 u, struct mdp_vec2 v) {
    double y = u.z * v.x - u.x * v.z;
    return y * y;
}

static struct mdp_vec2 minus(struct mdp_vec2 u, struct mdp_vec2 v) { return (struct mdp_vec2){u.x - v.x, u.z - v.z}; }

/* moves point i with the body; the last point takes the place of one that left the floor or slid */
static void refresh(const struct mdp_hull *hull, struct mdp_turn world, struct mdp_vec2 com, int i,
                    struct mdp_manifold *manifold) {
    struct mdp_contact *contact = &manifold->points[i];
    contact->point = to_world(world, com, contact->local);
    double slid = contact->floor_x - contact->point.x;
    if (!(contact->point.z <= hull->breaking) || slid * slid > hull->breaking * hull->breaking)
        *contact = manifold->points[--manifold->n_points];
}

/* the point that a full manifold gives up for a new one: the deepest stays, the others span as much as possible */
static int worst_point(const struct mdp_contact *points, const struct mdp_contact *new) {
    /* without point i: the new one and the second of the others, the last and the first of the others */
    static const int others[MDP_CONTACT_MAX_POINTS][3] = {{1, 3, 2}, {0, 3, 2}, {0, 3, 1}, {0, 2, 1}};
    int deepest = -1, worst = -1;
    double depth = new->point.z, largest = -1e30;
    for (int i = 0; i < MDP_CONTACT_MAX_POINTS; i++)
        if (points[i].point.z < depth) {
            deepest = i;
            depth = points[i].point.z;
        }
    for (int i = 0; i < MDP_CONTACT_MAX_POINTS; i++) {
        const int *k = others[i];
        struct mdp_vec2 u = minus(new->local, points[k[0]].local);
        struct mdp_vec2 v = minus(points[k[1]].local, points[k[2]].local);
        double area = i == deepest ? 0 : cross_square(u, v);
        if (area > largest) {
            worst = i;
            largest = area;
        }
    }
    return worst < 0 ? 0 : worst;
}

/* a point close to a kept one replaces it; returns where it went */
static int keep(const struct mdp_hull *hull, const struct mdp_contact *new, struct mdp_manifold *manifold) {
    int nearest = -1;
    double shortest = hull->breaking * hull->breaking;
    for (int i = 0; i < manifold->n_points; i++) {
        double distance = square(minus(manifold->points[i].local, new->local));
        if (distance < shortest) {
            shortest = distance;
            nearest = i;
        }
    }
    if (nearest < 0)
        nearest =
            manifold->n_points < MDP_CONTACT_MAX_POINTS ? manifold->n_points++ : worst_point(manifold->points, new);
    manifold->points[nearest] = *new;
    return nearest;
}

/* the lowest point of a shape, in the world */
static struct mdp_vec2 lowest(const struct mdp_shape *shape, struct mdp_turn world, struct mdp_vec2 com) {
    struct mdp_turn turn = mdp_turn_after((struct mdp_turn){shape->a, shape->b}, world);
    struct mdp_vec2 origin = to_world(world, com, mdp_vec2_of(shape->place));
    double scale = 1.0 / sqrt(turn.b * turn.b + turn.a * turn.a);
    struct mdp_vec2 down = {turn.b * scale, -turn.a * scale}, best = {0, 0};
    double farthest = -1e30;
    for (int k = 0; k < 2; k++) {
        struct mdp_vec2 v = {(shape->ends[k].x + down.x * shape->core) - down.x * shape->shrink,
                             (shape->ends[k].z + down.z * shape->core) - down.z * shape->shrink};
        double distance = v.x * down.x + v.z * down.z;
        if (distance > farthest) {
            farthest = distance;
            best = v;
        }
    }
    best.x += shape->margin * down.x;
    best.z += shape->margin * down.z;
    return to_world(turn, origin, best);
}

static void touch(const struct mdp_hull *hull, const struct mdp_shape *shape, struct mdp_turn world,
                  struct mdp_vec2 com, struct mdp_manifold *manifold) {
    struct mdp_vec2 point = lowest(shape, world, com);
    if (!(point.z < hull->breaking)) return;
    struct mdp_contact new = {.local = mdp_turn_undo(world, minus(point, com)), .floor_x = point.x, .point = point};
    int i = keep(hull, &new, manifold);
    refresh(hull, world, com, i, manifold);
}

void mdp_hull_touch(const struct mdp_hull *hull, struct mdp_turn world, struct mdp_vec2 com,
                    struct mdp_manifold *manifolds) {
    /* too high for any point to be close, by more than rounding could change */
    int is_clear = com.z - hull->reach > hull->breaking + 1e-6;
    for (int s = 0; s < hull->n_shapes; s++) {
        if (is_clear) {
            manifolds[s].n_points = 0;
            continue;
        }
        for (int i = manifolds[s].n_points - 1; i >= 0; i--) refresh(hull, world, com, i, &manifolds[s]);
        touch(hull, &hull->shapes[s], world, com, &manifolds[s]);
    }
}
