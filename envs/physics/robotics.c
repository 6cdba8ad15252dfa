/* the robotics world: one robot over a floor, driven through Bullet's C API in a library of the user's.
 *
 * each world has a client of its own, and a client all of its state; what the library keeps in globals it uses only to
 * load and connect, which happens under one lock. So worlds step side by side in threads, one thread a world. A step is
 * four commands: all torques, the simulation, the whole state, all contacts. Source: reference/envs/SPEC.md, 11. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "envs/family.h"
#include "envs/physics/robotics_api.h"
#include "envs/physics/robotics_model.h"
#include "envs/physics/world.h"

enum { TORSO_LINK = 3 };

/* the base comes first in the library's vectors: position and quaternion, and two velocities */
enum { N_BASE_Q = 7, N_BASE_U = 6, FIRST_JOINT_U = N_BASE_U + 3 };
enum { MAX_Q = N_BASE_Q + MDP_ENV_MAX_DOF };

/* modes of control, kinds of joint, and flags of the loader that keep parents and children from colliding */
enum { TORQUE = 1, POSITION_AND_VELOCITY = 2 };
enum { HINGE = 0, SLIDE = 1, FIXED = 4, LOADER_FLAGS = 8 | 32 };

/* beyond this, positions overflow the library's boxes and it takes a body out of the simulation for good */
static const double largest_position = 1e6;

struct world {
    const struct mdp_robotics *library;
    const struct mdp_robotics_api *api;
    const struct mdp_robot *robot;
    int n_dof, n_links;
    void *client;
    int floor, body, saved; /* the library's numbers for both models and for the state at rest */
    int is_broken;          /* an answer was not as expected: the state reads as not a number */
    int is_spoiled;         /* the state left what the library recovers from: the next reset builds it anew */
};

/* ---- building ---- */

static mdp_err write_model(const struct world *w, int is_robot, const char *path) {
    FILE *stream = fopen(path, "w");
    int failed = stream == NULL;
    if (stream != NULL) {
        if (is_robot)
            mdp_robotics_write_robot(w->robot, stream);
        else
            mdp_robotics_write_floor(stream);
        failed = ferror(stream) != 0;
        failed |= fclose(stream) != 0;
    }
    return failed ? mdp_fail(MDP_E_IO, "%s: %s: cannot be written: %s", w->library->path, path, strerror(errno))
                  : MDP_OK;
}

/* models go through files in memory, since loaders take nothing else */
static mdp_err load_model(struct world *w, int is_robot, int *body) {
    mdp_err err;
    const char *what = is_robot ? "robot" : "floor";
    enum mdp_robotics_status expected = is_robot ? MDP_ROBOTICS_MJCF_LOADED : MDP_ROBOTICS_SDF_LOADED;
    char path[64];
    int file = -1, bodies[2];
    void *status;
    MDP_TRY(mdp_robotics_memory_file(w->library, &file, path));
    MDP_TRY(write_model(w, is_robot, path));
    void *command = is_robot ? w->api->begin_load_mjcf(w->client, path) : w->api->begin_load_sdf(w->client, path);
    if (is_robot && command != NULL) w->api->set_mjcf_flags(command, LOADER_FLAGS);
    MDP_TRY(mdp_robotics_expect(w->library, w->client, command, expected, what, &status));
    int n = w->api->loaded_bodies(status, bodies, 2);
    if (n != 1) MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected 1 model, found %d", w->library->path, what, n));
    *body = bodies[0];
out:
    if (file >= 0) close(file);
    return err;
}

static mdp_err set_parameters(struct world *w) {
    void *command = w->api->begin_parameters(w->client);
    if (command != NULL) {
        w->api->set_deterministic(command, 1);
        w->api->set_gravity(command, 0, 0, -9.8);
        w->api->set_contact_erp(command, 0.9);
        w->api->set_time_step(command, 0.0165);
        w->api->set_substeps(command, 4);
        w->api->set_iterations(command, 5);
        /* models come one after the other under the same name, and pybullet would remember the first */
        w->api->set_file_caching(command, 0);
    }
    return mdp_robotics_expect(w->library, w->client, command, MDP_ROBOTICS_DONE, "simulation parameters", NULL);
}

static mdp_err set_floor(struct world *w) {
    void *command = w->api->begin_change(w->client);
    if (command != NULL) {
        w->api->set_friction(command, w->floor, -1, 0.8);
        w->api->set_restitution(command, w->floor, -1, 0.5);
    }
    return mdp_robotics_expect(w->library, w->client, command, MDP_ROBOTICS_DONE, "friction of the floor", NULL);
}

