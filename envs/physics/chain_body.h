/* the arithmetic of a chain on numbers of one world or of several, compiled wherever it is included.
 *
 * included behind envs/physics/chain.h, which has its types. Source: as of chain.h. */
#ifndef MDP_ENVS_PHYSICS_CHAIN_BODY_H
#define MDP_ENVS_PHYSICS_CHAIN_BODY_H

#include <float.h>

static const double max_speed = 100;
static const float damping = 0.04f; /* linear and angular, constant and proportional to speed */

/* ---- poses ---- */

/** Adds two vectors. */
static inline struct mdp_vec2 add(struct mdp_vec2 u, struct mdp_vec2 v) {
    return (struct mdp_vec2){u.x + v.x, u.z + v.z};
}

/** Gives q v q^-1. */
static inline struct mdp_vec2 rotate(struct mdp_spin q, struct mdp_vec2 v) {
    mdp_num x = q.w * v.x + q.y * v.z, z = q.w * v.z - q.y * v.x;
    return (struct mdp_vec2){x * q.w + z * q.y, z * q.w - x * q.y};
}

/** Places the parts, as mdp_chain_place. */
static inline void chain_place(const struct mdp_chain *chain, const mdp_num qpos[MDP_ENV_MAX_DOF],
                               struct mdp_pose *pose) {
    pose->slide = (struct mdp_vec2){qpos[0], qpos[1]};
    pose->spin[0] = (struct mdp_spin){mdp_num_set(0), mdp_num_set(1)};
    pose->com[0] = add(mdp_vec2_of(chain->root), pose->slide);
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        const struct mdp_chain_part *part = &chain->parts[i];
        mdp_num sine, cosine;
        mdp_num_sincos(-qpos[i + 1] * 0.5, &sine, &cosine);
        struct mdp_spin q = {part->axis * sine, cosine}, p = pose->spin[part->parent];
        pose->turn[i] = mdp_turn_of(q);
        pose->offset[i] = rotate(q, mdp_vec2_of(part->seat));
        pose->spin[i] = (struct mdp_spin){q.w * p.y + q.y * p.w, q.w * p.w - q.y * p.y};
        struct mdp_spin back = {-pose->spin[i].y, pose->spin[i].w};
        pose->world[i] = mdp_turn_of(back);
        pose->hinge[i] = add(pose->com[part->parent], rotate(back, pose->offset[i]));
        pose->com[i] = part->has_arm ? add(pose->hinge[i], rotate(back, mdp_vec2_of(part->arm))) : pose->hinge[i];
    }
}

/* ---- spatial quantities ---- */

/* velocity or acceleration of a part at its centre of mass, in its own frame */
struct motion {
    mdp_num turning; /* about y */
    struct mdp_vec2 v;
};

/* force on a part at its centre of mass, in its own frame */
struct wrench {
    mdp_num torque;
    struct mdp_vec2 f;
};

/* force = mass v + coupling turning; torque = turning_mass turning + coupling . v. the mass is symmetric in exact
 * arithmetic only, so all four elements are kept */
struct inertia {
    mdp_num xx, xz, zx, zz;
    struct mdp_vec2 coupling;
    mdp_num turning;
};

/** Gives the motion of a frame's point at -r as seen at the frame's origin. */
static inline struct motion shift_motion(struct motion m, struct mdp_vec2 r) {
    return (struct motion){m.turning, {r.z * m.turning + m.v.x, m.v.z - r.x * m.turning}};
}

/** Gives a parent's motion as seen in a part's frame, at its hinge. */
static inline struct motion carry_motion(struct motion m, struct mdp_turn turn, struct mdp_vec2 r) {
    m.v = mdp_turn_apply(turn, m.v);
    return shift_motion(m, r);
}

/** Gives a wrench as it acts at a point from which its own is r away. */
static inline struct wrench shift_wrench(struct wrench w, struct mdp_vec2 r) {
    return (struct wrench){w.torque + (r.z * w.f.x - r.x * w.f.z), w.f};
}

/** Adds a wrench of a part to a sum in its parent's frame. */
static inline void add_wrench(struct wrench *sum, struct wrench w, struct mdp_turn turn) {
    struct mdp_vec2 f = mdp_turn_undo(turn, w.f);
    sum->torque += w.torque;
    sum->f = add(sum->f, f);
}

/** Gives an inertia as felt at a point from which its own is r away. */
static inline struct inertia shift_inertia(const struct inertia *in, struct mdp_vec2 r) {
    struct inertia out = *in;
    const struct mdp_vec2 c = in->coupling;
    out.coupling.x = c.x - (r.x * in->xz - r.z * in->xx);
    out.coupling.z = c.z - (r.x * in->zz - r.z * in->zx);
    out.turning = ((r.z * out.coupling.x - r.x * out.coupling.z) + in->turning) - (r.x * c.z - r.z * c.x);
    return out;
}

