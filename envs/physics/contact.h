/* contact of a body's round shapes with the floor z = 0, and the points that are kept from one time step to the next.
 *
 * each shape adds at most one point a time step, its lowest; up to four are kept while they stay close to the floor and
 * to where they touched it. rules, thresholds and arithmetic are those of Bullet's convex-plane algorithm and of its
 * persistent manifold, in the plane. Source: reference/envs/SPEC.md, sections 4 and 5. */
#ifndef MDP_ENVS_PHYSICS_CONTACT_H
#define MDP_ENVS_PHYSICS_CONTACT_H

#include "envs/physics/chain.h"

enum { MDP_CONTACT_MAX_POINTS = 4 };

/* the hull of two spheres */
struct mdp_shape {
    double a, b;                 /* turn from the shape's frame to the body's, as mdp_turn */
    struct mdp_point place;      /* of the shape's origin, from the body's centre of mass */
    struct mdp_point ends[2];    /* centres */
    double core, shrink, margin; /* the radius is core - shrink + margin, which Bullet applies one after another */
};

struct mdp_hull {
    int n_shapes;
    struct mdp_shape shapes[MDP_ROBOT_MAX_GEOMS];
    double breaking; /* distance from which a point counts, and beyond which it is forgotten */
    double reach;    /* no point of the body is farther from its centre of mass */
};

struct mdp_contact {
    struct mdp_vec2 local; /* in the body's frame */
    mdp_num floor_x;       /* where it touched the floor */
    struct mdp_vec2 point; /* point of the body, in the world's frame; its z is the distance */
};

#if MDP_LANES == 1

/* the points of one shape */
struct mdp_manifold {
    int n_points;
    struct mdp_contact points[MDP_CONTACT_MAX_POINTS];
};

/** Takes a body's shapes out of the robot's tables. */
void mdp_hull_init(const struct mdp_body *body, struct mdp_hull *hull);

/** Moves the kept points with the body, forgets those that parted, and adds the lowest of each shape if it is close.
 * Shapes: manifolds [hull->n_shapes]. */
void mdp_hull_touch(const struct mdp_hull *hull, struct mdp_turn world, struct mdp_vec2 com,
                    struct mdp_manifold *manifolds);

#endif

#endif
