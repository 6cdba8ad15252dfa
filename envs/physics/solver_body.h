/* impulses at limits and contacts of several worlds, each world in its lane: what solver.c does for one.
 *
 * each world's constraints are at its first places, in their order, so that all worlds work on their k-th at once,
 * whatever part it is of. a world without a k-th has a row all the same, with nothing wanted and no impulse, and it
 * moves nothing: adding 0 leaves every sum its bits, as none is -0. included after a header of numbers.
 * Source: as of solver.h. */
#ifndef MDP_ENVS_PHYSICS_SOLVER_BODY_H
#define MDP_ENVS_PHYSICS_SOLVER_BODY_H

#include "envs/physics/contact_body.h"
#include "envs/physics/solver_rules.h"

/* ---- rows ---- */

#define INLINE __attribute__((always_inline)) static inline
#define EACH_WAY _Pragma("GCC unroll 2") for (int w = 0; w < n_ways; w++)
#define EACH_LEVEL _Pragma("GCC unroll 4") for (int t = 0; t < N_LEVELS; t++)
#define EACH_DOF _Pragma("GCC unroll 9") for (int d = 0; d < N_DOFS; d++)

/* a path goes from the torso, level 0, down a leg. numbers of degrees of freedom are in this order here: x, z, that of
 * the torso, then those of both legs, level by level */
enum { N_LEGS = MDP_PLANAR_N_LEGS, N_LEVELS = 1 + MDP_PLANAR_LEG_MAX };
enum { X, Z, PITCH, LEGS, N_DOFS = LEGS + N_LEGS * MDP_PLANAR_LEG_MAX };

/* how a contact moves: up, with no use for x, and forward, with none for z */
enum { UP, FORWARD, N_WAYS };

/* the next constraint of each world; of which part it is differs from lane to lane */
struct place {
    mdp_mask has, is_second, reaches[N_LEVELS]; /* the path is down the second leg; it reaches a level */
    mdp_num what[2];                            /* a contact's x and z, a limit's depth and side */
};

/* a constraint as numbers; of a contact, jacobian[t] is of what the path has at level t */
struct row {
    mdp_num jacobian[N_LEVELS], response[N_DOFS];
    mdp_num inverse, wanted, impulse;
};

struct contact_rows {
    struct place place;
    struct row ways[N_WAYS];
};

/* jacobian[0] is the side, at the end of the path */
struct limit_row {
    struct place place;
    struct row row;
};

/* what does not change in a step, what rows are made from, and the rows of one time step */
struct solver {
    const struct mdp_planar_model *model;
    int level_of[MDP_CHAIN_MAX_PARTS], leg_of[MDP_CHAIN_MAX_PARTS], dof_of[MDP_CHAIN_MAX_PARTS];
    int dofs[N_DOFS];            /* number of each degree of freedom in a world */
    int parts[N_LEVELS][N_LEGS]; /* another where there is none, as no path reaches it */
    const struct mdp_pose *pose;
    struct mdp_chain_cache cache;
    mdp_num qvel[N_DOFS];
    mdp_mask has_contacts;
    int n_limits, n_contacts;
    struct limit_row limits[MDP_ENV_MAX_JOINTS];
    struct contact_rows contacts[MDP_SOLVER_MAX_CONTACTS];
};

/** Finds the parts of each level and leg; numbers behind the last part stand for parts that are not there. */
static void find_paths(struct solver *s) {
    int n_parts = s->model->chain.n_parts;
    s->level_of[MDP_CHAIN_TORSO] = s->leg_of[MDP_CHAIN_TORSO] = 0;
    s->dof_of[MDP_CHAIN_TORSO] = PITCH;
    for (int d = 0; d < LEGS; d++) s->dofs[d] = d;
    s->parts[0][0] = s->parts[0][1] = MDP_CHAIN_TORSO;
    for (int t = 1; t < N_LEVELS; t++)
        for (int leg = 0; leg < N_LEGS; leg++) {
            const int there = s->model->legs[leg][t - 1], i = there > 0 ? there : n_parts++;
            s->level_of[i] = t;
            s->leg_of[i] = leg;
            s->dof_of[i] = LEGS + N_LEGS * (t - 1) + leg;
            s->dofs[s->dof_of[i]] = i + 1;
            s->parts[t][leg] = there > 0 ? there : s->parts[leg > 0 ? t : t - 1][0];
        }
}

