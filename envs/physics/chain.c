#include "envs/physics/chain.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double gravity = -9.8, max_speed = 100;
static const float damping = 0.04f; /* linear and angular, constant and proportional to speed */

/* ---- description ---- */

static struct mdp_chain_part part_of(const struct mdp_robot *robot, const struct mdp_body *body) {
    int is_torso = body->parent < 0;
    struct mdp_chain_part part = {.parent = body->parent + 1, .axis = is_torso ? 1 : (double)robot->hinge_axis[1]};
    if (!is_torso) {
        const double *com = robot->bodies[body->parent].com;
        part.seat = (struct mdp_vec2){(double)body->joint[0] - com[0], (double)body->joint[2] - com[2]};
    }
    part.arm = (struct mdp_vec2){body->com[0] + (double)body->origin[0], body->com[2] + (double)body->origin[2]};
    part.has_arm = part.arm.x != 0 || part.arm.z != 0;
    part.mass = body->mass;
    part.weight = gravity * body->mass;
    part.inertia = body->inertia[1];
    return part;
}

static mdp_err check_body(const struct mdp_robot *robot, int i) {
    const struct mdp_body *body = &robot->bodies[i];
    double off = fabs((double)body->joint[1]) + fabs((double)body->origin[1]) + fabs(body->com[1]);
    for (int k = 0; k < MDP_ROBOT_MAX_GEOMS; k++) {
        const struct mdp_geom *geom = &body->geoms[k];
        off += fabs((double)geom->from[1]) + fabs((double)geom->to[1]) + fabs((double)geom->centre[1]);
    }
    if (off != 0)
        return mdp_fail(MDP_E_INTERNAL, "body %s: expected all of it at y = 0, found it %g off", body->name, off);
    if (body->parent >= i || (body->parent < 0 && i > 0))
        return mdp_fail(MDP_E_INTERNAL, "body %s: expected a parent before it, found body %d", body->name,
                        body->parent);
    return MDP_OK;
}

static mdp_err check_limit_order(const struct mdp_robot *robot) {
    int is_named[MDP_ENV_MAX_JOINTS] = {0};
    for (int k = 0; k < robot->n_joints; k++) {
        int i = robot->limit_order[k];
        if (i < 0 || i >= robot->n_joints || is_named[i])
            return mdp_fail(MDP_E_INTERNAL, "limit order: expected each of %d joints once, found joint %d in place %d",
                            robot->n_joints, i, k);
        is_named[i] = 1;
    }
    return MDP_OK;
}

static mdp_err check_robot(const struct mdp_robot *robot) {
    mdp_err err = MDP_OK;
    const float *axis = robot->hinge_axis;
    if (robot->n_joints < 1 || robot->n_joints > MDP_ENV_MAX_JOINTS)
        return mdp_fail(MDP_E_INTERNAL, "robot: expected 1 to %d joints, found %d", MDP_ENV_MAX_JOINTS,
                        robot->n_joints);
    if (axis[0] != 0 || fabsf(axis[1]) != 1 || axis[2] != 0)
        return mdp_fail(MDP_E_INTERNAL, "hinges: expected axis (0, 1, 0) or (0, -1, 0), found (%g, %g, %g)",
                        (double)axis[0], (double)axis[1], (double)axis[2]);
    MDP_TRY(check_limit_order(robot));
    if (robot->root[1] != 0) return mdp_fail(MDP_E_INTERNAL, "root: expected y = 0, found %g", (double)robot->root[1]);
    for (int i = 0; i < mdp_robot_n_bodies(robot); i++) MDP_TRY(check_body(robot, i));
out:
    return err;
}

mdp_err mdp_chain_init(const struct mdp_robot *robot, struct mdp_chain *chain) {
    mdp_err err = MDP_OK;
    MDP_TRY(check_robot(robot));
    memset(chain, 0, sizeof *chain);
    chain->n_parts = 1 + mdp_robot_n_bodies(robot);
    chain->root = (struct mdp_vec2){(double)robot->root[0], (double)robot->root[2]};
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        chain->parts[i] = part_of(robot, &robot->bodies[i - 1]);
        int parent = chain->parts[i].parent, n = chain->n_path[parent];
        memcpy(chain->path[i], chain->path[parent], sizeof chain->path[i]);
        chain->path[i][n] = i;
        chain->n_path[i] = n + 1;
    }
