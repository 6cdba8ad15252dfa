/* contacts of several worlds with the floor, each world in its lane: what contact.c does for one.
 *
 * where worlds differ, what is done for some of them is a blend for the others; points that a world does not have are
 * any numbers. included after a header of numbers. Source: as of contact.h. */
#ifndef MDP_ENVS_PHYSICS_CONTACT_BODY_H
#define MDP_ENVS_PHYSICS_CONTACT_BODY_H

#include "envs/physics/chain.h"
#include "envs/physics/chain_body.h"
#include "envs/physics/planar_lanes.h"

/** Returns where a shape has point i. */
static inline mdp_mask holds(const struct mdp_planar_touch *touch, int i) {
    return mdp_num_less(mdp_num_set(i), touch->n_points);
}

/** Returns a where m is set, else b. */
static inline struct mdp_vec2 select2(mdp_mask m, struct mdp_vec2 a, struct mdp_vec2 b) {
    return (struct mdp_vec2){mdp_num_select(m, a.x, b.x), mdp_num_select(m, a.z, b.z)};
}

/** Copies a point where m is set. */
static inline void put_contact(mdp_mask m, const struct mdp_contact *from, struct mdp_contact *to) {
    to->local = select2(m, from->local, to->local);
    to->floor_x = mdp_num_select(m, from->floor_x, to->floor_x);
    to->point = select2(m, from->point, to->point);
}

/** Subtracts two vectors. */
static inline struct mdp_vec2 minus(struct mdp_vec2 u, struct mdp_vec2 v) {
    return (struct mdp_vec2){u.x - v.x, u.z - v.z};
}

/** Gives a point of a body in the world. */
static inline struct mdp_vec2 to_world(struct mdp_turn world, struct mdp_vec2 com, struct mdp_vec2 v) {
    return add(mdp_turn_apply(world, v), com);
}

/** Puts the last point into the place of point i, and forgets that, where `gone` is set. */
static void drop(struct mdp_planar_touch *touch, int i, mdp_mask gone) {
    for (int k = i + 1; k < MDP_CONTACT_MAX_POINTS; k++) {
        mdp_mask is_last = gone & holds(touch, k) & ~holds(touch, k + 1);
        if (mdp_mask_any(is_last)) put_contact(is_last, &touch->points[k], &touch->points[i]);
    }
    touch->n_points = mdp_num_select(gone, touch->n_points - 1.0, touch->n_points);
}

/** Moves point i with the body where m is set, or forgets it. */
static void refresh(const struct mdp_hull *hull, struct mdp_turn world, struct mdp_vec2 com, int i, mdp_mask m,
                    struct mdp_planar_touch *touch) {
    struct mdp_contact *contact = &touch->points[i];
    const struct mdp_vec2 point = to_world(world, com, contact->local);
    const mdp_num slid = contact->floor_x - point.x, breaking = mdp_num_set(hull->breaking);
    contact->point = select2(m, point, contact->point);
    mdp_mask gone = m & (~mdp_num_at_most(point.z, breaking) | mdp_num_less(breaking * breaking, slid * slid));
    if (mdp_mask_any(gone)) drop(touch, i, gone);
}

/** Gives the square of the cross product. */
static inline mdp_num cross_square(struct mdp_vec2 u, struct mdp_vec2 v) {
    mdp_num y = u.z * v.x - u.x * v.z;
    return y * y;
}

/** Marks the point that a full shape gives up for a new one, as worst_point of contact.c. */
static void mark_worst(const struct mdp_contact *points, const struct mdp_contact *new, mdp_mask full,
                       mdp_mask where[MDP_CONTACT_MAX_POINTS]) {
    static const int others[MDP_CONTACT_MAX_POINTS][3] = {{1, 3, 2}, {0, 3, 2}, {0, 3, 1}, {0, 2, 1}};
    const mdp_num none = mdp_num_set(0);
    mdp_num depth = new->point.z, largest = mdp_num_set(-1e30), deepest = mdp_num_set(-1), worst = none;
    for (int i = 0; i < MDP_CONTACT_MAX_POINTS; i++) {
        mdp_mask is_deeper = mdp_num_less(points[i].point.z, depth);
        deepest = mdp_num_select(is_deeper, mdp_num_set(i), deepest);
        depth = mdp_num_select(is_deeper, points[i].point.z, depth);
    }
    for (int i = 0; i < MDP_CONTACT_MAX_POINTS; i++) {
        const int *k = others[i];
        mdp_num area =
            cross_square(minus(new->local, points[k[0]].local), minus(points[k[1]].local, points[k[2]].local));
        mdp_mask is_deepest = mdp_num_at_most(deepest, mdp_num_set(i)) & mdp_num_at_most(mdp_num_set(i), deepest);
        area = mdp_num_select(is_deepest, none, area);
        mdp_mask is_larger = mdp_num_less(largest, area);
        worst = mdp_num_select(is_larger, mdp_num_set(i), worst);
        largest = mdp_num_select(is_larger, area, largest);
    }
    for (int i = 0; i < MDP_CONTACT_MAX_POINTS; i++)
        where[i] |= full & mdp_num_at_most(worst, mdp_num_set(i)) & mdp_num_at_most(mdp_num_set(i), worst);
}

