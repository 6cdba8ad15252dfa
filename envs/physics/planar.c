/* the default world: Bullet's step for a planar robot, computed in the plane, with the same bits as bullet.cpp.
 *
 * a time step finds contacts, changes velocities by forces, then by impulses of limits and contacts, then moves. it is
 * made of chain (the robot), contact (the floor) and solver (the impulses). Source: reference/envs/SPEC.md. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/physics/chain.h"
#include "envs/physics/contact.h"
#include "envs/physics/solver.h"
#include "envs/physics/world.h"

enum { N_SUBSTEPS = 4 };

static const double step_seconds = 0.0165 / N_SUBSTEPS;

/* a hinge that does not turn freely; limits are in the order in which the original's solver takes them */
struct limit {
    int i_part;
    double range[2];
};

struct world {
    int n_bodies, n_joints, n_dof;
    struct mdp_chain chain;
    struct mdp_hull hulls[MDP_ROBOT_MAX_BODIES];
    struct limit limits[MDP_ENV_MAX_JOINTS];
    double qpos[MDP_ENV_MAX_DOF], qvel[MDP_ENV_MAX_DOF]; /* 0 beyond n_dof */
    struct mdp_pose poses[2];                            /* now, and what the last time step's forces saw */
    int i_now;
    int is_overwritten; /* positions were set since the poses were */
    struct mdp_manifold manifolds[MDP_ROBOT_MAX_BODIES][MDP_ROBOT_MAX_GEOMS];
    struct mdp_chain_cache cache;
    struct mdp_solver solver;
};

/* the library whose results these are to the bit, so that files of both can be compared */
static const char *version(void) { return "bullet-float64 3.24"; }

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

static void add_limits(const struct mdp_robot *robot, struct limit *limits) {
    for (int k = 0; k < robot->n_joints; k++) {
        int i_body = robot->limit_order[k] + 1;
        const float *range = robot->bodies[i_body].range;
        limits[k] = (struct limit){i_body + 1, {(double)range[0], (double)range[1]}};
    }
}

static mdp_err create(const struct mdp_robot *robot, void **out) {
    mdp_err err = MDP_OK;
    struct world *w = NULL;
    MDP_TRY(mdp_calloc(&w, 1, sizeof *w, "planar world"));
    MDP_TRY(mdp_chain_init(robot, &w->chain));
    MDP_TRY(add_hulls(robot, w->hulls));
    add_limits(robot, w->limits);
    w->n_bodies = mdp_robot_n_bodies(robot);
    w->n_joints = robot->n_joints;
    w->n_dof = mdp_robot_n_dof(robot);
    *out = w;
    w = NULL;
out:
    free(w);
    return err;
}

static void destroy(void *world) { free(world); }

static void set_joints(void *world, const double *qpos, const double *qvel) {
    struct world *w = world;
    for (int d = 0; d < MDP_ENV_MAX_DOF; d++) {
        w->qpos[d] = d < w->n_dof ? qpos[d] : 0;
        w->qvel[d] = d < w->n_dof ? qvel[d] : 0;
    }
    w->is_overwritten = 1;
}

static void reset(void *world, const double *qpos) {
    static const double at_rest[MDP_ENV_MAX_DOF] = {0};
    struct world *w = world;
    set_joints(world, qpos, at_rest);
    memset(w->manifolds, 0, sizeof w->manifolds);
    mdp_chain_place(&w->chain, w->qpos, &w->poses[0]);
    w->poses[1] = w->poses[0];
    w->i_now = w->is_overwritten = 0;
}

/* ---- a time step ---- */

static void find_contacts(struct world *w) {
    const struct mdp_pose *pose = &w->poses[w->i_now];
    for (int i = 0; i < w->n_bodies; i++)
        mdp_hull_touch(&w->hulls[i], pose->world[i + 1], pose->com[i + 1], w->manifolds[i]);
}

/* how many of the world's manifolds hold points */
static int count_touching(const struct world *w) {
    int n = 0;
    for (int i = 0; i < w->n_bodies; i++)
        for (int s = 0; s < w->hulls[i].n_shapes; s++) n += w->manifolds[i][s].n_points > 0;
    return n;
}

/* contacts come body by body. where both shapes of the torso touch, Bullet's unstable sort of manifolds leaves the
 * second one first if four or more manifolds hold points */
