/* the default world: Bullet's step for a planar robot, computed in the plane, with the same bits as bullet.cpp.
 *
 * a time step finds contacts, changes velocities by forces, then by impulses of limits and contacts, then moves. it is
 * made of chain (the robot), contact (the floor) and solver (the impulses). Source: reference/envs/SPEC.md. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/physics/planar_world.h"

/* the library whose results these are to the bit, so that files of both can be compared */
const char *mdp_planar_version(void) { return "bullet-float64 3.24"; }

/* the order of contacts is known for a torso with two shapes only */
static mdp_err add_hulls(const struct mdp_robot *robot, struct mdp_hull *hulls) {
    for (int i = 0; i < mdp_robot_n_bodies(robot); i++) {
        mdp_hull_init(&robot->bodies[i], &hulls[i]);
        if (i > 0 && hulls[i].n_shapes > 1)
            return mdp_fail(MDP_E_INTERNAL, "body %s: expected 1 shape on all but the torso, found %d",
                            robot->bodies[i].name, hulls[i].n_shapes);
    }
    return MDP_OK;
}

static void add_limits(const struct mdp_robot *robot, struct mdp_planar_limit *limits) {
    for (int k = 0; k < robot->n_joints; k++) {
        int i_body = robot->limit_order[k] + 1;
        const float *range = robot->bodies[i_body].range;
        limits[k] = (struct mdp_planar_limit){i_body + 1, {(double)range[0], (double)range[1]}};
    }
}

/* a part goes behind its parent at the end of a leg, or begins one */
static void find_legs(struct mdp_planar_model *model) {
    model->is_legged = 1;
    for (int i = MDP_CHAIN_TORSO + 1; i < model->chain.n_parts; i++) {
        const int parent = model->chain.parts[i].parent;
        int is_placed = 0;
        for (int leg = 0; leg < MDP_PLANAR_N_LEGS && !is_placed; leg++) {
            int n = 0;
            while (n < MDP_PLANAR_LEG_MAX && model->legs[leg][n] > 0) n++;
            is_placed = n < MDP_PLANAR_LEG_MAX && parent == (n > 0 ? model->legs[leg][n - 1] : MDP_CHAIN_TORSO);
            if (is_placed) model->legs[leg][n] = i;
        }
        model->is_legged &= is_placed;
    }
}

mdp_err mdp_planar_create(const struct mdp_robot *robot, void **out) {
    mdp_err err = MDP_OK;
    struct mdp_planar_world *w = NULL;
    MDP_TRY(mdp_calloc(&w, 1, sizeof *w, "planar world"));
    MDP_TRY(mdp_chain_init(robot, &w->model.chain));
    MDP_TRY(add_hulls(robot, w->model.hulls));
    add_limits(robot, w->model.limits);
    find_legs(&w->model);
    w->model.n_bodies = mdp_robot_n_bodies(robot);
    w->model.n_joints = robot->n_joints;
    w->model.n_dof = mdp_robot_n_dof(robot);
    *out = w;
    w = NULL;
out:
    free(w);
    return err;
}

void mdp_planar_destroy(void *world) { free(world); }

void mdp_planar_set_joints(void *world, const double *qpos, const double *qvel) {
    struct mdp_planar_world *w = world;
    for (int d = 0; d < MDP_ENV_MAX_DOF; d++) {
        w->motion.qpos[d] = d < w->model.n_dof ? qpos[d] : 0;
        w->motion.qvel[d] = d < w->model.n_dof ? qvel[d] : 0;
    }
    w->is_overwritten = 1;
}

void mdp_planar_reset(void *world, const double *qpos) {
    static const double at_rest[MDP_ENV_MAX_DOF] = {0};
    struct mdp_planar_world *w = world;
    mdp_planar_set_joints(world, qpos, at_rest);
    memset(w->manifolds, 0, sizeof w->manifolds);
    mdp_chain_place(&w->model.chain, w->motion.qpos, &w->motion.now);
    w->motion.seen = w->motion.now;
    w->is_overwritten = 0;
}

/* ---- a time step ---- */