/** Gives a place to worlds of a mask that do not have it yet, and returns which they are. */
static mdp_mask take_place(const struct solver *s, struct place *place, int is_new, mdp_mask m, int i_part,
                           const mdp_num what[2]) {
    if (is_new) memset(place, 0, sizeof *place);
    const mdp_mask taking = m & ~place->has;
    place->has |= taking;
    if (s->leg_of[i_part] == 1) place->is_second |= taking;
    for (int t = 0; t <= s->level_of[i_part]; t++) place->reaches[t] |= taking;
    for (int j = 0; j < 2; j++) place->what[j] = mdp_num_select(taking, what[j], place->what[j]);
    return taking;
}

/** Returns where the second shape of the torso comes first, as add_contacts of planar.c. */
static mdp_mask find_turned(const struct mdp_planar_model *model, const struct mdp_planar_group *group) {
    const struct mdp_planar_touch(*touches)[MDP_ROBOT_MAX_GEOMS] = group->touches;
    const mdp_num none = mdp_num_set(0);
    mdp_num n = none;
    if (model->hulls[0].n_shapes < 2) return mdp_mask_none();
    for (int i = 0; i < model->n_bodies; i++)
        for (int k = 0; k < model->hulls[i].n_shapes; k++)
            n += mdp_num_select(holds(&touches[i][k], 0), mdp_num_set(1), none);
    return holds(&touches[0][0], 0) & holds(&touches[0][1], 0) & mdp_num_at_most(mdp_num_set(4), n);
}

/** Gives each world's contacts the first places, in their order. */
static void place_contacts(struct solver *s, const struct mdp_planar_group *group) {
    const struct mdp_planar_model *model = s->model;
    const mdp_mask is_turned = find_turned(model, group);
    s->n_contacts = 0;
    for (int i = 0; i < model->n_bodies; i++)
        for (int k = 0, n = model->hulls[i].n_shapes; k < n; k++)
            for (int j = 0; j < MDP_CONTACT_MAX_POINTS; j++) {
                const struct mdp_planar_touch *straight = &group->touches[i][k],
                                              *turned = &group->touches[i][n - 1 - k];
                mdp_mask m = (is_turned & holds(turned, j)) | (~is_turned & holds(straight, j));
                if (!mdp_mask_any(m)) break;
                const struct mdp_vec2 p = select2(is_turned, turned->points[j].point, straight->points[j].point);
                const mdp_num what[] = {p.x, p.z};
                for (int l = 0; mdp_mask_any(m); l++) {
                    m &= ~take_place(s, &s->contacts[l].place, l == s->n_contacts, m, i + 1, what);
                    if (l == s->n_contacts) s->n_contacts++;
                }
            }
    s->has_contacts = s->n_contacts > 0 ? s->contacts[0].place.has : mdp_mask_none();
}

/** Gives each world's exceeded limits the first places, in their order. */
static void place_limits(struct solver *s, const mdp_num *qpos) {
    const mdp_num none = mdp_num_set(0);
    s->n_limits = 0;
    for (int k = 0; k < s->model->n_joints; k++) {
        const struct mdp_planar_limit *limit = &s->model->limits[k];
        const mdp_num q = qpos[limit->i_part + 1], above = q - limit->range[0], below = limit->range[1] - q;
        const mdp_mask is_low = ~mdp_num_less(none, above), is_high = ~mdp_num_less(none, below);
        const mdp_num side = mdp_num_select(is_low, mdp_num_set(1), mdp_num_set(-1));
        const mdp_num what[] = {mdp_num_select(is_low, above, below), side};
        mdp_mask m = is_low | is_high;
        for (int l = 0; mdp_mask_any(m); l++) {
            m &= ~take_place(s, &s->limits[l].place, l == s->n_limits, m, limit->i_part, what);
            if (l == s->n_limits) s->n_limits++;
        }
    }
}

