/* Walker2d-v2, -v4, -v5: the robot's numbers. Source: reference/envs-mujoco/SPEC.md, sections 3, 4 and 7. */
#include <math.h>

#include "envs/mujoco/upright.h"

static const struct mdp_gym_robot robot = {
    .n_dof = 9,
    .timestep = 0.002,
    .frame_skip = 4,
    .control_cost = 0.001,
    .survive = 1,
    .start_z = 1.25,
    .reset_scale = 0.005,
    .speed_clip = 10,
    .low = 0.8,
    .high = 2.0,
    .tilt = 1,
    .bound = INFINITY,
    .mass = 23.677136632555076,
};

#define LEG(side, friction)                                                                                            \
    MDP_UPRIGHT_THIGH(side)                                                                                            \
    MDP_UPRIGHT_LEG(side)                                                                                              \
    MDP_UPRIGHT_FOOT(side, "0.2 0 -0.35", "-0.2 0 0.1", "-0.1 0 0.1", "0.06 0.1", friction, "2.940530723760046",       \
                     "0.019211467395232305", "0.0052929553027680825")

/* the original's right foot slides more easily, which v5 calls a mistake */
#define MJCF(inertia, right)                                                                                           \
    "<compiler angle='degree' " inertia "/>"                                                                           \
    "<option timestep='0.002' integrator='RK4'/>"                                                                      \
    "<default>"                                                                                                        \
    "<joint armature='0.01' damping='0.1' limited='true'/>"                                                            \
    "<geom contype='1' conaffinity='0' condim='3' friction='0.7 0.1 0.1'/>"                                            \
    "</default>"                                                                                                       \
    "<worldbody>"                                                                                                      \
    "<geom name='floor' type='plane' conaffinity='1' condim='3' size='40 40 40'/>"                                     \
    MDP_UPRIGHT_TORSO LEG("", right) LEG("_left", "1.9") "</body>"                                                     \
    "</worldbody>"                                                                                                     \
    "<actuator>" MDP_UPRIGHT_MOTORS("", "100") MDP_UPRIGHT_MOTORS("_left", "100") "</actuator>"

#define OF_SHAPES(right) MJCF(MDP_MJCF_OF_SHAPES, right)

MDP_GYM_SPEC(walker2d_v2, "Walker2d", "mujoco-walker2d", "walker2d", robot, 6, 2, MJCF(MDP_MJCF_GIVEN, "0.9"))
MDP_GYM_SPEC(walker2d_v4, "Walker2d", "mujoco-v4-walker2d", "walker2d", robot, 6, 4, OF_SHAPES("0.9"))
MDP_GYM_SPEC(walker2d_v5, "Walker2d", "mujoco-v5-walker2d", "walker2d", robot, 6, 5, OF_SHAPES("1.9"))