static void find_contacts(struct mdp_planar_world *w, const struct mdp_pose *pose) {
    for (int i = 0; i < w->model.n_bodies; i++)
        mdp_hull_touch(&w->model.hulls[i], pose->world[i + 1], pose->com[i + 1], w->manifolds[i]);
}

/* how many of the world's manifolds hold points */
static int count_touching(const struct mdp_planar_world *w) {
    int n = 0;
    for (int i = 0; i < w->model.n_bodies; i++)
        for (int s = 0; s < w->model.hulls[i].n_shapes; s++) n += w->manifolds[i][s].n_points > 0;
    return n;
}

/* contacts come body by body. where both shapes of the torso touch, Bullet's unstable sort of manifolds leaves the
 * second one first if four or more manifolds hold points */
static void add_contacts(struct mdp_planar_world *w, const struct mdp_solver_input *in) {
    const struct mdp_manifold *torso = w->manifolds[0];
    int is_turned = torso[0].n_points > 0 && torso[1].n_points > 0 && count_touching(w) >= 4;
    for (int i = 0; i < w->model.n_bodies; i++)
        for (int k = 0, n = w->model.hulls[i].n_shapes; k < n; k++) {
            const struct mdp_manifold *manifold = &w->manifolds[i][is_turned ? n - 1 - k : k];
            for (int j = 0; j < manifold->n_points; j++)
                mdp_solver_add_contact(&w->solver, in, i + 1, manifold->points[j].point);
        }
}

static void take_time_step(struct mdp_planar_world *w, const double *torques, struct mdp_pose *pose,
                           struct mdp_pose *next) {
    find_contacts(w, pose);
    if (w->is_overwritten) mdp_chain_place(&w->model.chain, w->motion.qpos, pose);
    w->is_overwritten = 0;
    mdp_chain_accelerate(&w->model.chain, pose, torques, mdp_planar_step_seconds, w->motion.qvel, &w->cache);

    const struct mdp_solver_input in = {&w->model.chain, pose,           &w->cache,
                                        w->motion.qpos,  w->motion.qvel, mdp_planar_step_seconds};
    mdp_solver_clear(&w->solver);
    add_contacts(w, &in);
    for (int k = 0; k < w->model.n_joints; k++)
        mdp_solver_add_limit(&w->solver, &in, w->model.limits[k].i_part, w->model.limits[k].range);
    mdp_solver_run(&w->solver, w->motion.qvel);

    for (int d = 0; d < MDP_ENV_MAX_DOF; d++) w->motion.qpos[d] += mdp_planar_step_seconds * w->motion.qvel[d];
    mdp_chain_place(&w->model.chain, w->motion.qpos, next);
}

void mdp_planar_step(void *world, const double *torques) {
    struct mdp_planar_world *w = world;
    struct mdp_pose *poses[2] = {&w->motion.now, &w->motion.seen};
    for (int i = 0; i < MDP_PLANAR_N_SUBSTEPS; i++) take_time_step(w, torques, poses[i % 2], poses[(i + 1) % 2]);
}

/* ---- reading ---- */

static void copy(double out[3], struct mdp_vec2 v) {
    out[0] = v.x;
    out[1] = 0;
    out[2] = v.z;
}

/* the torso is read in three dimensions: its zeros out of the plane have signs, and by them roll and yaw of a robot on
 * its back are pi or -pi */
struct matrix {
    double m[3][3];
};