/* the loader gives every joint a motor that holds it; without force it has no row in the solver */
static mdp_err switch_motors_off(struct world *w) {
    void *command = w->api->begin_control(w->client, w->body, POSITION_AND_VELOCITY);
    for (int u = N_BASE_U; command != NULL && u < N_BASE_U + w->n_dof; u++) {
        w->api->set_position(command, u + 1, 0);
        w->api->set_kp(command, u, 0.1);
        w->api->set_velocity(command, u, 0);
        w->api->set_kd(command, u, 0.1);
        w->api->set_max_force(command, u, 0);
    }
    return mdp_robotics_expect(w->library, w->client, command, MDP_ROBOTICS_TORQUES_TAKEN, "motors", NULL);
}

/* ---- checks ---- */

/* the part of the library's description of a joint that is looked at, with room for what newer versions may append */
struct joint_info {
    char link_name[1024], joint_name[1024];
    int kind, i_q, i_u, index;
    char rest[4096];
};

/* the same for a link */
struct dynamics_info {
    double mass, inertia[3];
    char rest[4096];
};

static mdp_err check_joint(const struct world *w, int i_link, int *i_u) {
    struct joint_info info = {.kind = -1};
    int is_fixed = i_link >= TORSO_LINK && i_link % 2 == 1;
    int kind = i_link < 2 ? SLIDE : is_fixed ? FIXED : HINGE;
    w->api->joint_info(w->client, w->body, i_link, &info);
    int want_u = is_fixed ? -1 : *i_u, want_q = is_fixed ? -1 : *i_u + 1;
    if (info.index != i_link || info.kind != kind || info.i_u != want_u || info.i_q != want_q)
        return mdp_fail(MDP_E_DATA, "%s: joint %d: expected kind %d with q %d and u %d, found %d with %d and %d",
                        w->library->path, i_link, kind, want_q, want_u, info.kind, info.i_q, info.i_u);
    *i_u += !is_fixed;
    return MDP_OK;
}

static mdp_err check_body(const struct world *w, int i_body) {
    const struct mdp_body *body = &w->robot->bodies[i_body];
    struct dynamics_info info = {.mass = NAN};
    void *status;
    void *command = w->api->begin_dynamics(w->client, w->body, TORSO_LINK + 2 * i_body);
    mdp_err err = mdp_robotics_expect(w->library, w->client, command, MDP_ROBOTICS_DYNAMICS_SENT, body->name, &status);
    if (err != MDP_OK) return err;
    w->api->dynamics_info(status, &info);
    if (info.mass != body->mass || memcmp(info.inertia, body->inertia, sizeof info.inertia) != 0)
        return mdp_fail(MDP_E_DATA,
                        "%s: %s: expected a mass of %.17g and inertia %.17g, %.17g, %.17g, found %.17g and %.17g, "
                        "%.17g, %.17g",
                        w->library->path, body->name, body->mass, body->inertia[0], body->inertia[1], body->inertia[2],
                        info.mass, info.inertia[0], info.inertia[1], info.inertia[2]);
    return MDP_OK;
}

/* the model as the library understood it is the one of the tables, to the bit */
static mdp_err check_model(const struct world *w) {
    mdp_err err = MDP_OK;
    int n = w->api->n_joints(w->client, w->body), i_u = N_BASE_U;
    if (n != w->n_links)
        return mdp_fail(MDP_E_DATA, "%s: robot: expected %d joints, found %d", w->library->path, w->n_links, n);
    for (int i = 0; i < w->n_links; i++) MDP_TRY(check_joint(w, i, &i_u));
    for (int i = 0; i < mdp_robot_n_bodies(w->robot); i++) MDP_TRY(check_body(w, i));
out:
    return err;
}

/* ---- states ---- */

static int is_position(double x) { return fabs(x) <= largest_position; }

static void pose(struct world *w, const double *qpos, const double *qvel) {
    int has[MAX_Q] = {0};
    double q[MAX_Q] = {0}, u[MAX_Q] = {0};
    for (int d = 0; d < w->n_dof; d++) {
        q[N_BASE_Q + d] = qpos[d];
        u[N_BASE_U + d] = qvel[d];
        has[N_BASE_Q + d] = 1;
        w->is_spoiled |= !is_position(qpos[d]);
    }
    void *command = w->api->begin_pose(w->client, w->body);
    if (command != NULL) {
        w->api->set_q(command, N_BASE_Q + w->n_dof, q, has);
        w->api->set_u(command, N_BASE_U + w->n_dof, u, has + 1);
    }
    w->is_broken |= mdp_robotics_submit(w->api, w->client, command, MDP_ROBOTICS_DONE) == NULL;
}