static void add_contacts(struct world *w, const struct mdp_solver_input *in) {
    const struct mdp_manifold *torso = w->manifolds[0];
    int is_turned = torso[0].n_points > 0 && torso[1].n_points > 0 && count_touching(w) >= 4;
    for (int i = 0; i < w->n_bodies; i++)
        for (int k = 0, n = w->hulls[i].n_shapes; k < n; k++) {
            const struct mdp_manifold *manifold = &w->manifolds[i][is_turned ? n - 1 - k : k];
            for (int j = 0; j < manifold->n_points; j++)
                mdp_solver_add_contact(&w->solver, in, i + 1, manifold->points[j].point);
        }
}

static void take_time_step(struct world *w, const double *torques) {
    find_contacts(w);
    if (w->is_overwritten) mdp_chain_place(&w->chain, w->qpos, &w->poses[w->i_now]);
    w->is_overwritten = 0;
    const struct mdp_pose *pose = &w->poses[w->i_now];
    mdp_chain_accelerate(&w->chain, pose, torques, step_seconds, w->qvel, &w->cache);

    const struct mdp_solver_input in = {&w->chain, pose, &w->cache, w->qpos, w->qvel, step_seconds};
    mdp_solver_clear(&w->solver);
    add_contacts(w, &in);
    for (int k = 0; k < w->n_joints; k++)
        mdp_solver_add_limit(&w->solver, &in, w->limits[k].i_part, w->limits[k].range);
    mdp_solver_run(&w->solver, w->qvel);

    for (int d = 0; d < MDP_ENV_MAX_DOF; d++) w->qpos[d] += step_seconds * w->qvel[d];
    w->i_now = !w->i_now;
    mdp_chain_place(&w->chain, w->qpos, &w->poses[w->i_now]);
}

static void step(void *world, const double *torques) {
    for (int i = 0; i < N_SUBSTEPS; i++) take_time_step(world, torques);
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
static void torso_velocity(const struct world *w, double v[3], double omega[3]) {
    static const struct matrix straight = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    const struct mdp_chain_part *torso = &w->chain.parts[MDP_CHAIN_TORSO];
    const struct mdp_spin spin = w->poses[w->i_now].spin[MDP_CHAIN_TORSO];
    const double quat[4] = {0, spin.y, 0, spin.w}, slide[3] = {w->qvel[0], 0, w->qvel[1]}, still[3] = {0};
    const struct matrix turn = matrix_of(quat);
    double at_hinge[3];
    apply(&turn, slide, v);
    apply(&turn, still, at_hinge);
    for (int k = 0; k < 3; k++) at_hinge[k] += w->qvel[2] * (k == 1);
    memcpy(omega, at_hinge, sizeof at_hinge);
    if (!torso->has_arm) return;
    /* from the hinge to the centre of mass; the matrix does not turn, but it sums zeros */
    apply(&straight, at_hinge, omega);
    v[0] = torso->arm.z * omega[1] + v[0];
    v[2] = v[2] - torso->arm.x * omega[1];
}

/* turned into the world by the pose that the last forces saw */
static void read_torso(const struct world *w, struct mdp_world_state *state) {
    const struct mdp_spin spin = w->poses[!w->i_now].spin[MDP_CHAIN_TORSO];
    const double quat[4] = {-0.0, -spin.y, -0.0, spin.w};
    const struct matrix to_world = matrix_of(quat);
    double v[3], omega[3];
    torso_velocity(w, v, omega);
    quat_of(&to_world, state->torso_quat);
    apply(&to_world, v, state->torso_linvel);
    apply(&to_world, omega, state->torso_angvel);
}

static void read(void *world, struct mdp_world_state *state) {
    const struct world *w = world;
    const struct mdp_pose *seen = &w->poses[!w->i_now];
    memcpy(state->qpos, w->qpos, sizeof *w->qpos * (size_t)w->n_dof);
    memcpy(state->qvel, w->qvel, sizeof *w->qvel * (size_t)w->n_dof);
    copy(state->link_pos[0], (struct mdp_vec2){seen->com[0].x, w->chain.root.z});
    copy(state->link_pos[1], seen->com[0]);
    for (int i = 0; i < w->n_bodies; i++) {
        copy(state->link_pos[2 + 2 * i], seen->hinge[i + 1]);
        copy(state->link_pos[3 + 2 * i], seen->com[i + 1]);
        state->in_contact[i] = 0;
        for (int s = 0; s < w->hulls[i].n_shapes; s++) state->in_contact[i] |= w->manifolds[i][s].n_points > 0;
    }
    read_torso(w, state);
}

const struct mdp_physics mdp_physics_planar = {
    .name = "native",
    .version = version,
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .set_joints = set_joints,
    .step = step,
    .read = read,
    .is_own = 1,
};
