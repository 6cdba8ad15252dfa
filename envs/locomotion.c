#include "envs/locomotion.h"

#include <math.h>
#include <string.h>

#include "envs/objective.h"

static const double step_seconds = 0.0165;
static const double target_x = 1000.0; /* the robot walks towards (1000, 0) */
static const double half_pi = 1.5707963267948966;

/* sections of the observation; the contact flags follow the joints */
enum { OBS_POSE = 0, OBS_PITCH = 7, OBS_JOINTS = 8 };

/* what is observed lies within +- this; a joint is at its limit where its angle is beyond that */
static const float most_observed = 5.0f, at_limit = 0.99f;

/* a robot's links, and the floor */
enum { MAX_PARTS = MDP_ROBOT_MAX_LINKS + 1 };

void mdp_locomotion_torques(const struct mdp_robot *robot, struct mdp_action action, double *torques) {
    for (int i = 0; i < robot->n_joints; i++) {
        double a = mdp_action_at(action, i);
        a = a < -1.0 ? -1.0 : a > 1.0 ? 1.0 : a;
        torques[i] = robot->power * robot->power_coef[i] * a;
    }
}

/* the original's numeric library keeps eight partial sums, each of every eighth number, while there are eight more, and
 * adds the rest one by one; the last bit depends on it */
