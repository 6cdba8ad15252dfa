/* Hopper-v2, -v4, -v5: the robot's numbers. Source: reference/envs-mujoco/SPEC.md, sections 3, 4 and 7. */
#include <math.h>

#include "envs/mujoco/upright.h"

static const struct mdp_gym_robot robot = {
    .n_dof = 6,
    .timestep = 0.002,
    .frame_skip = 4,
    .control_cost = 0.001,
    .survive = 1,
    .start_z = 1.25,
    .reset_scale = 0.005,
    .speed_clip = 10,
    .low = 0.7,
    .high = INFINITY,
    .tilt = 0.2,
    .bound = 100,
    .mass = 15.820013405927003,
};

/* it touches itself, too: its shapes have conaffinity 1 */
#define MJCF(inertia)                                                                                                  \
    "<compiler angle='degree' " inertia "/>"                                                                           \
    "<option timestep='0.002' integrator='RK4'/>"                                                                      \
    "<default>"                                                                                                        \
    "<joint armature='1' damping='1' limited='true'/>"                                                                 \
    "<geom contype='1' conaffinity='1' condim='1' margin='0.001' solref='0.02 1' solimp='0.8 0.8 0.01'/>"              \
    "</default>"                                                                                                       \
    "<worldbody>"                                                                                                      \
    "<geom name='floor' type='plane' condim='3' size='20 20 0.125'/>"                                                  \
    MDP_UPRIGHT_TORSO MDP_UPRIGHT_THIGH("") MDP_UPRIGHT_LEG("") MDP_UPRIGHT_FOOT(                                      \
        "", "0.13 0 -0.35", "-0.13 0 0.1", "-0.065 0 0.1", "0.06 0.195", "2.0", "5.0893800988154645",                  \
        "0.0904637312564449", "0.009160884177867834") "</body>"                                                        \
    "</worldbody>"                                                                                                     \
    "<actuator>" MDP_UPRIGHT_MOTORS("", "200") "</actuator>"

#define OF_SHAPES MDP_MJCF_OF_SHAPES

MDP_GYM_SPEC(hopper_v2, "Hopper", "mujoco-hopper", "hopper", robot, 3, 2, MJCF(MDP_MJCF_GIVEN))
MDP_GYM_SPEC(hopper_v4, "Hopper", "mujoco-v4-hopper", "hopper", robot, 3, 4, MJCF(OF_SHAPES))
MDP_GYM_SPEC(hopper_v5, "Hopper", "mujoco-v5-hopper", "hopper", robot, 3, 5, MJCF(OF_SHAPES))