static struct matrix matrix_of(const double q[4]) {
    double s = 2.0 / (q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
    double xs = q[0] * s, ys = q[1] * s, zs = q[2] * s, wx = q[3] * xs, wy = q[3] * ys, wz = q[3] * zs;
    double xx = q[0] * xs, xy = q[0] * ys, xz = q[0] * zs, yy = q[1] * ys, yz = q[1] * zs, zz = q[2] * zs;
    return (struct matrix){{{1.0 - (yy + zz), xy - wz, xz + wy},
                            {xy + wz, 1.0 - (xx + zz), yz - wx},
                            {xz - wy, yz + wx, 1.0 - (xx + yy)}}};
}

static void apply(const struct matrix *r, const double v[3], double out[3]) {
    for (int k = 0; k < 3; k++) out[k] = r->m[k][0] * v[0] + r->m[k][1] * v[1] + r->m[k][2] * v[2];
}

/* the matrix is a rotation about y; this decides between Bullet's formulas if the trace is not positive */
static void quat_of(const struct matrix *r, double quat[4]) {
    const double(*m)[3] = r->m;
    double trace = m[0][0] + m[1][1] + m[2][2];
    if (trace > 0) {
        double root = sqrt(trace + 1), s = 0.5 / root;
        quat[0] = (m[2][1] - m[1][2]) * s;
        quat[1] = (m[0][2] - m[2][0]) * s;
        quat[2] = (m[1][0] - m[0][1]) * s;
        quat[3] = root * 0.5;
    } else {
        double root = sqrt(m[1][1] - m[2][2] - m[0][0] + 1), s = 0.5 / root;
        quat[0] = (m[0][1] + m[1][0]) * s;
        quat[1] = root * 0.5;
        quat[2] = (m[2][1] + m[1][2]) * s;
        quat[3] = (m[0][2] - m[2][0]) * s;
    }
}

/* the velocities of now, in the torso's frame */
static void torso_velocity(const struct mdp_planar_world *w, double v[3], double omega[3]) {
    static const struct matrix straight = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    const struct mdp_chain_part *torso = &w->model.chain.parts[MDP_CHAIN_TORSO];
    const struct mdp_spin spin = w->motion.now.spin[MDP_CHAIN_TORSO];
    const double quat[4] = {0, spin.y, 0, spin.w}, slide[3] = {w->motion.qvel[0], 0, w->motion.qvel[1]}, still[3] = {0};
    const struct matrix turn = matrix_of(quat);
    double at_hinge[3];
    apply(&turn, slide, v);
    apply(&turn, still, at_hinge);
    for (int k = 0; k < 3; k++) at_hinge[k] += w->motion.qvel[2] * (k == 1);
    memcpy(omega, at_hinge, sizeof at_hinge);
    if (!torso->has_arm) return;
    /* from the hinge to the centre of mass; the matrix does not turn, but it sums zeros */
    apply(&straight, at_hinge, omega);
    v[0] = torso->arm.z * omega[1] + v[0];
    v[2] = v[2] - torso->arm.x * omega[1];
}

/* turned into the world by the pose that the last forces saw */
static void read_torso(const struct mdp_planar_world *w, struct mdp_world_state *state) {
    const struct mdp_spin spin = w->motion.seen.spin[MDP_CHAIN_TORSO];
    const double quat[4] = {-0.0, -spin.y, -0.0, spin.w};
    const struct matrix to_world = matrix_of(quat);
    double v[3], omega[3];
    torso_velocity(w, v, omega);
    quat_of(&to_world, state->torso_quat);
    apply(&to_world, v, state->torso_linvel);
    apply(&to_world, omega, state->torso_angvel);
}

void mdp_planar_read(void *world, struct mdp_world_state *state) {
    const struct mdp_planar_world *w = world;
    const struct mdp_pose *seen = &w->motion.seen;
    memcpy(state->qpos, w->motion.qpos, sizeof *w->motion.qpos * (size_t)w->model.n_dof);
    memcpy(state->qvel, w->motion.qvel, sizeof *w->motion.qvel * (size_t)w->model.n_dof);
    copy(state->link_pos[0], (struct mdp_vec2){seen->com[0].x, w->model.chain.root.z});
    copy(state->link_pos[1], seen->com[0]);
    for (int i = 0; i < w->model.n_bodies; i++) {
        copy(state->link_pos[2 + 2 * i], seen->hinge[i + 1]);
        copy(state->link_pos[3 + 2 * i], seen->com[i + 1]);
        state->in_contact[i] = 0;
        for (int s = 0; s < w->model.hulls[i].n_shapes; s++) state->in_contact[i] |= w->manifolds[i][s].n_points > 0;
    }
    read_torso(w, state);
}