/* what a path has at one level */
struct link {
    struct mdp_turn turn, from_world;
    struct mdp_vec2 offset, force, arm;
    mdp_num torque, inverse;
};

/** Returns a where m is set, else b. */
INLINE struct mdp_turn select_turn(mdp_mask m, struct mdp_turn a, struct mdp_turn b) {
    return (struct mdp_turn){mdp_num_select(m, a.a, b.a), mdp_num_select(m, a.b, b.b)};
}

/** Finds what paths have at each level, down the second leg where m is set. */
static void find_links(const struct solver *s, mdp_mask m, struct link links[N_LEVELS]) {
    const struct mdp_pose *pose = s->pose;
    const struct mdp_chain_cache *cache = &s->cache;
    for (int t = 0; t < N_LEVELS; t++) {
        const int a = s->parts[t][1], b = s->parts[t][0];
        const struct mdp_chain_part *parts = s->model->chain.parts;
        links[t].turn = select_turn(m, pose->turn[a], pose->turn[b]);
        links[t].from_world = select_turn(m, cache->from_world[a], cache->from_world[b]);
        links[t].offset = select2(m, pose->offset[a], pose->offset[b]);
        links[t].force = select2(m, cache->force[a], cache->force[b]);
        links[t].arm = select2(m, mdp_vec2_of(parts[a].arm), mdp_vec2_of(parts[b].arm));
        links[t].torque = mdp_num_select(m, cache->torque[a], cache->torque[b]);
        links[t].inverse = mdp_num_select(m, cache->inverse[a], cache->inverse[b]);
    }
}

/** Returns the axis of the hinges of a level. */
INLINE double axis_of(const struct solver *s, int level) { return s->model->chain.parts[s->parts[level][0]].axis; }

/* a number of each way */
typedef mdp_num ways[N_WAYS];

struct wrenches {
    ways torque, x, z;
};
struct motions {
    ways turning, x, z;
};

/** Gives what the impulses of n_ways cases leave for the hinges and the slider, as push_down of chain.c. impulses are
 * of x, z and the levels: none where a path does not reach a level, from which then nothing comes. */
INLINE struct motions push_down(const struct solver *s, int n_ways, const struct link *links, const ways *impulses,
                                ways *drive) {
    const struct mdp_chain_cache *cache = &s->cache;
    struct wrenches f;
    struct motions slider;
    EACH_WAY f.torque[w] = f.x[w] = f.z[w] = mdp_num_set(0);
    for (int t = N_LEVELS - 1; t >= 0; t--) {
        const struct link *link = &links[t];
        const double axis = axis_of(s, t);
        EACH_WAY {
            mdp_num torque = f.torque[w] + (link->arm.z * f.x[w] - link->arm.x * f.z[w]);
            drive[t][w] = impulses[t + 2][w] - axis * torque;
            const mdp_num give = link->inverse * drive[t][w];
            torque += give * link->torque;
            const mdp_num x = f.x[w] + give * link->force.x, z = f.z[w] + give * link->force.z;
            f.torque[w] = torque + (link->offset.z * x - link->offset.x * z);
            f.x[w] = link->turn.a * x - link->turn.b * z;
            f.z[w] = link->turn.b * x + link->turn.a * z;
        }
    }
    EACH_WAY {
        const mdp_num drive_z = impulses[1][w] - f.z[w];
        const mdp_num drive_x = impulses[0][w] - (f.x[w] + cache->inverse_z * drive_z * cache->coupling);
        slider.turning[w] = mdp_num_set(0);
        slider.x[w] = cache->inverse_x * drive_x;
        slider.z[w] = cache->inverse_z * (drive_z - slider.x[w] * cache->coupling);
    }
    return slider;
}

