#include "envs/physics/solver.h"

#include <float.h>

#include "envs/physics/solver_rules.h"

void mdp_solver_clear(struct mdp_solver *solver) { solver->n_limits = solver->n_contacts = 0; }

/* ---- rows ---- */

static double along(const struct mdp_row *row, const double *velocity) {
    double sum = 0;
    for (int k = 0; k < row->n_terms; k++) sum += row->jacobian[k] * velocity[row->dofs[k]];
    return sum;
}

/* a row whose impulse moves nothing is switched off */
static void scale(struct mdp_row *row) {
    double d = along(row, row->response);
    row->inverse = d > DBL_EPSILON ? 1.0 / d : 0;
    row->impulse = 0;
}

static void take_response(struct mdp_row *row, const mdp_pair responses[MDP_ENV_MAX_DOF], int lane) {
    for (int i = 0; i < MDP_ENV_MAX_DOF; i++) row->response[i] = responses[i][lane];
    scale(row);
}

static void add_limit_row(struct mdp_solver *solver, const struct mdp_solver_input *in, int i_part, double depth,
                          double side) {
    struct mdp_row *row = &solver->limits[solver->n_limits++];
    mdp_pair impulses[MDP_SOLVER_MAX_TERMS] = {{0}}, responses[MDP_ENV_MAX_DOF];
    impulses[in->chain->n_path[i_part] + 1][0] = side;
    mdp_chain_respond(in->chain, in->pose, in->cache, i_part, impulses, responses);
    row->n_terms = 1;
    row->dofs[0] = i_part + 1;
    row->jacobian[0] = side;
    take_response(row, responses, 0);
    /* a limit that is exceeded by far only stops */
    double wanted = -along(row, in->qvel) * row->inverse;
    if (depth > (double)deep_limit) wanted = -depth * limit_share / in->seconds * row->inverse + wanted;
    row->wanted = wanted;
}

void mdp_solver_add_limit(struct mdp_solver *solver, const struct mdp_solver_input *in, int i_part,
                          const double range[2]) {
    double q = in->qpos[i_part + 1], above = q - range[0], below = range[1] - q;
    if (!(above > 0)) add_limit_row(solver, in, i_part, above, 1);
    if (!(below > 0)) add_limit_row(solver, in, i_part, below, -1);
}

/* lane 0 moves up and has no use for x, lane 1 moves forward and has none for z */
static void fill_contact_row(struct mdp_row *row, const struct mdp_solver_input *in, int i_part,
                             const mdp_pair *jacobian, const mdp_pair *responses, int lane) {
    row->n_terms = in->chain->n_path[i_part] + 1;
    row->dofs[0] = 1 - lane;
    row->jacobian[0] = 1;
    for (int k = 1; k < row->n_terms; k++) {
        row->dofs[k] = in->chain->path[i_part][k - 1] + 1;
        row->jacobian[k] = jacobian[k + 1][lane];
    }
    take_response(row, responses, lane);
}

void mdp_solver_add_contact(struct mdp_solver *solver, const struct mdp_solver_input *in, int i_part,
                            struct mdp_vec2 point) {
    struct mdp_row *normal = &solver->normals[solver->n_contacts], *friction = &solver->frictions[solver->n_contacts];
    mdp_pair jacobian[MDP_SOLVER_MAX_TERMS], responses[MDP_ENV_MAX_DOF];
    solver->n_contacts++;
    mdp_chain_jacobian(in->chain, in->pose, in->cache, i_part, point, jacobian);
    mdp_chain_respond(in->chain, in->pose, in->cache, i_part, jacobian, responses);
    fill_contact_row(normal, in, i_part, jacobian, responses, 0);
    fill_contact_row(friction, in, i_part, jacobian, responses, 1);

    double distance = point.z + slop, push = 0, speed = 0 - along(normal, in->qvel);
    if (distance > 0)
        speed -= distance / in->seconds;
    else
        push = -distance * contact_share / in->seconds;
    normal->wanted = push * normal->inverse + speed * normal->inverse;
    friction->wanted = -along(friction, in->qvel) * friction->inverse;
}

/* ---- sweeps ---- */

/* moves a row's impulse to where its speed is as wanted, within bounds; returns by how much */
static double resolve(struct mdp_row *row, double low, double high, double *change) {
    double delta = row->wanted - along(row, change) * row->inverse, sum = row->impulse + delta;
    if (sum < low) {
        delta = low - row->impulse;
        sum = low;
    } else if (sum > high) {
        delta = high - row->impulse;
        sum = high;
    }
    row->impulse = sum;
    for (int i = 0; i < MDP_ENV_MAX_DOF; i++) change[i] += row->response[i] * delta;
    return delta;
}

/* returns the largest square of a row's speed before it was resolved */
static double sweep_limits(struct mdp_solver *solver, int backwards, double *change) {
    double residual = 0;
    for (int k = 0; k < solver->n_limits; k++) {
        struct mdp_row *row = &solver->limits[backwards ? solver->n_limits - 1 - k : k];
        double speed = resolve(row, 0, limit_bound, change) / row->inverse;
        residual = residual > speed * speed ? residual : speed * speed;
    }
    return residual;
}

static void sweep_contacts(struct mdp_solver *solver, double *change) {
    const double friction = (double)robot_friction * floor_friction;
    for (int k = 0; k < solver->n_contacts; k++) resolve(&solver->normals[k], 0, contact_bound, change);
    for (int k = 0; k < solver->n_contacts; k++) {
        double bound = friction * solver->normals[k].impulse;
        resolve(&solver->frictions[k], -bound, bound, change);
    }
}

void mdp_solver_run(struct mdp_solver *solver, double qvel[MDP_ENV_MAX_DOF]) {
    double change[MDP_ENV_MAX_DOF] = {0};
    for (int sweep = 0; sweep < MDP_SOLVER_N_SWEEPS; sweep++) {
        double residual = sweep_limits(solver, sweep % 2 == 0, change);
        sweep_contacts(solver, change);
        /* with a contact Bullet never stops early: the row across the plane makes its residual not a number */
        if (solver->n_contacts == 0 && residual <= settled) break;
    }
    mdp_chain_kick(change, qvel);
}