/** Marks where a new point goes: in the place of a close one, behind the last, or in that of one given up. */
static void mark_place(const struct mdp_hull *hull, const struct mdp_contact *new, mdp_mask m,
                       struct mdp_planar_touch *touch, mdp_mask where[MDP_CONTACT_MAX_POINTS]) {
    const mdp_num breaking = mdp_num_set(hull->breaking);
    mdp_num shortest = breaking * breaking, n = touch->n_points;
    mdp_mask is_new = m, is_full = holds(touch, MDP_CONTACT_MAX_POINTS - 1);
    for (int i = 0; i < MDP_CONTACT_MAX_POINTS; i++) {
        where[i] = mdp_mask_none();
        mdp_mask is_held = m & holds(touch, i);
        if (!mdp_mask_any(is_held)) continue;
        const struct mdp_vec2 to = minus(touch->points[i].local, new->local);
        mdp_num distance = to.x * to.x + to.z * to.z;
        mdp_mask is_closer = is_held & mdp_num_less(distance, shortest);
        shortest = mdp_num_select(is_closer, distance, shortest);
        for (int k = 0; k < i; k++) where[k] &= ~is_closer;
        where[i] = is_closer;
        is_new &= ~is_closer;
    }
    for (int i = 0; i < MDP_CONTACT_MAX_POINTS; i++)
        where[i] |= is_new & ~holds(touch, i) & mdp_num_at_most(mdp_num_set(i), n);
    touch->n_points = mdp_num_select(is_new & ~is_full, n + 1.0, n);
    if (mdp_mask_any(is_new & is_full)) mark_worst(touch->points, new, is_new & is_full, where);
}

/** Gives the lowest point of a shape, in the world. */
static struct mdp_vec2 lowest(const struct mdp_shape *shape, struct mdp_turn world, struct mdp_vec2 com) {
    const struct mdp_turn of_shape = {mdp_num_set(shape->a), mdp_num_set(shape->b)};
    const struct mdp_turn turn = mdp_turn_after(of_shape, world);
    const struct mdp_vec2 origin = to_world(world, com, mdp_vec2_of(shape->place));
    const mdp_num scale = 1.0 / mdp_num_sqrt(turn.b * turn.b + turn.a * turn.a);
    const struct mdp_vec2 down = {turn.b * scale, -turn.a * scale};
    struct mdp_vec2 best = {mdp_num_set(0), mdp_num_set(0)};
    mdp_num farthest = mdp_num_set(-1e30);
    for (int k = 0; k < 2; k++) {
        struct mdp_vec2 v = {(shape->ends[k].x + down.x * shape->core) - down.x * shape->shrink,
                             (shape->ends[k].z + down.z * shape->core) - down.z * shape->shrink};
        mdp_num distance = v.x * down.x + v.z * down.z;
        mdp_mask is_farther = mdp_num_less(farthest, distance);
        farthest = mdp_num_select(is_farther, distance, farthest);
        best = select2(is_farther, v, best);
    }
    best.x += shape->margin * down.x;
    best.z += shape->margin * down.z;
    return to_world(turn, origin, best);
}

/** Adds the lowest point of a shape where m is set and it is close. */
static void touch_floor(const struct mdp_hull *hull, const struct mdp_shape *shape, struct mdp_turn world,
                        struct mdp_vec2 com, mdp_mask m, struct mdp_planar_touch *touch) {
    const struct mdp_vec2 point = lowest(shape, world, com);
    mdp_mask where[MDP_CONTACT_MAX_POINTS], is_close = m & mdp_num_less(point.z, mdp_num_set(hull->breaking));
    if (!mdp_mask_any(is_close)) return;
    const struct mdp_contact new = {mdp_turn_undo(world, minus(point, com)), point.x, point};
    mark_place(hull, &new, is_close, touch, where);
    for (int i = 0; i < MDP_CONTACT_MAX_POINTS; i++) {
        if (!mdp_mask_any(where[i])) continue;
        put_contact(where[i], &new, &touch->points[i]);
        refresh(hull, world, com, i, where[i], touch);
    }
}

/** Moves, forgets and adds the points of a body, as mdp_hull_touch. */
static void touch_hull(const struct mdp_hull *hull, struct mdp_turn world, struct mdp_vec2 com,
                       struct mdp_planar_touch *touches) {
    const mdp_mask is_clear = mdp_num_less(mdp_num_set(hull->breaking + 1e-6), com.z - hull->reach);
    const int is_all_clear = !mdp_mask_any(~is_clear);
    for (int s = 0; s < hull->n_shapes; s++) {
        struct mdp_planar_touch *touch = &touches[s];
        touch->n_points = mdp_num_select(is_clear, mdp_num_set(0), touch->n_points);
        if (is_all_clear) continue;
        for (int i = MDP_CONTACT_MAX_POINTS - 1; i >= 0; i--) {
            mdp_mask is_held = holds(touch, i);
            if (mdp_mask_any(is_held)) refresh(hull, world, com, i, is_held, touch);
        }
        touch_floor(hull, &hull->shapes[s], world, com, ~is_clear, touch);
    }
}

#endif