out:
    return err;
}

/* ---- poses ---- */

static struct mdp_vec2 add(struct mdp_vec2 u, struct mdp_vec2 v) { return (struct mdp_vec2){u.x + v.x, u.z + v.z}; }

/* q v q^-1 */
static struct mdp_vec2 rotate(struct mdp_spin q, struct mdp_vec2 v) {
    double x = q.w * v.x + q.y * v.z, z = q.w * v.z - q.y * v.x;
    return (struct mdp_vec2){x * q.w + z * q.y, z * q.w - x * q.y};
}

void mdp_chain_place(const struct mdp_chain *chain, const double qpos[MDP_ENV_MAX_DOF], struct mdp_pose *pose) {
    pose->slide = (struct mdp_vec2){qpos[0], qpos[1]};
    pose->spin[0] = (struct mdp_spin){0, 1};
    pose->com[0] = add(chain->root, pose->slide);
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        const struct mdp_chain_part *part = &chain->parts[i];
        double half = -qpos[i + 1] * 0.5;
        struct mdp_spin q = {part->axis * sin(half), cos(half)}, p = pose->spin[part->parent];
        pose->turn[i] = mdp_turn_of(q);
        pose->offset[i] = rotate(q, part->seat);
        pose->spin[i] = (struct mdp_spin){q.w * p.y + q.y * p.w, q.w * p.w - q.y * p.y};
        struct mdp_spin back = {-pose->spin[i].y, pose->spin[i].w};
        pose->world[i] = mdp_turn_of(back);
        pose->hinge[i] = add(pose->com[part->parent], rotate(back, pose->offset[i]));
        pose->com[i] = part->has_arm ? add(pose->hinge[i], rotate(back, part->arm)) : pose->hinge[i];
    }
}

/* ---- spatial quantities ---- */

/* velocity or acceleration of a part at its centre of mass, in its own frame */
struct motion {
    double turning; /* about y */
    struct mdp_vec2 v;
};

/* force on a part at its centre of mass, in its own frame */
struct wrench {
    double torque;
    struct mdp_vec2 f;
};

/* force = mass v + coupling turning; torque = turning_mass turning + coupling . v. the mass is symmetric in exact
 * arithmetic only, so all four elements are kept */
struct inertia {
    double xx, xz, zx, zz;
    struct mdp_vec2 coupling;
    double turning;
};

/* the motion of a frame's point at -r as seen at the frame's origin */
static struct motion shift_motion(struct motion m, struct mdp_vec2 r) {
    return (struct motion){m.turning, {r.z * m.turning + m.v.x, m.v.z - r.x * m.turning}};
}

static struct motion carry_motion(struct motion m, struct mdp_turn turn, struct mdp_vec2 r) {
    m.v = mdp_turn_apply(turn, m.v);
    return shift_motion(m, r);
}

static struct wrench shift_wrench(struct wrench w, struct mdp_vec2 r) {
    return (struct wrench){w.torque + (r.z * w.f.x - r.x * w.f.z), w.f};
}

static void add_wrench(struct wrench *sum, struct wrench w, struct mdp_turn turn) {
    struct mdp_vec2 f = mdp_turn_undo(turn, w.f);
    sum->torque += w.torque;
    sum->f = add(sum->f, f);
}

static struct inertia shift_inertia(const struct inertia *in, struct mdp_vec2 r) {
    struct inertia out = *in;
    const struct mdp_vec2 c = in->coupling;
    out.coupling.x = c.x - (r.x * in->xz - r.z * in->xx);
    out.coupling.z = c.z - (r.x * in->zz - r.z * in->zx);
    out.turning = ((r.z * out.coupling.x - r.x * out.coupling.z) + in->turning) - (r.x * c.z - r.z * c.x);
    return out;
}