/** Adds a part's inertia to a sum in its parent's frame. */
static inline void add_inertia(struct inertia *sum, const struct inertia *in, struct mdp_turn r) {
    struct mdp_vec2 c = mdp_turn_undo(r, in->coupling);
    mdp_num xx = in->xx * r.a - in->zx * r.b, xz = in->xz * r.a - in->zz * r.b;
    mdp_num zx = in->xx * r.b + in->zx * r.a, zz = in->xz * r.b + in->zz * r.a;
    sum->xx += xx * r.a - xz * r.b;
    sum->xz += xx * r.b + xz * r.a;
    sum->zx += zx * r.a - zz * r.b;
    sum->zz += zx * r.b + zz * r.a;
    sum->coupling = add(sum->coupling, c);
    sum->turning += in->turning;
}

/** Gives the scalar product. */
static inline mdp_num dot(struct mdp_vec2 u, struct mdp_vec2 v) { return u.x * v.x + u.z * v.z; }

/* ---- accelerations ---- */

/* what the passes of one evaluation hand on */
struct passes {
    struct mdp_vec2 drift[MDP_CHAIN_MAX_PARTS]; /* acceleration at the hinge from turning alone */
    struct wrench bias[MDP_CHAIN_MAX_PARTS];    /* forces that would hold the parts at their velocities */
    struct inertia inertia[MDP_CHAIN_MAX_PARTS];
    mdp_num drive[MDP_CHAIN_MAX_PARTS]; /* what is left of the hinge's torque */
};

/** Gives the damping at a speed of this square; speeds whose square is below the rounding of 1 do not damp in
 * proportion. */
static inline mdp_num damping_at(mdp_num square) {
    const mdp_num none = mdp_num_set(0), least = mdp_num_set(DBL_EPSILON);
    mdp_num speed = mdp_num_select(mdp_num_less(least, square), mdp_num_sqrt(square), none);
    return (double)damping + (double)damping * speed;
}

/** Gives the forces that would hold a part at its velocity. */
static inline struct wrench bias_of(const struct mdp_chain_part *part, struct mdp_turn from_world, struct motion m) {
    mdp_num drag = damping_at(m.v.x * m.v.x + m.v.z * m.v.z);
    struct mdp_vec2 f = {-(from_world.b * part->weight) + part->mass * m.v.x * drag,
                         -(from_world.a * part->weight) + part->mass * m.v.z * drag};
    f.x += part->mass * (m.turning * m.v.z);
    f.z -= part->mass * (m.turning * m.v.x);
    return (struct wrench){part->inertia * m.turning * damping_at(m.turning * m.turning), f};
}

/** Passes velocities, and what follows from them, part by part from the torso to the feet. */
static inline void pass_velocities(const struct mdp_chain *chain, const struct mdp_pose *pose, const mdp_num *qvel,
                                   struct mdp_turn *from_world, struct passes *passes) {
    const mdp_num none = mdp_num_set(0);
    struct motion motions[MDP_CHAIN_MAX_PARTS];
    motions[0] = (struct motion){none, {qvel[0], qvel[1]}};
    from_world[0] = (struct mdp_turn){mdp_num_set(1), none};
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        const struct mdp_chain_part *part = &chain->parts[i];
        from_world[i] = mdp_turn_after(pose->turn[i], from_world[part->parent]);
        struct motion m = carry_motion(motions[part->parent], pose->turn[i], pose->offset[i]);
        mdp_num hinge_speed = part->axis * qvel[i + 1];
        m.turning += hinge_speed;
        passes->drift[i] = (struct mdp_vec2){-(m.v.z * hinge_speed), m.v.x * hinge_speed};
        if (part->has_arm) m = shift_motion(m, mdp_vec2_of(part->arm));
        motions[i] = m;
        passes->bias[i] = bias_of(part, from_world[i], m);
        const mdp_num mass = mdp_num_set(part->mass);
        passes->inertia[i] = (struct inertia){mass, none, none, mass, {none, none}, mdp_num_set(part->inertia)};
    }
}

/** Gives 1 / inertia, 0 for none. */
static inline mdp_num invert(mdp_num inertia) {
    return mdp_num_select(mdp_num_at_most(mdp_num_set(DBL_EPSILON), inertia), 1.0 / inertia, mdp_num_set(0));
}

/** Takes a part's share to its parent, as Featherstone's articulated bodies do: a hinge turns freely, so the parent
 * feels of the part's inertia and force only what acts across the hinge, not what merely turns the part about it. */
