/* HalfCheetah-v2, -v4, -v5: the robot's numbers. Source: reference/envs-mujoco/SPEC.md, sections 3, 4 and 7. */
#include <math.h>

#include "envs/mujoco/gym.h"

static const struct mdp_gym_robot robot = {
    .n_dof = 9,
    .timestep = 0.01,
    .frame_skip = 5,
    .control_cost = 0.1,
    .reset_scale = 0.1,
    .has_normal_push = 1,
    .speed_clip = INFINITY,
    .low = -INFINITY,
    .high = INFINITY,
    .tilt = INFINITY,
    .bound = INFINITY,
    .mass = 14,
    .has_soft_limits = 1,
};

#define LIMB(name, position, range, stiffness, damping, centre, turn, half, mass, quat, twice, along)                  \
    "<body name='" name "' pos='" position "'>" MDP_MJCF_INERTIA(mass, centre, quat, twice " " twice " " along)        \
    "<joint name='" name "' type='hinge' axis='0 1 0' range='" range "' stiffness='" stiffness "' damping='"           \
    damping "'/>"                                                                                                      \
    "<geom type='capsule' pos='" centre "' axisangle='0 1 0 " turn "' size='0.046 " half "'/>"

/* the masses of the text are scaled already */
#define MJCF(inertia)                                                                                                  \
    "<compiler angle='radian' " inertia "/>"                                                                           \
    "<option timestep='0.01' integrator='Euler' gravity='0 0 -9.81'/>"                                                 \
    "<default>"                                                                                                        \
    "<joint armature='0.1' limited='true' solreflimit='0.02 1' solimplimit='0 0.8 0.03'/>"                             \
    "<geom contype='1' conaffinity='0' condim='3' friction='0.4 0.1 0.1' solref='0.02 1' solimp='0 0.8 0.01'/>"        \
    "</default>"                                                                                                       \
    "<worldbody>"                                                                                                      \
    "<geom name='floor' type='plane' conaffinity='1' condim='3' size='40 40 40'/>"                                     \
    "<body name='torso' pos='0 0 0.7'>" MDP_MJCF_INERTIA(                                                              \
        "6.360313315926892", "0.14913793103448275 0 0.024856321839080462",                                             \
        "0.7386452368623486 0 0.6740943658424723 0", "0.8835650219991468 0.8944536067044806 0.017617796193584542")     \
    MDP_MJCF_ROOT("0", "0")                                                                                            \
    "<geom type='capsule' fromto='-0.5 0 0 0.5 0 0' size='0.046'/>"                                                    \
    "<geom type='capsule' pos='0.6 0 0.1' axisangle='0 1 0 0.87' size='0.046 0.15'/>"                                  \
    LIMB("bthigh", "-0.5 0 0", "-0.52 1.05", "240", "6", "0.1 0 -0.13", "-3.8", "0.145", "1.5352480417754566",         \
         "-0.32328956686350335 0 -0.9463000876874145 0", "0.01525575979112271", "0.001624292428198433")                \
    LIMB("bshin", "0.16 0 -0.25", "-0.785 0.785", "180", "4.5", "-0.14 0 -0.07", "-2.03", "0.15",                      \
         "1.5809399477806787", "0.5276199315484069 0 -0.8494805517684643 0", "0.01660830113141862",                    \
         "0.001672634464751958")                                                                                       \
    LIMB("bfoot", "-0.28 0 -0.14", "-0.4 0.785", "120", "3", "0.03 0 -0.097", "-0.27", "0.094", "1.0691906005221932",  \
         "0.9909013312045479 0 -0.1345903110073483 0", "0.005444318537859007", "0.0011312036553524803")                \
    "</body></body></body>"                                                                                            \
    LIMB("fthigh", "0.5 0 0", "-1 0.7", "180", "4.5", "-0.07 0 -0.12", "0.52", "0.133", "1.4255874673629243",          \
         "0.9663899781345132 0 0.2570805518921551 0", "0.01231850130548303", "0.0015082715404699737")                  \
    LIMB("fshin", "-0.14 0 -0.24", "-1.2 0.87", "120", "3", "0.065 0 -0.09", "-0.6", "0.106", "1.178851174934726",     \
         "0.955336489125606 0 -0.29552020666133955 0", "0.007162699738903395", "0.00124722454308094")                  \
    LIMB("ffoot", "0.13 0 -0.18", "-0.5 0.5", "60", "1.5", "0.045 0 -0.07", "-0.6", "0.07", "0.8498694516971279",      \
         "0.955336489125606 0 -0.29552020666133955 0", "0.0028997545691906005", "0.0008991618798955612")               \
    "</body></body></body>"                                                                                            \
    "</body>"                                                                                                          \
    "</worldbody>"                                                                                                     \
    "<actuator>" MDP_MJCF_MOTOR("bthigh", "120") MDP_MJCF_MOTOR("bshin", "90") MDP_MJCF_MOTOR("bfoot", "60")           \
    MDP_MJCF_MOTOR("fthigh", "120") MDP_MJCF_MOTOR("fshin", "60") MDP_MJCF_MOTOR("ffoot", "30") "</actuator>"

#define OF_SHAPES MDP_MJCF_OF_SHAPES " settotalmass='14'"

MDP_GYM_SPEC(halfcheetah_v2, "HalfCheetah", "mujoco-halfcheetah", "halfcheetah", robot, 6, 2, MJCF(MDP_MJCF_GIVEN))
MDP_GYM_SPEC(halfcheetah_v4, "HalfCheetah", "mujoco-v4-halfcheetah", "halfcheetah", robot, 6, 4, MJCF(OF_SHAPES))
MDP_GYM_SPEC(halfcheetah_v5, "HalfCheetah", "mujoco-v5-halfcheetah", "halfcheetah", robot, 6, 5, MJCF(OF_SHAPES))