static void add_inertia(struct inertia *sum, const struct inertia *in, struct mdp_turn r) {
    struct mdp_vec2 c = mdp_turn_undo(r, in->coupling);
    double xx = in->xx * r.a - in->zx * r.b, xz = in->xz * r.a - in->zz * r.b;
    double zx = in->xx * r.b + in->zx * r.a, zz = in->xz * r.b + in->zz * r.a;
    sum->xx += xx * r.a - xz * r.b;
    sum->xz += xx * r.b + xz * r.a;
    sum->zx += zx * r.a - zz * r.b;
    sum->zz += zx * r.b + zz * r.a;
    sum->coupling = add(sum->coupling, c);
    sum->turning += in->turning;
}

static double dot(struct mdp_vec2 u, struct mdp_vec2 v) { return u.x * v.x + u.z * v.z; }

/* ---- accelerations ---- */

/* what the passes of one evaluation hand on */
struct passes {
    struct mdp_vec2 drift[MDP_CHAIN_MAX_PARTS]; /* acceleration at the hinge from turning alone */
    struct wrench bias[MDP_CHAIN_MAX_PARTS];    /* forces that would hold the parts at their velocities */
    struct inertia inertia[MDP_CHAIN_MAX_PARTS];
    double drive[MDP_CHAIN_MAX_PARTS]; /* what is left of the hinge's torque */
};

/* speeds whose square is below the rounding of 1 do not damp in proportion */
static double damping_at(double square) {
    double speed = square > DBL_EPSILON ? sqrt(square) : 0;
    return (double)damping + (double)damping * speed;
}

static struct wrench bias_of(const struct mdp_chain_part *part, struct mdp_turn from_world, struct motion m) {
    double drag = damping_at(m.v.x * m.v.x + m.v.z * m.v.z);
    struct mdp_vec2 f = {-(from_world.b * part->weight) + part->mass * m.v.x * drag,
                         -(from_world.a * part->weight) + part->mass * m.v.z * drag};
    f.x += part->mass * (m.turning * m.v.z);
    f.z -= part->mass * (m.turning * m.v.x);
    return (struct wrench){part->inertia * m.turning * damping_at(m.turning * m.turning), f};
}

/* velocities, and what follows from them, part by part from the torso to the feet */
static void pass_velocities(const struct mdp_chain *chain, const struct mdp_pose *pose, const double *qvel,
                            struct mdp_turn *from_world, struct passes *passes) {
    struct motion motions[MDP_CHAIN_MAX_PARTS] = {{0, {qvel[0], qvel[1]}}};
    from_world[0] = (struct mdp_turn){1, 0};
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        const struct mdp_chain_part *part = &chain->parts[i];
        from_world[i] = mdp_turn_after(pose->turn[i], from_world[part->parent]);
        struct motion m = carry_motion(motions[part->parent], pose->turn[i], pose->offset[i]);
        double hinge_speed = part->axis * qvel[i + 1];
        m.turning += hinge_speed;
        passes->drift[i] = (struct mdp_vec2){-(m.v.z * hinge_speed), m.v.x * hinge_speed};
        if (part->has_arm) m = shift_motion(m, part->arm);
        motions[i] = m;
        passes->bias[i] = bias_of(part, from_world[i], m);
        passes->inertia[i] = (struct inertia){.xx = part->mass, .zz = part->mass, .turning = part->inertia};
    }
}

static double invert(double inertia) { return inertia >= DBL_EPSILON ? 1.0 / inertia : 0; }

/* takes a part's share to its parent, as Featherstone's articulated bodies do: a hinge turns freely, so the parent
 * feels of the part's inertia and force only what acts across the hinge, not what merely turns the part about it */