/* a world at rest, saved, so that every reset starts from the same bits */
static mdp_err build(struct world *w) {
    static const double at_rest[MDP_ENV_MAX_DOF] = {0};
    mdp_err err;
    void *status;
    w->is_broken = w->is_spoiled = 0;
    MDP_TRY(mdp_robotics_expect(w->library, w->client, w->api->begin_reset(w->client), MDP_ROBOTICS_RESET_DONE,
                                "empty world", NULL));
    MDP_TRY(set_parameters(w));
    /* the floor comes first, as in the original */
    MDP_TRY(load_model(w, 0, &w->floor));
    MDP_TRY(load_model(w, 1, &w->body));
    MDP_TRY(set_floor(w));
    MDP_TRY(check_model(w));
    MDP_TRY(switch_motors_off(w));
    pose(w, at_rest, at_rest);
    if (w->is_broken)
        MDP_TRY(
            mdp_fail(MDP_E_DATA, "%s: pose: expected status %d, found another", w->library->path, MDP_ROBOTICS_DONE));
    MDP_TRY(mdp_robotics_expect(w->library, w->client, w->api->begin_save(w->client), MDP_ROBOTICS_STATE_SAVED,
                                "saved state", &status));
    w->saved = w->api->saved_state(status);
out:
    return err;
}

static void set_joints(void *handle, const double *qpos, const double *qvel) { pose(handle, qpos, qvel); }

static void step_world(void *handle, const double *torques) {
    struct world *w = handle;
    void *command = w->api->begin_control(w->client, w->body, TORQUE);
    for (int i = 0; command != NULL && i < w->robot->n_joints; i++)
        w->api->set_torque(command, FIRST_JOINT_U + i, torques[i]);
    w->is_broken |= mdp_robotics_submit(w->api, w->client, command, MDP_ROBOTICS_TORQUES_TAKEN) == NULL;
    command = w->api->begin_step(w->client);
    w->is_broken |= mdp_robotics_submit(w->api, w->client, command, MDP_ROBOTICS_STEPPED) == NULL;
}

/* loading a state leaves the points of contact as they were, and one that is close to a first contact of the next
 * episode would count beside it: high above the floor, a step drops them all */
static void drop_contacts(struct world *w) {
    static const double high[MDP_ENV_MAX_DOF] = {[1] = 100}, at_rest[MDP_ENV_MAX_DOF] = {0},
                        idle[MDP_ENV_MAX_JOINTS] = {0};
    pose(w, high, at_rest);
    step_world(w, idle);
}

static void reset_world(void *handle, const double *qpos) {
    static const double at_rest[MDP_ENV_MAX_DOF] = {0};
    struct world *w = handle;
    if (w->is_spoiled || w->is_broken) {
        struct mdp_quiet quiet;
        mdp_quiet_begin(&quiet);
        w->is_broken = build(w) != MDP_OK;
        mdp_quiet_end(&quiet);
    }
    drop_contacts(w);
    void *command = w->api->begin_load(w->client);
    if (command != NULL) w->api->set_state(command, w->saved);
    w->is_broken |= mdp_robotics_submit(w->api, w->client, command, MDP_ROBOTICS_STATE_RESTORED) == NULL;
    pose(w, qpos, at_rest);
}

/* ---- reading ---- */

/* returns 1 if the answer has the expected sizes */
static int read_links(struct world *w, struct mdp_world_state *state) {
    int body = -1, n_links = 0, n_q = 0, n_u = 0;
    const double *q = NULL, *u = NULL, *links = NULL, *velocities = NULL;
    void *command = w->api->begin_state(w->client, w->body);
    if (command != NULL) w->api->want_velocities(command, 1);
    void *status = mdp_robotics_submit(w->api, w->client, command, MDP_ROBOTICS_STATE_SENT);
    if (status == NULL ||
        !w->api->state(status, &body, &n_links, &n_q, &n_u, NULL, &q, &u, NULL, NULL, NULL, &links, &velocities))
        return 0;
    if (body != w->body || n_links != w->n_links || n_q != N_BASE_Q + w->n_dof || n_u != N_BASE_U + w->n_dof ||
        q == NULL || u == NULL || links == NULL || velocities == NULL)
        return 0;
    memcpy(state->qpos, q + N_BASE_Q, sizeof *q * (size_t)w->n_dof);
    memcpy(state->qvel, u + N_BASE_U, sizeof *u * (size_t)w->n_dof);
    for (int i = 0; i < w->n_links; i++) memcpy(state->link_pos[i], links + 7 * i, sizeof state->link_pos[i]);
    memcpy(state->torso_quat, links + 7 * TORSO_LINK + 3, sizeof state->torso_quat);
    memcpy(state->torso_linvel, velocities + 6 * TORSO_LINK, sizeof state->torso_linvel);
    memcpy(state->torso_angvel, velocities + 6 * TORSO_LINK + 3, sizeof state->torso_angvel);
    return 1;
}

