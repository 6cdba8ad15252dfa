/* what an environment is made of, for those above physics and for physics alike: sizes, the description, one step.
 *
 * Source: reference/envs/SPEC.md. */
#ifndef MDP_ENVS_TYPES_H
#define MDP_ENVS_TYPES_H

enum {
    MDP_ENV_MAX_OBS = 32,
    MDP_ENV_MAX_ACT = 8,
    MDP_ENV_MAX_FEET = 6,
    MDP_ENV_MAX_JOINTS = 6, /* actuated joints */
    MDP_ENV_MAX_DOF = 9,    /* root x, root z, root pitch, then the joints */
    MDP_ENV_AT_ONCE = 16,   /* environments that a thread hands over to be stepped side by side, at most */
    MDP_ENV_N_TERMS = 5     /* alive, progress, effort, joints at limit, feet collision */
};

struct mdp_robot;
struct mdp_gym;
struct mdp_family;

/* what an environment is; all fields const for the life of the program */
struct mdp_env_spec {
    const char *id;                  /* "HalfCheetahBullet-v0" */
    const char *robot;               /* "halfcheetah", the name in task ids */
    const struct mdp_family *family; /* how it is simulated */
    int n_obs, n_act;                /* row widths; a joint is an action */
    int n_feet;                      /* contact flags at the end of the observation */
    int max_steps;                   /* time limit */
    int is_wrapped;                  /* actions pass D4RL's wrapper */
    const char *reference;           /* name of its D4RL reference scores, "bullet-halfcheetah" */
    const struct mdp_robot *model;   /* of locomotion: masses, joints, shapes, alive rule */
    const struct mdp_gym *gym;       /* of gym_mujoco: the model, costs, when it ends */
};

/* what one step gave besides the observation; at most one of the three end flags is set */
struct mdp_step {
    double reward;                 /* sum of the terms in their order */
    double terms[MDP_ENV_N_TERMS]; /* alive, progress, effort, joints at limit, feet collision (0); gym has three */
    int terminated;                /* the alive rule ended the episode */
    int truncated;                 /* the time limit ended it */
    int non_finite;                /* the action or the new state was not finite: a recorded failure */
};

/** Returns 1 if this step ended its episode in any way. */
static inline int mdp_step_ended(const struct mdp_step *step) {
    return step->terminated || step->truncated || step->non_finite;
}

/* the state that observation and reward are made of. locomotion's poses are one substep old after a step (that is the
 * original); gym_mujoco fills positions, velocities and its observation alone */
struct mdp_env_view {
    double qpos[MDP_ENV_MAX_DOF], qvel[MDP_ENV_MAX_DOF]; /* m or rad, m/s or rad/s; current; 0 beyond n_dof */
    double torso_pos[3], torso_quat[4];                  /* centre of mass; x y z w */
    double torso_linvel[3], torso_angvel[3];             /* world frame */
    double body_xyz[3], rpy[3];          /* mean x and y of all parts, torso z; roll, pitch, yaw (rad) */
    double potential;                    /* -distance to the target / step length */
    int feet_contact[MDP_ENV_MAX_FEET];  /* after the newest step */
    int n_at_limit;                      /* joints within 1 % of a limit */
    double observation[MDP_ENV_MAX_OBS]; /* of gym_mujoco: before it became float32 */
    int n_steps;                         /* since the last reset */
};

#endif
