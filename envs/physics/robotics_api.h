/* Bullet's C API in a shared library of the user's: which functions the robotics world needs, and how they are found.
 *
 * handles are opaque pointers; no header of Bullet's is needed. Source: reference/envs/SPEC.md, section 11. */
#ifndef MDP_ENVS_PHYSICS_ROBOTICS_API_H
#define MDP_ENVS_PHYSICS_ROBOTICS_API_H

#include "base/err.h"

/* points of contact: a count and an array of fixed-size points, of which only the first five integers are used */
struct mdp_robotics_contacts {
    int n;
    const void *points;
};

/* what these integers are, in their order */
enum { MDP_ROBOTICS_BODY_A = 1, MDP_ROBOTICS_LINK_A = 3, MDP_ROBOTICS_POINT_SIZE = 176 };

/* X(field, symbol, result, parameters) */
#define MDP_ROBOTICS_API(X)                                                                                            \
    X(connect, b3ConnectPhysicsDirect, void *, (void))                                                                 \
    X(disconnect, b3DisconnectSharedMemory, void, (void *client))                                                      \
    X(can_submit, b3CanSubmitCommand, int, (void *client))                                                             \
    X(submit, b3SubmitClientCommandAndWaitStatus, void *, (void *client, void *command))                               \
    X(status_type, b3GetStatusType, int, (void *status))                                                               \
    X(begin_reset, b3InitResetSimulationCommand, void *, (void *client))                                               \
    X(begin_save_file, b3SaveBulletCommandInit, void *, (void *client, const char *path))                              \
    X(begin_parameters, b3InitPhysicsParamCommand, void *, (void *client))                                             \
    X(set_deterministic, b3PhysicsParameterSetDeterministicOverlappingPairs, int, (void *command, int on))             \
    X(set_gravity, b3PhysicsParamSetGravity, int, (void *command, double x, double y, double z))                       \
    X(set_contact_erp, b3PhysicsParamSetDefaultContactERP, int, (void *command, double erp))                           \
    X(set_time_step, b3PhysicsParamSetTimeStep, int, (void *command, double seconds))                                  \
    X(set_substeps, b3PhysicsParamSetNumSubSteps, int, (void *command, int n))                                         \
    X(set_iterations, b3PhysicsParamSetNumSolverIterations, int, (void *command, int n))                               \
    X(set_file_caching, b3PhysicsParamSetEnableFileCaching, int, (void *command, int on))                              \
    X(begin_load_sdf, b3LoadSdfCommandInit, void *, (void *client, const char *path))                                  \
    X(begin_load_mjcf, b3LoadMJCFCommandInit, void *, (void *client, const char *path))                                \
    X(set_mjcf_flags, b3LoadMJCFCommandSetFlags, void, (void *command, int flags))                                     \
    X(loaded_bodies, b3GetStatusBodyIndices, int, (void *status, int *bodies, int capacity))                           \
    X(begin_change, b3InitChangeDynamicsInfo, void *, (void *client))                                                  \
    X(set_friction, b3ChangeDynamicsInfoSetLateralFriction, int, (void *command, int body, int link, double friction)) \
    X(set_restitution, b3ChangeDynamicsInfoSetRestitution, int,                                                        \
      (void *command, int body, int link, double restitution))                                                         \
    X(n_joints, b3GetNumJoints, int, (void *client, int body))                                                         \
    X(joint_info, b3GetJointInfo, int, (void *client, int body, int joint, void *info))                                \
    X(begin_dynamics, b3GetDynamicsInfoCommandInit, void *, (void *client, int body, int link))                        \
    X(dynamics_info, b3GetDynamicsInfo, int, (void *status, void *info))                                               \
    X(begin_control, b3JointControlCommandInit2, void *, (void *client, int body, int mode))                           \
    X(set_position, b3JointControlSetDesiredPosition, int, (void *command, int i_q, double value))                     \
    X(set_kp, b3JointControlSetKp, int, (void *command, int i_u, double value))                                        \
    X(set_velocity, b3JointControlSetDesiredVelocity, int, (void *command, int i_u, double value))                     \
    X(set_kd, b3JointControlSetKd, int, (void *command, int i_u, double value))                                        \
    X(set_max_force, b3JointControlSetMaximumForce, int, (void *command, int i_u, double value))                       \
    X(set_torque, b3JointControlSetDesiredForceTorque, int, (void *command, int i_u, double value))                    \
    X(begin_save, b3SaveStateCommandInit, void *, (void *client))                                                      \
    X(saved_state, b3GetStatusGetStateId, int, (void *status))                                                         \
    X(begin_load, b3LoadStateCommandInit, void *, (void *client))                                                      \
    X(set_state, b3LoadStateSetStateId, int, (void *command, int state))                                               \
    X(begin_pose, b3CreatePoseCommandInit, void *, (void *client, int body))                                           \
    X(set_q, b3CreatePoseCommandSetQ, int, (void *command, int n, const double *q, const int *has))                    \
    X(set_u, b3CreatePoseCommandSetQdots, int, (void *command, int n, const double *u, const int *has))                \
    X(begin_step, b3InitStepSimulationCommand, void *, (void *client))                                                 \
    X(begin_state, b3RequestActualStateCommandInit, void *, (void *client, int body))                                  \
    X(want_velocities, b3RequestActualStateCommandComputeLinkVelocity, int, (void *command, int on))                   \
    X(state, b3GetStatusActualState2, int,                                                                             \
      (void *status, int *body, int *n_links, int *n_q, int *n_u, const double **root_frame, const double **q,         \
       const double **u, const double **reactions, const double **link_frames, const double **motor_forces,            \
       const double **link_states, const double **link_velocities))                                                    \
    X(begin_contacts, b3InitRequestContactPointInformation, void *, (void *client))                                    \
    X(set_contact_body, b3SetContactFilterBodyA, void, (void *command, int body))                                      \
    X(contacts, b3GetContactPointInformation, void, (void *client, struct mdp_robotics_contacts *contacts))