/** Returns where a part is on the path. */
INLINE mdp_mask find_on(const struct solver *s, const struct place *place, int i_part) {
    const mdp_mask reaches = place->reaches[s->level_of[i_part]];
    if (i_part == MDP_CHAIN_TORSO) return reaches;
    return reaches & (s->leg_of[i_part] == 1 ? place->is_second : ~place->is_second);
}

/** Finds the responses of n_ways rows, as mdp_chain_respond; nothing moves a part that is not there. */
INLINE void respond(const struct solver *s, int n_ways, const struct place *place, const struct link *links,
                    const ways *impulses, struct row *rows) {
    const struct mdp_chain *chain = &s->model->chain;
    const struct mdp_chain_cache *cache = &s->cache;
    struct motions motions[MDP_CHAIN_MAX_PARTS];
    ways drive[N_LEVELS];
    motions[0] = push_down(s, n_ways, links, impulses, drive);
    EACH_WAY {
        rows[w].response[X] = motions[0].x[w];
        rows[w].response[Z] = motions[0].z[w];
        for (int i = chain->n_parts; i < MDP_CHAIN_MAX_PARTS; i++) rows[w].response[s->dof_of[i]] = mdp_num_set(0);
    }
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        const struct mdp_chain_part *part = &chain->parts[i];
        const struct motions *from = &motions[part->parent];
        const struct mdp_turn turn = s->pose->turn[i];
        const struct mdp_vec2 offset = s->pose->offset[i];
        const mdp_mask on = find_on(s, place, i);
        EACH_WAY {
            const mdp_num push = mdp_num_select(on, drive[s->level_of[i]][w], mdp_num_set(0));
            mdp_num turning = from->turning[w];
            mdp_num x = turn.a * from->x[w] + turn.b * from->z[w], z = turn.a * from->z[w] - turn.b * from->x[w];
            x = offset.z * turning + x;
            z = z - offset.x * turning;
            const mdp_num felt = (x * cache->force[i].x + z * cache->force[i].z) + turning * cache->torque[i];
            const mdp_num response = cache->inverse[i] * (push - felt);
            rows[w].response[s->dof_of[i]] = response;
            turning += part->axis * response;
            if (part->has_arm) {
                x = part->arm.z * turning + x;
                z = z - part->arm.x * turning;
            }
            motions[i].turning[w] = turning;
            motions[i].x[w] = x;
            motions[i].z[w] = z;
        }
    }
}

/** Gives what a path has at a level, of a number for each degree of freedom. */
INLINE mdp_num of_level(const struct place *place, int t, const mdp_num *values) {
    const int d = LEGS + N_LEGS * (t - 1);
    return t == 0 ? values[PITCH] : mdp_num_select(place->is_second, values[d + 1], values[d]);
}

/** Gives how fast a contact moves in a way. */
INLINE mdp_num along(const struct place *place, const struct row *row, int way, const mdp_num *velocity) {
    mdp_num sum = velocity[way == UP ? Z : X];
    EACH_LEVEL sum += row->jacobian[t] * of_level(place, t, velocity);
    return sum;
}

/** Gives how fast a hinge moves from its limit. */
INLINE mdp_num along_limit(const struct limit_row *limit, const mdp_num *velocity) {
    mdp_num speed = of_level(&limit->place, 1, velocity);
    for (int t = 2; t < N_LEVELS; t++)
        speed = mdp_num_select(limit->place.reaches[t], of_level(&limit->place, t, velocity), speed);
    return limit->row.jacobian[0] * speed;
}

/** Sets the impulse per unit of speed: a row whose impulse moves nothing is switched off, and so is that of a world
 * that does not have it. */
INLINE void scale(mdp_mask has, mdp_num d, struct row *row) {
    const mdp_num none = mdp_num_set(0);
    row->inverse = mdp_num_select(has & mdp_num_less(mdp_num_set(DBL_EPSILON), d), 1.0 / d, none);
    row->impulse = none;
}

