/* Walker2DBullet-v0: the robot's numbers. Source: reference/envs/SPEC.md sections 1, 5, 8. */
#include "envs/locomotion.h"
#include "envs/upright.h"

enum { TORSO, THIGH, LEG, FOOT, THIGH_LEFT, LEG_LEFT, FOOT_LEFT, N_BODIES };
enum { N_JOINTS = N_BODIES - 1, N_FEET = 2 };

#define FOOT_BODY(label, carrier)                                                                                      \
    MDP_UPRIGHT_BODY(label, carrier, -45.0f, 45.0f, 0, 0.2f, 0.1f, 0.1f, 0.06f, 3.1667252667371084,                    \
                     0.021111501211992789, 0.052778754225408356, 0.052778754225408356)

static const struct mdp_body bodies[] = {
    [TORSO] = MDP_UPRIGHT_TORSO,
    [THIGH] = MDP_UPRIGHT_THIGH("thigh", TORSO),
    [LEG] = MDP_UPRIGHT_LEG("leg", THIGH),
    [FOOT] = FOOT_BODY("foot", LEG),
    [THIGH_LEFT] = MDP_UPRIGHT_THIGH("thigh_left", TORSO),
    [LEG_LEFT] = MDP_UPRIGHT_LEG("leg_left", THIGH_LEFT),
    [FOOT_LEFT] = FOOT_BODY("foot_left", LEG_LEFT),
};

static const struct mdp_robot robot = {
    .root = {0, 0, 0},
    .hinge_axis = {0, -1, 0},
    .n_joints = N_JOINTS,
    .bodies = bodies,
    .limit_order = {2, 1, 0, 3, 5, 4},
    .power = 0.40,
    .power_coef = {100, 100, 30, 100, 100, 30},
    .n_feet = N_FEET,
    .feet = {FOOT, FOOT_LEFT},
    .ends_when_dead = 1,
    .alive = mdp_upright_alive,
};

const struct mdp_env_spec mdp_env_spec_walker2d = {
    .id = "Walker2DBullet-v0",
    .robot = "walker2d",
    .family = &mdp_family_locomotion,
    .n_obs = MDP_LOCOMOTION_N_OBS(N_JOINTS, N_FEET),
    .n_act = N_JOINTS,
    .n_feet = N_FEET,
    .max_steps = 1000,
    .is_wrapped = 1,
    .reference = "bullet-walker2d",
    .model = &robot,
};
