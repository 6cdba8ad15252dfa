/* what the robots that walk upright share: torso, thigh and leg. Source: reference/envs-mujoco/SPEC.md, section 4.
 *
 * decimals are written as the original's came out of differences in double, as the last bit counts. */
#ifndef MDP_ENVS_MUJOCO_UPRIGHT_H
#define MDP_ENVS_MUJOCO_UPRIGHT_H

#include "envs/mujoco/gym.h"

/* a vertical capsule as the geom of a body and as its inertia in v2 */
#define MDP_UPRIGHT_PART(name, position, centre, size, mass, twice, along)                                             \
    "<body name='" name "' pos='" position "'>"                                                                        \
    MDP_MJCF_INERTIA(mass, centre, "1 0 0 0", twice " " twice " " along)                                               \
    "<geom type='capsule' pos='" centre "' size='" size "' friction='0.9'/>"

#define MDP_UPRIGHT_HINGE(name, at, range)                                                                             \
    "<joint name='" name "_joint' type='hinge' axis='0 -1 0' pos='" at "' range='" range "'/>"

#define MDP_UPRIGHT_TORSO                                                                                              \
    MDP_UPRIGHT_PART("torso", "0 0 1.25", "0 0 0", "0.05 0.19999999999999996", "3.534291735288517",                    \
                     "0.061850105367549015", "0.004417864669110647")                                                   \
    MDP_MJCF_ROOT("-1.25", "1.25")

#define MDP_UPRIGHT_THIGH(side)                                                                                        \
    MDP_UPRIGHT_PART("thigh" side, "0 0 -0.19999999999999996", "0 0 -0.22500000000000009", "0.05 0.22500000000000003", \
                     "3.9269908169872427", "0.0842666779478513", "0.004908738521234054")                               \
    MDP_UPRIGHT_HINGE("thigh" side, "0 0 0", "-150 0")

#define MDP_UPRIGHT_LEG(side)                                                                                          \
    MDP_UPRIGHT_PART("leg" side, "0 0 -0.70000000000000007", "0 0 0", "0.04 0.25", "2.7143360527015816",               \
                     "0.06704410050172908", "0.0021714688421612654")                                                   \
    MDP_UPRIGHT_HINGE("leg" side, "0 0 0.25", "-150 0")

/* a lying capsule; ends the bodies of a leg */
#define MDP_UPRIGHT_LYING "0.70710678118654757 0 -0.70710678118654746 0"
#define MDP_UPRIGHT_FOOT(side, position, hinge, centre, size, friction, mass, twice, along)                            \
    "<body name='foot" side "' pos='" position "'>"                                                                    \
    MDP_MJCF_INERTIA(mass, centre, MDP_UPRIGHT_LYING, twice " " twice " " along)                                       \
    MDP_UPRIGHT_HINGE("foot" side, hinge, "-45 45")                                                                    \
    "<geom type='capsule' pos='" centre "' quat='" MDP_UPRIGHT_LYING "' size='" size "' friction='" friction "'/>"     \
    "</body></body></body>"

#define MDP_UPRIGHT_MOTORS(side, gear)                                                                                 \
    MDP_MJCF_MOTOR("thigh" side "_joint", gear) MDP_MJCF_MOTOR("leg" side "_joint", gear)                              \
    MDP_MJCF_MOTOR("foot" side "_joint", gear)

#endif
