/* what the robots that walk upright share: the tables of their upper bodies, and when they have fallen.
 *
 * in the original's model files every frame sits at the world's origin, every body is the hull of two spheres, and its
 * centre of mass is the middle between them. Source: reference/envs/SPEC.md, sections 5 and 8. */
#ifndef MDP_ENVS_UPRIGHT_H
#define MDP_ENVS_UPRIGHT_H

#include <math.h>

#include "envs/robot.h"

/* degrees become radians in float arithmetic */
#define MDP_UPRIGHT_RADIANS(degrees) ((degrees)*3.14159265f / 180)
#define MDP_UPRIGHT_MIDDLE(a, b) (0.5 * ((double)(a) + (double)(b)))

/* a body on a hinge at (0, 0, top), with spheres at (back, 0, top) and (front, 0, bottom) */
#define MDP_UPRIGHT_BODY(label, carrier, low, high, back, front, top, bottom, size, kg, i_x, i_y, i_z)                 \
    {                                                                                                                  \
        .name = label, .parent = carrier, .joint = {0, 0, top}, .origin = {0, 0, -(top)},                              \
        .com = {MDP_UPRIGHT_MIDDLE(back, front), 0, MDP_UPRIGHT_MIDDLE(top, bottom)}, .mass = kg,                      \
        .inertia = {i_x, i_y, i_z}, .range = {MDP_UPRIGHT_RADIANS(low), MDP_UPRIGHT_RADIANS(high)}, .geoms = {         \
            {.kind = MDP_GEOM_TWO_SPHERES, .radius = size, .from = {back, 0, top}, .to = {front, 0, bottom}}           \
        }                                                                                                              \
    }

/* the torso hangs on no hinge */
#define MDP_UPRIGHT_TORSO                                                                                              \
    {                                                                                                                  \
        .name = "torso", .parent = -1, .com = {0, 0, MDP_UPRIGHT_MIDDLE(1.45f, 1.05f)}, .mass = 3.6651922952356188,    \
        .inertia = {0.11264361102090639, 0.11264361102090639, 0.019792038721966075}, .geoms = {                        \
            {.kind = MDP_GEOM_TWO_SPHERES, .radius = 0.05f, .from = {0, 0, 1.45f}, .to = {0, 0, 1.05f}}                \
        }                                                                                                              \
    }
#define MDP_UPRIGHT_THIGH(label, carrier)                                                                              \
    MDP_UPRIGHT_BODY(label, carrier, -150.0f, 0.0f, 0, 0, 1.05f, 0.6f, 0.05f, 4.0578900778630489, 0.14517098787635424, \
                     0.14517098787635424, 0.021912606783264114)
#define MDP_UPRIGHT_LEG(label, carrier)                                                                                \
    MDP_UPRIGHT_BODY(label, carrier, -150.0f, 0.0f, 0, 0, 0.6f, 0.1f, 0.04f, 2.7813566780018228, 0.10689681448332983,  \
                     0.10689681448332983, 0.011867121560890273)

/** Returns 1 while the torso is above 0.8 m and pitched by less than 1 rad, else -1. */
static inline double mdp_upright_alive(const struct mdp_alive_input *input) {
    return input->height > 0.8 && fabs(input->pitch) < 1.0 ? 1.0 : -1.0;
}

#endif