/* returns 1 if every point is the robot's with the floor */
static int read_contacts(struct world *w, int *in_contact) {
    struct mdp_robotics_contacts contacts = {0, NULL};
    void *command = w->api->begin_contacts(w->client);
    if (command != NULL) w->api->set_contact_body(command, w->body);
    if (mdp_robotics_submit(w->api, w->client, command, MDP_ROBOTICS_CONTACTS_SENT) == NULL) return 0;
    w->api->contacts(w->client, &contacts);
    for (int i = 0; i < contacts.n; i++) {
        int point[5];
        memcpy(point, (const char *)contacts.points + (size_t)i * MDP_ROBOTICS_POINT_SIZE, sizeof point);
        int i_link = point[MDP_ROBOTICS_LINK_A];
        if (point[MDP_ROBOTICS_BODY_A] != w->body || i_link < TORSO_LINK || i_link >= w->n_links) return 0;
        in_contact[(i_link - TORSO_LINK) / 2] = 1;
    }
    return 1;
}

static void read_world(void *handle, struct mdp_world_state *state) {
    struct world *w = handle;
    memset(state->in_contact, 0, sizeof state->in_contact);
    if (w->is_broken || !read_links(w, state) || !read_contacts(w, state->in_contact)) {
        w->is_broken = 1;
        for (int d = 0; d < w->n_dof; d++) state->qpos[d] = state->qvel[d] = NAN;
        return;
    }
    for (int d = 0; d < w->n_dof; d++) w->is_spoiled |= !is_position(state->qpos[d]);
}

/* ---- life ---- */

static void destroy_world(void *handle) {
    struct world *w = handle;
    struct mdp_quiet quiet;
    if (w == NULL) return;
    mdp_quiet_begin(&quiet);
    if (w->client != NULL) w->api->disconnect(w->client);
    mdp_quiet_end(&quiet);
    free(w);
}

static mdp_err create_world(const void *library, const struct mdp_robot *robot, void **out) {
    mdp_err err;
    struct world *w;
    struct mdp_quiet quiet;
    *out = NULL;
    if ((err = mdp_calloc(&w, 1, sizeof *w, "robotics world")) != MDP_OK) return err;
    w->library = library;
    w->api = &w->library->api;
    w->robot = robot;
    w->n_dof = mdp_robot_n_dof(robot);
    w->n_links = mdp_robot_n_links(robot);
    mdp_quiet_begin(&quiet);
    err = mdp_robotics_connect(w->library, &w->client);
    if (err == MDP_OK) err = build(w);
    mdp_quiet_end(&quiet);
    if (err == MDP_OK)
        *out = w;
    else
        destroy_world(w);
    return err;
}

static mdp_err open_library(const char *where, void **out) {
    struct mdp_robotics *library;
    mdp_err err = mdp_robotics_open(where, &library);
    *out = library;
    return err;
}

static void close_library(void *library) { mdp_robotics_close(library); }

static void describe(const void *handle, struct mdp_physics_origin *origin) {
    const struct mdp_robotics *library = handle;
    snprintf(origin->version, sizeof origin->version, "%d.%02d", library->version / 100, library->version % 100);
    memcpy(&origin->address, &library->api.connect, sizeof origin->address);
}

static const struct mdp_physics worlds = {.name = "robotics",
                                          .destroy = destroy_world,
                                          .reset = reset_world,
                                          .set_joints = set_joints,
                                          .step = step_world,
                                          .read = read_world};

const struct mdp_physics_loader mdp_physics_loader_robotics = {
    .name = "robotics",
    .argument = "LIBRARY[:LIBPYTHON]",
    .family = &mdp_family_locomotion,
    .worlds = &worlds,
    .open = open_library,
    .close = close_library,
    .describe = describe,
    .create = create_world,
};
