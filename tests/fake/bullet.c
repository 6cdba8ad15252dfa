/* a library that answers as Bullet's C API would for a halfcheetah or a hopper, or wrongly where MDPBENCH_FAKE_BULLET
 * says so. It takes a model of as many joints as one of these has for that one.
 *
 * the variable is the name of a stage ("floor": that command's status is wrong) or of another defect ("single"), with
 * a number behind it only the so manyeth time ("step 3"). What is not here is in bullet_rest.c; without that file the
 * library lacks most functions. It simulates nothing: a step moves every joint a little, turns torques into speeds and
 * touches the floor twice unless the robot is high above it. As in Bullet, only a step changes what touches. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/family.h"
#include "envs/physics/robotics_api.h"
#include "envs/robot.h"

extern const struct mdp_env_spec mdp_env_spec_halfcheetah, mdp_env_spec_hopper;
/* the robots' files name it; only their tables are used here */
const struct mdp_family mdp_family_locomotion = {.name = "locomotion"};

static const struct mdp_env_spec *const known[] = {&mdp_env_spec_halfcheetah, &mdp_env_spec_hopper};

enum { N_BASE_Q = 7, N_BASE_U = 6, MAX_Q = N_BASE_Q + MDP_ENV_MAX_DOF, MAX_LINKS = MDP_ROBOT_MAX_LINKS };

static const struct mdp_robot *robot; /* whose model was loaded */
static double q[MAX_Q], u[MAX_Q], torques[MAX_Q], links[7 * MAX_LINKS], velocities[6 * MAX_LINKS];
static int n_times, i_link, answer, is_caching;
static char loaded[64]; /* path of the newest model */

/* 1 if the variable names this defect, and this is the time it names */
static int is_told(const char *defect) {
    const char *told = getenv("MDPBENCH_FAKE_BULLET");
    size_t n = strlen(defect);
    if (told == NULL || strncmp(told, defect, n) != 0) return 0;
    if (told[n] == 0) return 1;
    return told[n] == ' ' && ++n_times == atoi(told + n);
}

/* how often the world was emptied, and how many points touch, for the test to look at */
int fake_n_resets, fake_n_points;

static void *begin(const char *stage, int status) {
    answer = is_told(stage) ? status + 1 : status;
    return &answer;
}

#define BEGIN(symbol, stage, status)                                                                                   \
    void *symbol(void);                                                                                                \
    void *symbol(void) { return begin(stage, status); }

BEGIN(b3InitPhysicsParamCommand, "parameters", MDP_ROBOTICS_DONE)
BEGIN(b3InitChangeDynamicsInfo, "friction", MDP_ROBOTICS_DONE)
BEGIN(b3SaveStateCommandInit, "save", MDP_ROBOTICS_STATE_SAVED)
BEGIN(b3LoadStateCommandInit, "load", MDP_ROBOTICS_STATE_RESTORED)
BEGIN(b3CreatePoseCommandInit, "pose", MDP_ROBOTICS_DONE)
BEGIN(b3RequestActualStateCommandInit, "state", MDP_ROBOTICS_STATE_SENT)
BEGIN(b3InitRequestContactPointInformation, "contacts", MDP_ROBOTICS_CONTACTS_SENT)

void *b3ConnectPhysicsDirect(void);
void *b3ConnectPhysicsDirect(void) {
    printf("argv[0]=\n");
    is_caching = 1;
    loaded[0] = 0;
    return is_told("nobody") ? NULL : q;
}

/* like pybullet, it takes a name it has loaded before for the same file, unless told not to */
int b3PhysicsParamSetEnableFileCaching(void *command, int on);
int b3PhysicsParamSetEnableFileCaching(void *command, int on) {
    is_caching = on;
    return command != NULL;
}

static void *begin_loading(const char *stage, const char *path, int status) {
    int is_remembered = is_caching && strcmp(path, loaded) == 0;
    snprintf(loaded, sizeof loaded, "%s", path);
    return begin(stage, is_remembered ? status + 1 : status);
}

void *b3LoadSdfCommandInit(void *client, const char *path);
void *b3LoadSdfCommandInit(void *client, const char *path) {
    (void)client;
    return begin_loading("floor", path, MDP_ROBOTICS_SDF_LOADED);
}

static int count_hinges(const char *path) {
    char line[512];
    int n = 0;
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) n += strstr(line, "limited=\"true\"") != NULL;
    if (file != NULL) fclose(file);
    return n;
}

void *b3LoadMJCFCommandInit(void *client, const char *path);
void *b3LoadMJCFCommandInit(void *client, const char *path) {
    (void)client;
    int n_joints = count_hinges(path);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i]->model->n_joints == n_joints) robot = known[i]->model;
    return begin_loading("robot", path, MDP_ROBOTICS_MJCF_LOADED);
}

int b3CanSubmitCommand(void *client);
int b3CanSubmitCommand(void *client) { return client != NULL && !is_told("refused"); }

void *b3SubmitClientCommandAndWaitStatus(void *client, void *command);
void *b3SubmitClientCommandAndWaitStatus(void *client, void *command) {
    return client != NULL && !is_told("silent") ? command : NULL;
}

int b3GetStatusType(void *status);
int b3GetStatusType(void *status) { return *(int *)status; }

void *b3InitResetSimulationCommand(void *client);
void *b3InitResetSimulationCommand(void *client) {
    (void)client;
    fake_n_resets++;
    return begin("reset", MDP_ROBOTICS_RESET_DONE);
}

