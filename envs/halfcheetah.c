/* HalfCheetahBullet-v0: the robot's numbers and its alive rule. Source: reference/envs/SPEC.md sections 1, 5, 8. */
#include <math.h>

#include "envs/locomotion.h"

enum { TORSO, BTHIGH, BSHIN, BFOOT, FTHIGH, FSHIN, FFOOT, N_BODIES };

/* order of the contact flags */
enum { FLAG_FFOOT, FLAG_FSHIN, FLAG_FTHIGH, FLAG_BFOOT, FLAG_BSHIN, FLAG_BTHIGH, N_FEET };

enum { N_JOINTS = N_BODIES - 1 };

#define CAPSULE(x, z, turn, half)                                                                                      \
    { .kind = MDP_GEOM_CAPSULE, .radius = 0.046f, .centre = {x, 0, z}, .angle = (turn), .half_length = (half) }

/* it may sit on its feet, on nothing else; it never ends the episode */
static double alive(const struct mdp_alive_input *input) {
    const int *contact = input->contact;
    int is_down = contact[FLAG_FSHIN] || contact[FLAG_FTHIGH] || contact[FLAG_BSHIN] || contact[FLAG_BTHIGH];
    return fabs(input->pitch) < 1.0 && !is_down ? 1.0 : -1.0;
}

/* frames are local to each body and every centre of mass is at its body's origin, whatever the shape */
static const struct mdp_body bodies[] = {
    [TORSO] = {.name = "torso",
               .parent = -1,
               .mass = 9.45733335583469,
               .inertia = {0.11850954790425451, 1.5646349198758465, 1.4927563304017173},
               .geoms = {{.kind = MDP_GEOM_TWO_SPHERES, .radius = 0.046f, .from = {-0.5f, 0, 0}, .to = {0.5f, 0, 0}},
                         CAPSULE(0.6f, 0.1f, 0.87f, 0.15f)}},
    [BTHIGH] = {.name = "bthigh",
                .parent = TORSO,
                .joint = {-0.5f, 0, 0},
                .range = {-0.52f, 1.05f},
                .mass = 2.3355269537212036,
                .inertia = {0.026652967211981606, 0.043289211762144474, 0.019930894585686074},
                .geoms = {CAPSULE(0.1f, -0.13f, -3.8f, 0.145f)}},
    [BSHIN] = {.name = "bshin",
               .parent = BTHIGH,
               .joint = {0.16f, 0, -0.25f},
               .range = {-0.785f, 0.785f},
               .mass = 2.4020031892472424,
               .inertia = {0.014834623910841841, 0.043925331488187634, 0.032479133422815595},
               .geoms = {CAPSULE(-0.14f, -0.07f, -2.03f, 0.15f)}},
    [BFOOT] = {.name = "bfoot",
               .parent = BSHIN,
               .joint = {-0.28f, 0, -0.14f},
               .range = {-0.4f, 0.785f},
               .mass = 10,
               .inertia = {0.079277080760657884, 0.094460236021447888, 0.029289821982292942},
               .geoms = {CAPSULE(0.03f, -0.097f, -0.27f, 0.094f)}},
    [FTHIGH] = {.name = "fthigh",
                .parent = TORSO,
                .joint = {0.5f, 0, 0},
                .range = {-1.5f, 0.8f},
                .mass = 2.1759843846871485,
                .inertia = {0.024566760558901394, 0.035076196006900914, 0.013579024098597145},
                .geoms = {CAPSULE(-0.07f, -0.12f, 0.52f, 0.133f)}},
    [FSHIN] = {.name = "fshin",
               .parent = FTHIGH,
               .joint = {-0.14f, 0, -0.24f},
               .range = {-1.2f, 1.1f},
               .mass = 1.8170134062463057,
               .inertia = {0.015169275220180781, 0.023169122181025216, 0.010563047215886386},
               .geoms = {CAPSULE(0.065f, -0.09f, -0.6f, 0.106f)}},
    [FFOOT] = {.name = "ffoot",
               .parent = FSHIN,
               .joint = {0.13f, 0, -0.18f},
               .range = {-3.1f, -0.3f},
               .mass = 10,
               .inertia = {0.05643309656387259, 0.08506240486834088, 0.042735975025971221},
               .geoms = {CAPSULE(0.045f, -0.07f, -0.6f, 0.07f)}},
};

static const struct mdp_robot robot = {
    .root = {0, 0, 0.7f},
    .hinge_axis = {0, 1, 0},
    .n_joints = N_JOINTS,
    .bodies = bodies,
    .limit_order = {2, 1, 0, 3, 5, 4},
    .power = 0.90,
    .power_coef = {120, 90, 60, 140, 60, 30},
    .n_feet = N_FEET,
    .feet = {FFOOT, FSHIN, FTHIGH, BFOOT, BSHIN, BTHIGH},
    .ends_when_dead = 0,
    .alive = alive,
};

const struct mdp_env_spec mdp_env_spec_halfcheetah = {
    .id = "HalfCheetahBullet-v0",
    .robot = "halfcheetah",
    .family = &mdp_family_locomotion,
    .n_obs = MDP_LOCOMOTION_N_OBS(N_JOINTS, N_FEET),
    .n_act = N_JOINTS,
    .n_feet = N_FEET,
    .max_steps = 1000,
    .is_wrapped = 1,
    .reference = "bullet-halfcheetah",
    .model = &robot,
};