/** Makes the row of a limit in its place, as add_limit_row of solver.c. */
static void fill_limit(const struct solver *s, struct limit_row *limit) {
    const mdp_num none = mdp_num_set(0), depth = limit->place.what[0], side = limit->place.what[1];
    const mdp_mask *reaches = limit->place.reaches;
    struct row *row = &limit->row;
    struct link links[N_LEVELS];
    ways impulses[2 + N_LEVELS];
    impulses[0][0] = impulses[1][0] = none;
    for (int t = 0; t < N_LEVELS; t++)
        impulses[t + 2][0] = mdp_num_select(t + 1 < N_LEVELS ? reaches[t] & ~reaches[t + 1] : reaches[t], side, none);
    find_links(s, limit->place.is_second, links);
    respond(s, 1, &limit->place, links, (const ways *)impulses, row);
    row->jacobian[0] = side;
    scale(limit->place.has, along_limit(limit, row->response), row);
    const mdp_num only_stops = -along_limit(limit, s->qvel) * row->inverse;
    const mdp_num also_returns = -depth * limit_share / mdp_planar_step_seconds * row->inverse + only_stops;
    row->wanted = mdp_num_select(mdp_num_less(mdp_num_set((double)deep_limit), depth), also_returns, only_stops);
}

/** Finds the jacobian of x, z and the levels, as mdp_chain_jacobian. */
INLINE void find_jacobian(const struct solver *s, const struct place *place, const struct link *links, ways *jacobian) {
    const struct mdp_vec2 slide = s->pose->slide;
    const struct mdp_point root = s->model->chain.root;
    const mdp_num none = mdp_num_set(0);
    struct mdp_vec2 p = {place->what[0] - (root.x + slide.x), (place->what[1] - root.z) - slide.z};
    jacobian[0][UP] = jacobian[1][FORWARD] = none;
    jacobian[0][FORWARD] = jacobian[1][UP] = mdp_num_set(1);
    for (int t = 0; t < N_LEVELS; t++) {
        const struct mdp_turn world = links[t].from_world;
        p = minus(mdp_turn_apply(links[t].turn, p), links[t].offset);
        const mdp_num x = axis_of(s, t) * p.z, z = axis_of(s, t) * p.x;
        jacobian[t + 2][UP] = mdp_num_select(place->reaches[t], world.b * x - world.a * z, none);
        jacobian[t + 2][FORWARD] = mdp_num_select(place->reaches[t], world.a * x + world.b * z, none);
        p = minus(p, links[t].arm);
    }
}

/** Makes the rows of a contact in its place, as mdp_solver_add_contact. */
static void fill_contact(const struct solver *s, struct contact_rows *contact) {
    const struct place *place = &contact->place;
    const mdp_num none = mdp_num_set(0);
    struct row *up = &contact->ways[UP], *forward = &contact->ways[FORWARD];
    struct link links[N_LEVELS];
    ways jacobian[2 + N_LEVELS];
    find_links(s, place->is_second, links);
    find_jacobian(s, place, links, jacobian);
    respond(s, N_WAYS, place, links, (const ways *)jacobian, contact->ways);
    for (int w = 0; w < N_WAYS; w++) {
        struct row *row = &contact->ways[w];
        EACH_LEVEL row->jacobian[t] = jacobian[t + 2][w];
        scale(place->has, along(place, row, w, row->response), row);
    }
    const mdp_num distance = place->what[1] + slop, speed = 0.0 - along(place, up, UP, s->qvel);
    const mdp_mask is_above = mdp_num_less(none, distance);
    const mdp_num push = mdp_num_select(is_above, none, -distance * contact_share / mdp_planar_step_seconds);
    const mdp_num fall = mdp_num_select(is_above, speed - distance / mdp_planar_step_seconds, speed);
    up->wanted = push * up->inverse + fall * up->inverse;
    forward->wanted = -along(place, forward, FORWARD, s->qvel) * forward->inverse;
}

/* ---- sweeps ---- */