#define MDP_ROBOTICS_FIELD(field, symbol, result, parameters) result(*field) parameters;
struct mdp_robotics_api {
    MDP_ROBOTICS_API(MDP_ROBOTICS_FIELD)
};
#undef MDP_ROBOTICS_FIELD

/* what a status says about the command before it; the same numbers in every version from 3.0 on */
enum mdp_robotics_status {
    MDP_ROBOTICS_DONE = 2,
    MDP_ROBOTICS_SDF_LOADED = 4,
    MDP_ROBOTICS_FILE_SAVED = 10,
    MDP_ROBOTICS_MJCF_LOADED = 12,
    MDP_ROBOTICS_STATE_SENT = 21,
    MDP_ROBOTICS_TORQUES_TAKEN = 25,
    MDP_ROBOTICS_STEPPED = 26,
    MDP_ROBOTICS_RESET_DONE = 27,
    MDP_ROBOTICS_CONTACTS_SENT = 39,
    MDP_ROBOTICS_DYNAMICS_SENT = 77,
    MDP_ROBOTICS_STATE_SAVED = 93,
    MDP_ROBOTICS_STATE_RESTORED = 95
};

/* an opened library; const to the worlds that use it */
struct mdp_robotics {
    struct mdp_robotics_api api;
    void *handle, *python; /* handles of the dynamic loader; python is NULL without an interpreter's library */
    char path[512];        /* as the user named it */
    int version;           /* 324 for 3.24, as the library reports it */
};

/** Opens LIBRARY or LIBRARY:LIBPYTHON, finds every function, and asks for version and precision. Owns: caller,
 * mdp_robotics_close. Errors: USAGE, IO (no such file, no connection), DATA (no Bullet, a missing symbol, single
 * precision), NOMEM. */
mdp_err mdp_robotics_open(const char *where, struct mdp_robotics **out);

/** Closes a library that no world uses any more. Nullable: library. */
void mdp_robotics_close(struct mdp_robotics *library);

/** Submits a command and returns its status if that is the expected one. Nullable: command (no status then). */
void *mdp_robotics_submit(const struct mdp_robotics_api *api, void *client, void *command,
                          enum mdp_robotics_status expected);

/** As mdp_robotics_submit, with a message that names the library and `what`. Errors: DATA. */
mdp_err mdp_robotics_expect(const struct mdp_robotics *library, void *client, void *command,
                            enum mdp_robotics_status expected, const char *what, void **status);

/** Makes a client with a world of its own. Call between mdp_quiet_begin and mdp_quiet_end. Owns: caller,
 * api.disconnect. Errors: IO. */
mdp_err mdp_robotics_connect(const struct mdp_robotics *library, void **client);

/** Opens an empty file in memory and writes its path; it is gone when it is closed, even if the process is killed.
 * Errors: IO. */
mdp_err mdp_robotics_memory_file(const struct mdp_robotics *library, int *file, char path[64]);

/* what the calls that load, connect and disconnect need around them: the library then uses globals of its own and
 * writes to standard output */
struct mdp_quiet {
    int saved; /* descriptor that standard output has meanwhile, -1 if it is closed */
};

/** Takes the process-wide lock and points descriptor 1 to /dev/null; other threads' stdio on stdout waits. */
void mdp_quiet_begin(struct mdp_quiet *quiet);

/** Undoes mdp_quiet_begin. */
void mdp_quiet_end(struct mdp_quiet *quiet);

#endif
