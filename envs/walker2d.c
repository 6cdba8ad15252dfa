/* Walker2DBullet-v0: the robot's numbers and its alive rule. Source: reference/envs/SPEC.md sections 1, 5, 8. */
#include <math.h>

#include "envs/locomotion.h"

enum { TORSO, THIGH, LEG, FOOT, THIGH_LEFT, LEG_LEFT, FOOT_LEFT, N_BODIES };
enum { N_JOINTS = N_BODIES - 1, N_FEET = 2 };

/* degrees become radians in float arithmetic */
#define RADIANS(degrees) ((degrees)*3.14159265f / 180)
#define MIDDLE(a, b) (0.5 * ((double)(a) + (double)(b)))

/* every frame sits at the world's origin, so a body's origin is minus its hinge's position (0, 0, top);
 * the centre of mass is the middle of the two spheres, at (0, 0, top) and (x, 0, bottom) */
#define BODY(label, carrier, low, high, x, top, bottom, size, kg, i_x, i_y, i_z)                                       \
    {                                                                                                                  \
        .name = label, .parent = carrier, .joint = {0, 0, top}, .origin = {0, 0, -(top)},                              \
        .com = {MIDDLE(0, x), 0, MIDDLE(top, bottom)}, .mass = kg, .inertia = {i_x, i_y, i_z},                         \
        .range = {RADIANS(low), RADIANS(high)}, .geoms = {                                                             \
            {.kind = MDP_GEOM_TWO_SPHERES, .radius = size, .from = {0, 0, top}, .to = {x, 0, bottom}}                  \
        }                                                                                                              \
    }

#define THIGH_BODY(label)                                                                                              \
    BODY(label, TORSO, -150.0f, 0.0f, 0, 1.05f, 0.6f, 0.05f, 4.0578900778630489, 0.14517098787635424,                  \
         0.14517098787635424, 0.021912606783264114)
#define LEG_BODY(label, carrier)                                                                                       \
    BODY(label, carrier, -150.0f, 0.0f, 0, 0.6f, 0.1f, 0.04f, 2.7813566780018228, 0.10689681448332983,                 \
         0.10689681448332983, 0.011867121560890273)
#define FOOT_BODY(label, carrier)                                                                                      \
    BODY(label, carrier, -45.0f, 45.0f, 0.2f, 0.1f, 0.1f, 0.06f, 3.1667252667371084, 0.021111501211992789,             \
         0.052778754225408356, 0.052778754225408356)

/* upright and above 0.8 m */
static double alive(const struct mdp_alive_input *input) {
    return input->height > 0.8 && fabs(input->pitch) < 1.0 ? 1.0 : -1.0;
}

static const struct mdp_body bodies[] = {
    [TORSO] = {.name = "torso",
               .parent = -1,
               .com = {0, 0, MIDDLE(1.45f, 1.05f)},
               .mass = 3.6651922952356188,
               .inertia = {0.11264361102090639, 0.11264361102090639, 0.019792038721966075},
               .geoms = {{.kind = MDP_GEOM_TWO_SPHERES, .radius = 0.05f, .from = {0, 0, 1.45f}, .to = {0, 0, 1.05f}}}},
    [THIGH] = THIGH_BODY("thigh"),
    [LEG] = LEG_BODY("leg", THIGH),
    [FOOT] = FOOT_BODY("foot", LEG),
    [THIGH_LEFT] = THIGH_BODY("thigh_left"),
    [LEG_LEFT] = LEG_BODY("leg_left", THIGH_LEFT),
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
    .alive = alive,
};

const struct mdp_env_spec mdp_env_spec_walker2d = {
    .id = "Walker2DBullet-v0",
    .robot = "walker2d",
    .n_obs = MDP_LOCOMOTION_N_OBS(N_JOINTS, N_FEET),
    .n_act = N_JOINTS,
    .n_feet = N_FEET,
    .max_steps = 1000,
    .reference = "bullet-walker2d",
    .model = &robot,
};
