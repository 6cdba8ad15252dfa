/* one of gym's MuJoCo environments as a table: its model as MJCF, and what is observed, paid and ended by.
 *
 * a model's text holds explicit inertias, which MuJoCo reads in world v2 and replaces by those of the shapes elsewhere.
 * Source: reference/envs-mujoco/SPEC.md. */
#ifndef MDP_ENVS_MUJOCO_GYM_H
#define MDP_ENVS_MUJOCO_GYM_H

#include "envs/family.h"

/* the three worlds of one robot: MuJoCo 2.0 under gym's -v2 and -v3; newer libraries under -v4; Gymnasium's -v5 */
enum mdp_gym_world { MDP_GYM_V2 = 2, MDP_GYM_V4 = 4, MDP_GYM_V5 = 5 };

/* what the worlds of a robot share */
struct mdp_gym_robot {
    int n_dof;
    double timestep;
    int frame_skip; /* simulated steps of one action */
    double control_cost, survive;
    double start_z;      /* qpos[1] at rest; all else is 0 */
    double reset_scale;  /* positions are uniform in +- this, */
    int has_normal_push; /* velocities this times a normal draw, or uniform like positions */
    double speed_clip;   /* of observed velocities; INFINITY: none */
    double low, high;    /* healthy: qpos[1] is between these, */
    double tilt;         /* |qpos[2]| is below this, */
    double bound;        /* and all of qpos[2..] and qvel is within +- this; INFINITY: whatever they are */
    double mass;         /* of v4 and v5, kg */
    int has_soft_limits; /* dmin is 0, so that the old bound of the impedance shows (section 6) */
};

struct mdp_gym {
    const struct mdp_gym_robot *robot;
    enum mdp_gym_world world;
    const char *mjcf; /* what stands between <mujoco> and </mujoco>, but for <size> */
};

extern const struct mdp_family mdp_family_gym_mujoco;

/* the root's three joints, `below` under the torso's origin; rootz shows 0 where the torso is that much higher */
#define MDP_MJCF_FREE "armature='0' damping='0' stiffness='0' limited='false'"
#define MDP_MJCF_ROOT(below, height)                                                                                   \
    "<joint name='rootx' type='slide' axis='1 0 0' pos='0 0 " below "' " MDP_MJCF_FREE "/>"                            \
    "<joint name='rootz' type='slide' axis='0 0 1' pos='0 0 " below "' ref='" height "' " MDP_MJCF_FREE "/>"           \
    "<joint name='rooty' type='hinge' axis='0 1 0' " MDP_MJCF_FREE "/>"

/* where a body's mass is, in world v2 */
#define MDP_MJCF_INERTIA(mass, centre, quat, moments)                                                                  \
    "<inertial mass='" mass "' pos='" centre "' quat='" quat "' diaginertia='" moments "'/>"

#define MDP_MJCF_MOTOR(joint, gear) "<motor joint='" joint "' gear='" gear "' ctrllimited='true' ctrlrange='-1 1'/>"

/* how MuJoCo comes by inertias: in v2 from the text, elsewhere from the shapes */
#define MDP_MJCF_GIVEN "inertiafromgeom='auto'"
#define MDP_MJCF_OF_SHAPES "inertiafromgeom='true'"

/* an environment of a robot: what its three worlds do not share is the number, the text, and D4RL's wrapper */
#define MDP_GYM_SPEC(symbol, title, label, reference_name, the_robot, joints, number, text)                            \
    static const struct mdp_gym symbol = {&the_robot, MDP_GYM_V##number, text};                                        \
    const struct mdp_env_spec mdp_env_spec_##symbol = {.id = title "-v" #number,                                       \
                                                       .robot = label,                                                 \
                                                       .family = &mdp_family_gym_mujoco,                               \
                                                       .n_obs = 2 * (3 + (joints)) - 1,                                \
                                                       .n_act = joints,                                                \
                                                       .max_steps = 1000,                                              \
                                                       .is_wrapped = (number) == 2,                                    \
                                                       .reference = reference_name,                                    \
                                                       .gym = &(symbol)};

#endif