static void fold_part(const struct mdp_chain *chain, const struct mdp_pose *pose, int i, double torque,
                      struct mdp_chain_cache *cache, struct passes *passes) {
    const struct mdp_chain_part *part = &chain->parts[i];
    const struct mdp_vec2 drift = passes->drift[i];
    struct inertia in = passes->inertia[i];
    struct wrench w = passes->bias[i];
    if (part->has_arm) {
        in = shift_inertia(&in, part->arm);
        w = shift_wrench(w, part->arm);
    }
    struct mdp_vec2 h = {in.coupling.x * part->axis, in.coupling.z * part->axis};
    double h_turning = in.turning * part->axis, inverse = invert(part->axis * h_turning);
    double drive = torque - part->axis * w.torque - dot(drift, h), give = inverse * drive;
    cache->force[i] = h;
    cache->torque[i] = h_turning;
    cache->inverse[i] = inverse;
    passes->drive[i] = drive;

    w.torque = (w.torque + dot(in.coupling, drift)) + give * h_turning;
    w.f.x = (w.f.x + (in.xx * drift.x + in.xz * drift.z)) + give * h.x;
    w.f.z = (w.f.z + (in.zx * drift.x + in.zz * drift.z)) + give * h.z;
    add_wrench(&passes->bias[part->parent], shift_wrench(w, pose->offset[i]), pose->turn[i]);

    struct mdp_vec2 g = {inverse * h.x, inverse * h.z};
    double g_turning = inverse * h_turning;
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

/* the slider gives way first in z, then in x */
static struct mdp_vec2 accelerate_slider(const struct passes *passes, struct mdp_chain_cache *cache) {
    const struct inertia *in = &passes->inertia[0];
    const struct mdp_vec2 f = passes->bias[0].f;
    cache->coupling = in->xz;
    cache->inverse_z = invert(in->zz);
    cache->inverse_x = invert(in->xx - in->xz * (cache->inverse_z * in->xz));
    double x = cache->inverse_x * -(f.x + cache->inverse_z * -f.z * in->xz);
    return (struct mdp_vec2){x, cache->inverse_z * (-f.z - x * in->xz)};
}

void mdp_chain_kick(const double change[MDP_ENV_MAX_DOF], double qvel[MDP_ENV_MAX_DOF]) {
    for (int d = 0; d < MDP_ENV_MAX_DOF; d++) {
        double speed = qvel[d] + change[d];
        qvel[d] = speed < -max_speed ? -max_speed : max_speed < speed ? max_speed : speed;
    }
}

void mdp_chain_accelerate(const struct mdp_chain *chain, const struct mdp_pose *pose, const double *torques,
                          double seconds, double qvel[MDP_ENV_MAX_DOF], struct mdp_chain_cache *cache) {
    struct passes passes;
    struct motion motions[MDP_CHAIN_MAX_PARTS];
    double change[MDP_ENV_MAX_DOF] = {0};
    passes.bias[0] = (struct wrench){0};
    passes.inertia[0] = (struct inertia){0};
    pass_velocities(chain, pose, qvel, cache->from_world, &passes);
    for (int i = chain->n_parts - 1; i > MDP_CHAIN_TORSO; i--)
        fold_part(chain, pose, i, torques[i - 2], cache, &passes);
    fold_part(chain, pose, MDP_CHAIN_TORSO, 0, cache, &passes);

    motions[0] = (struct motion){0, accelerate_slider(&passes, cache)};
    change[0] = motions[0].v.x * seconds;
    change[1] = motions[0].v.z * seconds;
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        const struct mdp_chain_part *part = &chain->parts[i];
        struct motion m = carry_motion(motions[part->parent], pose->turn[i], pose->offset[i]);
        double felt = dot(m.v, cache->force[i]) + m.turning * cache->torque[i];
        double acceleration = cache->inverse[i] * (passes.drive[i] - felt);
        m.v = add(m.v, passes.drift[i]);
        m.turning += part->axis * acceleration;
        motions[i] = part->has_arm ? shift_motion(m, part->arm) : m;
        change[i + 1] = acceleration * seconds;
    }
    mdp_chain_kick(change, qvel);
}

/* ---- impulses ---- */