static double mean_of_parts(const double p[MAX_PARTS], int n) {
    double r[8], sum = 0;
    int i = 0;
    if (n >= 8) {
        for (int k = 0; k < 8; k++) r[k] = p[k];
        for (i = 8; i + 8 <= n; i += 8)
            for (int k = 0; k < 8; k++) r[k] += p[i + k];
        sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (; i < n; i++) sum += p[i];
    return sum / n;
}

/* the torso comes second among the parts; the floor, at the origin, comes last, and so does all that is not there */
static void mean_position(const struct mdp_robot *robot, const struct mdp_world_state *world, int has_floor,
                          double body_xyz[3]) {
    static const int order[MDP_ROBOT_MAX_LINKS] = {0, 3, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (int axis = 0; axis < 2; axis++) {
        double p[MAX_PARTS] = {0};
        for (int k = 0; k < MDP_ROBOT_MAX_LINKS; k++) p[k] = world->link_pos[order[k]][axis];
        body_xyz[axis] = mean_of_parts(p, mdp_robot_n_links(robot) + has_floor);
    }
    body_xyz[2] = world->link_pos[3][2];
}

static void roll_pitch_yaw(const double quat[4], double rpy[3]) {
    double x = quat[0], y = quat[1], z = quat[2], w = quat[3];
    double s = -2.0 * (x * z - w * y);
    if (s <= -0.99999 || s >= 0.99999) {
        double sign = s < 0 ? -1.0 : 1.0;
        rpy[0] = 0.0;
        rpy[1] = sign * half_pi;
        rpy[2] = 2.0 * atan2(-sign * x, sign * y);
        return;
    }
    double xx = x * x, yy = y * y, zz = z * z, ww = w * w;
    rpy[0] = atan2(2.0 * (y * z + w * x), ww - xx - yy + zz);
    rpy[1] = asin(s);
    rpy[2] = atan2(2.0 * (x * y + w * z), ww + xx - yy - zz);
}

static void fill_view(const struct mdp_robot *robot, const struct mdp_world_state *world, int has_floor,
                      struct mdp_env_view *view) {
    memcpy(view->qpos, world->qpos, sizeof view->qpos);
    memcpy(view->qvel, world->qvel, sizeof view->qvel);
    memcpy(view->torso_pos, world->link_pos[3], sizeof view->torso_pos);
    memcpy(view->torso_quat, world->torso_quat, sizeof view->torso_quat);
    memcpy(view->torso_linvel, world->torso_linvel, sizeof view->torso_linvel);
    memcpy(view->torso_angvel, world->torso_angvel, sizeof view->torso_angvel);
    mean_position(robot, world, has_floor, view->body_xyz);
    roll_pitch_yaw(view->torso_quat, view->rpy);
    double dx = target_x - view->body_xyz[0], dy = 0.0 - view->body_xyz[1];
    view->potential = -sqrt(dy * dy + dx * dx) / step_seconds;
}

static void observe_pose(const struct mdp_env_view *view, double z0, float *out) {
    double yaw = view->rpy[2], c = cos(-yaw), s = sin(-yaw);
    double heading = atan2(0.0 - view->body_xyz[1], target_x - view->body_xyz[0]) - yaw;
    /* the original takes the angular velocity about z for the linear one along y */
    double vx = view->torso_linvel[0], vy = view->torso_angvel[2], vz = view->torso_linvel[2];
    out[0] = (float)(view->body_xyz[2] - z0);
    out[1] = (float)sin(heading);
    out[2] = (float)cos(heading);
    out[3] = (float)(0.3 * (c * vx - s * vy));
    out[4] = (float)(0.3 * (s * vx + c * vy));
    out[5] = (float)(0.3 * vz);
    out[6] = (float)view->rpy[0];
    out[7] = (float)view->rpy[1];
}

/* angles are scaled so that the limits are -1 and 1; the speeds are kept unclipped for the reward */
static void observe_joints(const struct mdp_robot *robot, struct mdp_locomotion *state, float *out) {
    struct mdp_env_view *view = &state->view;
    view->n_at_limit = 0;
    for (int i = 0; i < robot->n_joints; i++) {
        const float *range = robot->bodies[i + 1].range;
        double low = range[0], high = range[1], middle = 0.5 * (low + high);
        float relative = (float)(2.0 * (view->qpos[3 + i] - middle) / (high - low));
        state->joint_speed[i] = (float)(0.1 * view->qvel[3 + i]);
        view->n_at_limit += fabsf(relative) > at_limit;
        out[2 * i] = relative;
        out[2 * i + 1] = state->joint_speed[i];
    }
}

/* writes state->raw from the view, with the contact flags of the step before; returns 0 if not finite */
static int observe(const struct mdp_robot *robot, struct mdp_locomotion *state) {
    float fresh[MDP_ENV_MAX_OBS];
    int n_obs = MDP_LOCOMOTION_N_OBS(robot->n_joints, robot->n_feet), is_finite = 1;
    float *feet = fresh + OBS_JOINTS + 2 * robot->n_joints;
    observe_pose(&state->view, state->z0, fresh + OBS_POSE);
    observe_joints(robot, state, fresh + OBS_JOINTS);
    for (int i = 0; i < robot->n_feet; i++) feet[i] = (float)state->view.feet_contact[i];
    for (int i = 0; i < n_obs; i++) {
        is_finite &= isfinite(fresh[i]) != 0;
        fresh[i] = fresh[i] < -most_observed ? -most_observed : fresh[i] > most_observed ? most_observed : fresh[i];
    }
    if (is_finite) memcpy(state->raw, fresh, sizeof(float) * (size_t)n_obs);
    return is_finite;
}

void mdp_locomotion_begin(const struct mdp_robot *robot, const struct mdp_world_state *world, int is_first_ever,
                          struct mdp_locomotion *state) {
    memset(state, 0, sizeof *state);
    fill_view(robot, world, !is_first_ever, &state->view);
    state->z0 = state->view.body_xyz[2];
    observe(robot, state);
}

/* cost of motor power and of torque; computed in the type the action came in */
static double electricity(int n_joints, struct mdp_action action, const float *speed) {
    if (action.f32) {
        float power = 0, torque = 0;
        for (int i = 0; i < n_joints; i++) {
            power += fabsf(action.f32[i] * speed[i]);
            torque += action.f32[i] * action.f32[i];
        }
        return -2.0 * (double)(power / (float)n_joints) + -0.1 * (double)(torque / (float)n_joints);
    }
    double power = 0, torque = 0;
    for (int i = 0; i < n_joints; i++) {
        power += fabs(action.f64[i] * (double)speed[i]);
        torque += action.f64[i] * action.f64[i];
    }
    return -2.0 * (power / n_joints) + -0.1 * (torque / n_joints);
}

void mdp_locomotion_advance(const struct mdp_robot *robot, const struct mdp_world_state *world,
                            struct mdp_action action, struct mdp_locomotion *state, struct mdp_step *step) {
    struct mdp_env_view *view = &state->view;
    double potential_before = view->potential;
    fill_view(robot, world, 1, view);
    step->non_finite = !observe(robot, state);
    if (step->non_finite) return;

    struct mdp_alive_input input = {
        .height = (double)state->raw[0] + state->z0, .pitch = view->rpy[1], .contact = view->feet_contact};
    step->terms[0] = robot->alive(&input);
    step->terms[1] = view->potential - potential_before;
    step->terms[2] = electricity(robot->n_joints, action, state->joint_speed);
    step->terms[3] = -0.1 * view->n_at_limit;
    step->terms[4] = 0.0;
    for (int i = 0; i < MDP_ENV_N_TERMS; i++) step->reward += step->terms[i];
    step->terminated = robot->ends_when_dead && step->terms[0] < 0;
    for (int i = 0; i < robot->n_feet; i++) view->feet_contact[i] = world->in_contact[robot->feet[i]];
}

const char *mdp_locomotion_recover(const struct mdp_robot *robot, const struct mdp_recorded_step *step, double *terms) {
    float speed[MDP_ENV_MAX_JOINTS];
    int contact[MDP_ENV_MAX_FEET], n_at_limit = 0;
    if (step->next_observation == NULL)
        return "the state behind a step that terminates is not in the file, which has no next_observations";
    const float *joints = step->next_observation + OBS_JOINTS, *feet = joints + 2 * robot->n_joints;
    for (int i = 0; i < robot->n_joints; i++) {
        n_at_limit += fabsf(joints[2 * i]) > at_limit;
        speed[i] = joints[2 * i + 1];
        if (fabsf(speed[i]) < most_observed) continue;
        if (step->next_qvel == NULL)
            return "a joint is faster than its observation shows, which ends at 5, and the file has no infos/qvel of "
                   "what follows";
        speed[i] = (float)(0.1 * step->next_qvel[3 + i]);
    }
    for (int i = 0; i < robot->n_feet; i++) contact[i] = feet[i] != 0;
    const struct mdp_alive_input input = {.pitch = (double)step->next_observation[OBS_PITCH], .contact = contact};
    if (robot->ends_when_dead)
        terms[0] = step->terminal ? -1 : 1;
    else
        terms[0] = robot->alive(&input);
    terms[2] = electricity(robot->n_joints, (struct mdp_action){.f32 = step->action}, speed);
    terms[3] = -0.1 * n_at_limit;
    terms[1] = (double)step->reward - terms[0] - terms[2] - terms[3];
    return NULL;
}
