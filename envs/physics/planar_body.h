/* a step of a group of planar worlds, each world in its lane: what planar.c does for one.
 *
 * included by one source file a width, after its header of numbers. Source: as of planar.c. */
#ifndef MDP_ENVS_PHYSICS_PLANAR_BODY_H
#define MDP_ENVS_PHYSICS_PLANAR_BODY_H

#include <stddef.h>

#include "envs/physics/contact_body.h"
#include "envs/physics/solver_body.h"

/** Finds the contacts of all bodies. */
static void find_contacts(const struct mdp_planar_model *model, struct mdp_planar_group *group,
                          const struct mdp_pose *pose) {
    for (int i = 0; i < model->n_bodies; i++)
        touch_hull(&model->hulls[i], pose->world[i + 1], pose->com[i + 1], group->touches[i]);
}

/** Places anew the worlds whose positions were set. */
static void place_overwritten(const struct mdp_planar_model *model, struct mdp_planar_group *group) {
    const mdp_mask m = mdp_num_less(mdp_num_set(0), group->is_overwritten);
    struct mdp_pose set;
    if (!mdp_mask_any(m)) return;
    chain_place(&model->chain, group->motion.qpos, &set);
    mdp_num *now = (mdp_num *)&group->motion.now;
    const mdp_num *numbers = (const mdp_num *)&set;
    for (size_t i = 0; i < sizeof set / sizeof *now; i++) now[i] = mdp_num_select(m, numbers[i], now[i]);
    group->is_overwritten = mdp_num_set(0);
}

/** Takes a time step, as take_time_step of planar.c. */
static void take_time_step(struct solver *s, struct mdp_planar_group *group, struct mdp_pose *pose,
                           struct mdp_pose *next) {
    const struct mdp_planar_model *model = s->model;
    mdp_num *qpos = group->motion.qpos, *qvel = group->motion.qvel;
    find_contacts(model, group, pose);
    if (pose == &group->motion.now) place_overwritten(model, group);
    chain_accelerate(&model->chain, pose, group->torques, mdp_planar_step_seconds, qvel, &s->cache);
    s->pose = pose;
    place_contacts(s, group);
    place_limits(s, qpos);
    for (int d = 0; d < N_DOFS; d++) s->qvel[d] = qvel[s->dofs[d]];
    for (int k = 0; k < s->n_contacts; k++) fill_contact(s, &s->contacts[k]);
    for (int k = 0; k < s->n_limits; k++) fill_limit(s, &s->limits[k]);
    run_solver(s, qvel);
    for (int d = 0; d < MDP_ENV_MAX_DOF; d++) qpos[d] += mdp_planar_step_seconds * qvel[d];
    chain_place(&model->chain, qpos, next);
}

/** Puts motions into a group; of what was seen nothing is needed again. */
static inline void join_motions(const double *const *motions, void *group) {
    const size_t n = offsetof(struct mdp_planar_motion, seen) / sizeof(mdp_num);
    mdp_nums_join((n + MDP_LANES - 1) / MDP_LANES * MDP_LANES, motions, (mdp_num *)group);
}

/** Takes motions out of a group; of what was seen, what is read. */
static inline void part_motions(const void *group, double *const *motions) {
    const size_t n = offsetof(struct mdp_planar_motion, seen.slide) / sizeof(mdp_num);
    mdp_nums_part((n + MDP_LANES - 1) / MDP_LANES * MDP_LANES, (const mdp_num *)group, motions);
}

/** Takes a step of a group. */
static inline void step_lanes(const struct mdp_planar_model *model, void *numbers) {
    struct mdp_planar_group *group = numbers;
    struct mdp_pose *poses[2] = {&group->motion.now, &group->motion.seen};
    struct solver solver;
    solver.model = model;
    find_paths(&solver);
    for (int i = 0; i < MDP_PLANAR_N_SUBSTEPS; i++) take_time_step(&solver, group, poses[i % 2], poses[(i + 1) % 2]);
}

#endif
