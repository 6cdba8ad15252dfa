/* the impulses at joint limits and at contacts of one time step, by a few sweeps of projected Gauss-Seidel.
 *
 * rows, their order, right-hand sides, bounds and stopping rule are those of Bullet's btMultiBodyConstraintSolver. rows
 * that are zero for a planar robot (friction across the plane, the other side of a limit) are not there.
 * Source: reference/envs/SPEC.md, sections 3 and 5. */
#ifndef MDP_ENVS_PHYSICS_SOLVER_H
#define MDP_ENVS_PHYSICS_SOLVER_H

#include "envs/physics/solver_rules.h"

/* one scalar constraint */
struct mdp_row {
    int n_terms, dofs[MDP_SOLVER_MAX_TERMS];
    double jacobian[MDP_SOLVER_MAX_TERMS]; /* its speed per unit of velocity of each dof */
    double response[MDP_ENV_MAX_DOF];      /* change of every velocity by a unit impulse */
    double inverse;                        /* impulse per unit of its speed */
    double wanted, impulse;                /* wanted before other rows act, applied so far */
};

struct mdp_solver {
    int n_limits, n_contacts;
    struct mdp_row limits[MDP_SOLVER_MAX_LIMITS];
    struct mdp_row normals[MDP_SOLVER_MAX_CONTACTS], frictions[MDP_SOLVER_MAX_CONTACTS];
};

/* all that a row is made from */
struct mdp_solver_input {
    const struct mdp_chain *chain;
    const struct mdp_pose *pose;
    const struct mdp_chain_cache *cache;
    const double *qpos, *qvel; /* [MDP_ENV_MAX_DOF] */
    double seconds;
};

/** Forgets all rows. */
void mdp_solver_clear(struct mdp_solver *solver);

/** Adds a row for the limit of a hinge, if it is beyond it. Shapes: range [2]. Units: rad. */
void mdp_solver_add_limit(struct mdp_solver *solver, const struct mdp_solver_input *in, int i_part,
                          const double range[2]);

/** Adds the two rows, up and along the floor, of a part's point; its z is the distance to the floor. */
void mdp_solver_add_contact(struct mdp_solver *solver, const struct mdp_solver_input *in, int i_part,
                            struct mdp_vec2 point);

/** Finds the impulses and changes the velocities by them. */
void mdp_solver_run(struct mdp_solver *solver, double qvel[MDP_ENV_MAX_DOF]);

#endif