void *b3SaveBulletCommandInit(void *client, const char *path);
void *b3SaveBulletCommandInit(void *client, const char *path) {
    (void)client;
    FILE *file = fopen(path, "wb");
    if (file == NULL) return NULL;
    fputs(is_told("single") ? "BULLETf-v324" : is_told("garbage") ? "GIF89a......" : "BULLETd-v324", file);
    fclose(file);
    return begin("version", MDP_ROBOTICS_FILE_SAVED);
}

int b3GetStatusBodyIndices(void *status, int *bodies, int capacity);
int b3GetStatusBodyIndices(void *status, int *bodies, int capacity) {
    for (int i = 0; i < capacity; i++) bodies[i] = *(int *)status == MDP_ROBOTICS_MJCF_LOADED;
    return is_told("models") ? 2 : 1;
}

int b3GetNumJoints(void);
int b3GetNumJoints(void) { return is_told("joints") ? 7 : mdp_robot_n_links(robot); }

int b3GetJointInfo(void *client, int body, int joint, void *info);
int b3GetJointInfo(void *client, int body, int joint, void *info) {
    int is_fixed = joint >= 3 && joint % 2 == 1, i_dof = joint < 3 ? joint : joint / 2 + 1;
    const int facts[4] = {joint < 2  ? 1
                          : is_fixed ? 4
                                     : 0,
                          is_fixed ? -1 : N_BASE_Q + i_dof, is_fixed ? -1 : N_BASE_U + i_dof,
                          is_told("order") ? joint + 1 : joint};
    memcpy((char *)info + 2048, facts, sizeof facts);
    return client != NULL && body == 1;
}

void *b3GetDynamicsInfoCommandInit(void *client, int body, int link);
void *b3GetDynamicsInfoCommandInit(void *client, int body, int link) {
    (void)client, (void)body;
    i_link = link;
    return begin("dynamics", MDP_ROBOTICS_DYNAMICS_SENT);
}

int b3GetDynamicsInfo(void *status, void *info);
int b3GetDynamicsInfo(void *status, void *info) {
    const struct mdp_body *body = &robot->bodies[(i_link - 3) / 2];
    const double facts[4] = {is_told("mass") ? 1.5 : body->mass, body->inertia[0], body->inertia[1], body->inertia[2]};
    memcpy(info, facts, sizeof facts);
    return status != NULL;
}

void *b3JointControlCommandInit2(void *client, int body, int mode);
void *b3JointControlCommandInit2(void *client, int body, int mode) {
    (void)client, (void)body;
    memset(torques, 0, sizeof torques);
    return begin(mode == 1 ? "torques" : "motors", MDP_ROBOTICS_TORQUES_TAKEN);
}

int b3JointControlSetDesiredForceTorque(void *command, int i_u, double value);
int b3JointControlSetDesiredForceTorque(void *command, int i_u, double value) {
    torques[i_u] = value;
    return command != NULL;
}

int b3CreatePoseCommandSetQ(void *command, int n, const double *values, const int *has);
int b3CreatePoseCommandSetQ(void *command, int n, const double *values, const int *has) {
    for (int i = 0; i < n; i++)
        if (has[i]) q[i] = values[i];
    return command != NULL;
}

int b3CreatePoseCommandSetQdots(void *command, int n, const double *values, const int *has);
int b3CreatePoseCommandSetQdots(void *command, int n, const double *values, const int *has) {
    for (int i = 0; i < n; i++)
        if (has[i]) u[i] = values[i];
    return command != NULL;
}

void *b3InitStepSimulationCommand(void *client);
void *b3InitStepSimulationCommand(void *client) {
    (void)client;
    for (int i = N_BASE_Q; i < MAX_Q; i++) q[i] += 1e-3;
    for (int i = N_BASE_U; i < MAX_Q; i++) u[i] = torques[i];
    for (int i = 0; i < MAX_LINKS; i++) links[7 * i + 6] = 1;
    fake_n_points = q[8] < 1 ? 2 : 0;
    if (is_told("far")) q[7] = 1e9;
    return begin("step", MDP_ROBOTICS_STEPPED);
}

int b3GetStatusActualState2(void *status, int *body, int *n_links, int *n_q, int *n_u, const double **root_frame,
                            const double **q_out, const double **u_out, const double **reactions,
                            const double **link_frames, const double **motor_forces, const double **link_states,
                            const double **link_velocities);
int b3GetStatusActualState2(void *status, int *body, int *n_links, int *n_q, int *n_u, const double **root_frame,
                            const double **q_out, const double **u_out, const double **reactions,
                            const double **link_frames, const double **motor_forces, const double **link_states,
                            const double **link_velocities) {
    (void)root_frame, (void)reactions, (void)link_frames, (void)motor_forces;
    *body = 1;
    *n_links = mdp_robot_n_links(robot);
    *n_q = N_BASE_Q + mdp_robot_n_dof(robot) + is_told("sizes");
    *n_u = N_BASE_U + mdp_robot_n_dof(robot);
    *q_out = q;
    *u_out = u;
    *link_states = links;
    *link_velocities = velocities;
    return status != NULL;
}

void b3GetContactPointInformation(void *client, struct mdp_robotics_contacts *contacts);
void b3GetContactPointInformation(void *client, struct mdp_robotics_contacts *contacts) {
    static int points[2][MDP_ROBOTICS_POINT_SIZE / sizeof(int)];
    (void)client;
    for (int i = 0; i < 2; i++) {
        points[i][MDP_ROBOTICS_BODY_A] = is_told("stranger") ? 5 : 1;
        points[i][MDP_ROBOTICS_LINK_A] = 9;
    }
    *contacts = (struct mdp_robotics_contacts){fake_n_points, points};
}