void mdp_chain_jacobian(const struct mdp_chain *chain, const struct mdp_pose *pose, const struct mdp_chain_cache *cache,
                        int i_part, struct mdp_vec2 point, mdp_pair *jacobian) {
    struct mdp_vec2 p = {point.x - (chain->root.x + pose->slide.x), (point.z - chain->root.z) - pose->slide.z};
    jacobian[0] = (mdp_pair){0, 1};
    jacobian[1] = (mdp_pair){1, 0};
    for (int k = 0; k < chain->n_path[i_part]; k++) {
        int i = chain->path[i_part][k];
        const struct mdp_chain_part *part = &chain->parts[i];
        const struct mdp_turn world = cache->from_world[i];
        p = mdp_turn_apply(pose->turn[i], p);
        p = (struct mdp_vec2){p.x - pose->offset[i].x, p.z - pose->offset[i].z};
        double x = part->axis * p.z, z = part->axis * p.x;
        jacobian[k + 2] = (mdp_pair){world.b * x - world.a * z, world.a * x + world.b * z};
        if (part->has_arm) p = (struct mdp_vec2){p.x - part->arm.x, p.z - part->arm.z};
    }
}

/* a wrench and a motion of each of two cases */
struct wrenches {
    mdp_pair torque, x, z;
};
struct motions {
    mdp_pair turning, x, z;
};

static void shift_wrenches(struct wrenches *w, struct mdp_vec2 r) { w->torque += r.z * w->x - r.x * w->z; }

static void shift_motions(struct motions *m, struct mdp_vec2 r) {
    m->x = r.z * m->turning + m->x;
    m->z = m->z - r.x * m->turning;
}

/* what the impulses leave for the hinges, from the part up to the torso; then the slider */
static struct motions push_down(const struct mdp_chain *chain, const struct mdp_pose *pose,
                                const struct mdp_chain_cache *cache, int i_part, const mdp_pair *impulses,
                                mdp_pair drive[MDP_CHAIN_MAX_PARTS]) {
    struct wrenches w = {{0}, {0}, {0}};
    for (int k = chain->n_path[i_part] - 1; k >= 0; k--) {
        int i = chain->path[i_part][k];
        const struct mdp_chain_part *part = &chain->parts[i];
        const struct mdp_turn turn = pose->turn[i];
        if (part->has_arm) shift_wrenches(&w, part->arm);
        drive[i] = impulses[k + 2] - part->axis * w.torque;
        mdp_pair give = cache->inverse[i] * drive[i];
        w.torque += give * cache->torque[i];
        w.x += give * cache->force[i].x;
        w.z += give * cache->force[i].z;
        shift_wrenches(&w, pose->offset[i]);
        mdp_pair x = w.x, z = w.z;
        w.x = turn.a * x - turn.b * z;
        w.z = turn.b * x + turn.a * z;
    }
    mdp_pair drive_z = impulses[1] - w.z;
    mdp_pair drive_x = impulses[0] - (w.x + cache->inverse_z * drive_z * cache->coupling);
    mdp_pair x = cache->inverse_x * drive_x, none = {0};
    return (struct motions){none, x, cache->inverse_z * (drive_z - x * cache->coupling)};
}

void mdp_chain_respond(const struct mdp_chain *chain, const struct mdp_pose *pose, const struct mdp_chain_cache *cache,
                       int i_part, const mdp_pair *impulses, mdp_pair responses[MDP_ENV_MAX_DOF]) {
    struct motions motions[MDP_CHAIN_MAX_PARTS];
    mdp_pair drive[MDP_CHAIN_MAX_PARTS] = {{0}};
    motions[0] = push_down(chain, pose, cache, i_part, impulses, drive);
    responses[0] = motions[0].x;
    responses[1] = motions[0].z;
    for (int d = chain->n_parts + 1; d < MDP_ENV_MAX_DOF; d++) responses[d] = (mdp_pair){0};
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        const struct mdp_chain_part *part = &chain->parts[i];
        const struct mdp_turn turn = pose->turn[i];
        struct motions m = motions[part->parent];
        mdp_pair x = m.x, z = m.z;
        m.x = turn.a * x + turn.b * z;
        m.z = turn.a * z - turn.b * x;
        shift_motions(&m, pose->offset[i]);
        mdp_pair felt = (m.x * cache->force[i].x + m.z * cache->force[i].z) + m.turning * cache->torque[i];
        responses[i + 1] = cache->inverse[i] * (drive[i] - felt);
        m.turning += part->axis * responses[i + 1];
        if (part->has_arm) shift_motions(&m, part->arm);
        motions[i] = m;
    }
}