static inline void fold_part(const struct mdp_chain *chain, const struct mdp_pose *pose, int i, mdp_num torque,
                             struct mdp_chain_cache *cache, struct passes *passes) {
    const struct mdp_chain_part *part = &chain->parts[i];
    const struct mdp_vec2 drift = passes->drift[i];
    struct inertia in = passes->inertia[i];
    struct wrench w = passes->bias[i];
    if (part->has_arm) {
        in = shift_inertia(&in, mdp_vec2_of(part->arm));
        w = shift_wrench(w, mdp_vec2_of(part->arm));
    }
    struct mdp_vec2 h = {in.coupling.x * part->axis, in.coupling.z * part->axis};
    mdp_num h_turning = in.turning * part->axis, inverse = invert(part->axis * h_turning);
    mdp_num drive = torque - part->axis * w.torque - dot(drift, h), give = inverse * drive;
    cache->force[i] = h;
    cache->torque[i] = h_turning;
    cache->inverse[i] = inverse;
    passes->drive[i] = drive;

    w.torque = (w.torque + dot(in.coupling, drift)) + give * h_turning;
    w.f.x = (w.f.x + (in.xx * drift.x + in.xz * drift.z)) + give * h.x;
    w.f.z = (w.f.z + (in.zx * drift.x + in.zz * drift.z)) + give * h.z;
    add_wrench(&passes->bias[part->parent], shift_wrench(w, pose->offset[i]), pose->turn[i]);

    struct mdp_vec2 g = {inverse * h.x, inverse * h.z};
    mdp_num g_turning = inverse * h_turning;
    in.xx -= h.x * g.x;
    in.xz -= h.x * g.z;
    in.zx -= h.z * g.x;
    in.zz -= h.z * g.z;
    in.coupling.x -= h.x * g_turning;
    in.coupling.z -= h.z * g_turning;
    in.turning -= h_turning * g_turning;
    in = shift_inertia(&in, pose->offset[i]);
    add_inertia(&passes->inertia[part->parent], &in, pose->turn[i]);
}

/** Gives the acceleration of the slider, which gives way first in z, then in x. */
static inline struct mdp_vec2 accelerate_slider(const struct passes *passes, struct mdp_chain_cache *cache) {
    const struct inertia *in = &passes->inertia[0];
    const struct mdp_vec2 f = passes->bias[0].f;
    cache->coupling = in->xz;
    cache->inverse_z = invert(in->zz);
    cache->inverse_x = invert(in->xx - in->xz * (cache->inverse_z * in->xz));
    mdp_num x = cache->inverse_x * -(f.x + cache->inverse_z * -f.z * in->xz);
    return (struct mdp_vec2){x, cache->inverse_z * (-f.z - x * in->xz)};
}

/** Adds a change to the velocities, as mdp_chain_kick. */
static inline void chain_kick(const mdp_num change[MDP_ENV_MAX_DOF], mdp_num qvel[MDP_ENV_MAX_DOF]) {
    const mdp_num most = mdp_num_set(max_speed);
    for (int d = 0; d < MDP_ENV_MAX_DOF; d++) {
        mdp_num speed = qvel[d] + change[d];
        mdp_num capped = mdp_num_select(mdp_num_less(most, speed), most, speed);
        qvel[d] = mdp_num_select(mdp_num_less(speed, -most), -most, capped);
    }
}

/** Changes velocities by forces, as mdp_chain_accelerate. */
static inline void chain_accelerate(const struct mdp_chain *chain, const struct mdp_pose *pose, const mdp_num *torques,
                                    double seconds, mdp_num qvel[MDP_ENV_MAX_DOF], struct mdp_chain_cache *cache) {
    struct passes passes;
    struct motion motions[MDP_CHAIN_MAX_PARTS];
    const mdp_num none = mdp_num_set(0);
    mdp_num change[MDP_ENV_MAX_DOF];
    for (int d = 0; d < MDP_ENV_MAX_DOF; d++) change[d] = none;
    passes.bias[0] = (struct wrench){none, {none, none}};
    passes.inertia[0] = (struct inertia){none, none, none, none, {none, none}, none};
    pass_velocities(chain, pose, qvel, cache->from_world, &passes);
    for (int i = chain->n_parts - 1; i > MDP_CHAIN_TORSO; i--)
        fold_part(chain, pose, i, torques[i - 2], cache, &passes);
    fold_part(chain, pose, MDP_CHAIN_TORSO, none, cache, &passes);

    motions[0] = (struct motion){none, accelerate_slider(&passes, cache)};
    change[0] = motions[0].v.x * seconds;
    change[1] = motions[0].v.z * seconds;
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        const struct mdp_chain_part *part = &chain->parts[i];
        struct motion m = carry_motion(motions[part->parent], pose->turn[i], pose->offset[i]);
        mdp_num felt = dot(m.v, cache->force[i]) + m.turning * cache->torque[i];
        mdp_num acceleration = cache->inverse[i] * (passes.drive[i] - felt);
        m.v = add(m.v, passes.drift[i]);
        m.turning += part->axis * acceleration;
        motions[i] = part->has_arm ? shift_motion(m, mdp_vec2_of(part->arm)) : m;
        change[i + 1] = acceleration * seconds;
    }
    chain_kick(change, qvel);
}

#endif
