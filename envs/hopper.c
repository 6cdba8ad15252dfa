/* HopperBullet-v0: the robot's numbers. Source: reference/envs/SPEC-hopper.md. */
#include "envs/locomotion.h"
#include "envs/upright.h"

enum { TORSO, THIGH, LEG, FOOT, N_BODIES };
enum { N_JOINTS = N_BODIES - 1, N_FEET = 1 };

/* the foot reaches backwards, too: its centre of mass is not under its hinge */
static const struct mdp_body bodies[] = {
    [TORSO] = MDP_UPRIGHT_TORSO,
    [THIGH] = MDP_UPRIGHT_THIGH("thigh", TORSO),
    [LEG] = MDP_UPRIGHT_LEG("leg", THIGH),
    [FOOT] = MDP_UPRIGHT_BODY("foot", LEG, -45.0f, 45.0f, -0.13f, 0.26f, 0.1f, 0.1f, 0.06f, 5.3155743502388155,
                              0.035437161384426687, 0.17191452442281518, 0.17191452442281518),
};

static const struct mdp_robot robot = {
    .root = {0, 0, 0},
    .hinge_axis = {0, -1, 0},
    .n_joints = N_JOINTS,
    .bodies = bodies,
    .limit_order = {1, 0, 2},
    .power = 0.75,
    .power_coef = {100, 100, 100},
    .n_feet = N_FEET,
    .feet = {FOOT},
    .ends_when_dead = 1,
    .alive = mdp_upright_alive,
};

const struct mdp_env_spec mdp_env_spec_hopper = {
    .id = "HopperBullet-v0",
    .robot = "hopper",
    .family = &mdp_family_locomotion,
    .n_obs = MDP_LOCOMOTION_N_OBS(N_JOINTS, N_FEET),
    .n_act = N_JOINTS,
    .n_feet = N_FEET,
    .max_steps = 1000,
    .is_wrapped = 1,
    .reference = "bullet-hopper",
    .model = &robot,
};