/** Resolves a row that moves at a speed, as resolve of solver.c; returns by how much. */
INLINE mdp_num resolve(struct row *row, mdp_num speed, mdp_num low, mdp_num high, mdp_num *change) {
    const mdp_num to_low = mdp_num_keep(low - row->impulse), to_high = mdp_num_keep(high - row->impulse);
    mdp_num delta = row->wanted - speed * row->inverse, sum = row->impulse + delta;
    const mdp_mask is_low = mdp_num_less(sum, low), is_high = mdp_num_less(high, sum);
    delta = mdp_num_select(is_low, to_low, mdp_num_select(is_high, to_high, delta));
    row->impulse = mdp_num_select(is_low, low, mdp_num_select(is_high, high, sum));
    EACH_DOF change[d] += row->response[d] * delta;
    return delta;
}

/** Resolves all limits; gives the largest square of a row's speed before, which counts where there are no contacts. */
INLINE mdp_num sweep_limits(struct solver *s, int backwards, mdp_num *change) {
    const mdp_num none = mdp_num_set(0), bound = mdp_num_set(limit_bound);
    mdp_num residual = none;
    for (int k = 0; k < s->n_limits; k++) {
        struct limit_row *limit = &s->limits[backwards ? s->n_limits - 1 - k : k];
        const mdp_num delta = resolve(&limit->row, along_limit(limit, change), none, bound, change);
        if (!mdp_mask_any(~s->has_contacts)) continue;
        const mdp_num speed = delta / limit->row.inverse, square = speed * speed;
        residual = mdp_num_select(limit->place.has & ~mdp_num_less(square, residual), square, residual);
    }
    return residual;
}

/** Resolves all contacts, as sweep_contacts of solver.c. */
INLINE void sweep_contacts(struct solver *s, mdp_num *change) {
    const double friction = (double)robot_friction * floor_friction;
    const mdp_num none = mdp_num_set(0), most = mdp_num_set(contact_bound);
    for (int k = 0; k < s->n_contacts; k++) {
        struct contact_rows *contact = &s->contacts[k];
        resolve(&contact->ways[UP], along(&contact->place, &contact->ways[UP], UP, change), none, most, change);
    }
    for (int k = 0; k < s->n_contacts; k++) {
        struct contact_rows *contact = &s->contacts[k];
        struct row *row = &contact->ways[FORWARD];
        const mdp_num bound = friction * contact->ways[UP].impulse;
        resolve(row, along(&contact->place, row, FORWARD, change), -bound, bound, change);
    }
}

/** Takes care that nothing moves the limits of the worlds of a mask any more. */
static void rest(struct solver *s, mdp_mask m) {
    const mdp_num none = mdp_num_set(0);
    for (int k = 0; k < s->n_limits; k++) {
        struct row *row = &s->limits[k].row;
        row->wanted = mdp_num_select(m, none, row->wanted);
        row->inverse = mdp_num_select(m, none, row->inverse);
    }
}

/** Finds the impulses and changes velocities by them, as mdp_solver_run; a world without contacts is done where its
 * limits have settled. */
static void run_solver(struct solver *s, mdp_num qvel[MDP_ENV_MAX_DOF]) {
    mdp_num change[N_DOFS], in_order[MDP_ENV_MAX_DOF];
    mdp_mask is_done = mdp_mask_none();
    EACH_DOF change[d] = mdp_num_set(0);
    for (int sweep = 0; sweep < MDP_SOLVER_N_SWEEPS; sweep++) {
        const mdp_num residual = sweep_limits(s, sweep % 2 == 0, change);
        sweep_contacts(s, change);
        is_done |= ~s->has_contacts & mdp_num_at_most(residual, mdp_num_set(settled));
        if (!mdp_mask_any(~is_done)) break;
        if (mdp_mask_any(is_done)) rest(s, is_done);
    }
    EACH_DOF in_order[s->dofs[d]] = change[d];
    chain_kick(in_order, qvel);
}

#endif
