/* Bullet's world for one planar robot, behind the C interface of world.h; the only C++ of the tree.
 * planar.c has to give the same bits.
 *
 * it builds what the original's simulator builds for this robot and leaves out what has no effect there: colliders of
 * massless links, dead motors, a broadphase that finds what is always the case. It decides nothing and computes no
 * observation. Source: reference/envs/SPEC.md, sections 2 to 6 and 9. */
#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>

#include <BulletCollision/CollisionDispatch/btDefaultCollisionConfiguration.h>
#include <BulletDynamics/Featherstone/btMultiBodyConstraintSolver.h>
#include <BulletDynamics/Featherstone/btMultiBodyDynamicsWorld.h>
#include <BulletDynamics/Featherstone/btMultiBodyJointLimitConstraint.h>
#include <BulletDynamics/Featherstone/btMultiBodyLinkCollider.h>
#include <btBulletCollisionCommon.h>

extern "C" {
#include "envs/physics/world.h"
}

namespace {

enum { FLOOR_GROUP = 2, FLOOR_MASK = ~2, ROBOT_GROUP = 1, ROBOT_MASK = 2, TORSO = 0 };

const btScalar step_seconds = 0.0165;
const int n_substeps = 4;

/* where bodies and hinges are in Bullet's chain: links 0 and 1 are root x and z; then each body is a link that hangs on
 * a massless link, its hinge (the torso's hinge is the root's pitch). where every centre of mass lies on its hinge, one
 * link serves as both, with the same bits and a quarter less work */
struct Chain {
    const int n_bodies, n_joints, n_dof;
    bool is_merged;

    explicit Chain(const mdp_robot &robot)
        : n_bodies(mdp_robot_n_bodies(&robot)), n_joints(robot.n_joints), n_dof(mdp_robot_n_dof(&robot)),
          is_merged(true) {
        for (int i = 0; i < n_bodies; i++)
            for (int k = 0; k < 3; k++)
                is_merged = is_merged && robot.bodies[i].com[k] == 0 && robot.bodies[i].origin[k] == 0;
    }
    int hinge(int i_body) const { return is_merged ? 2 + i_body : 2 + 2 * i_body; }
    int body(int i_body) const { return is_merged ? 2 + i_body : 3 + 2 * i_body; }
    int of_dof(int i_dof) const { return i_dof < 2 ? i_dof : hinge(i_dof - 2); }
    int n_links() const { return body(n_bodies - 1) + 1; }
};

btVector3 vec(const float v[3]) { return btVector3(v[0], v[1], v[2]); }
btVector3 vec(const double v[3]) { return btVector3(v[0], v[1], v[2]); }

/* a broadphase in which every pair that the filter allows always overlaps: the floor's box is infinite */
class AllPairsBroadphase : public btBroadphaseInterface {
  public:
    btBroadphaseProxy *createProxy(const btVector3 &low, const btVector3 &high, int, void *object, int group, int mask,
                                   btDispatcher *) override {
        btBroadphaseProxy *proxy = &proxies_[n_proxies_];
        *proxy = btBroadphaseProxy(low, high, object, group, mask);
        proxy->m_uniqueId = ++n_proxies_;
        for (int i = 0; i + 1 < n_proxies_; i++) pairs_.addOverlappingPair(&proxies_[i], proxy);
        return proxy;
    }
    void destroyProxy(btBroadphaseProxy *proxy, btDispatcher *dispatcher) override {
        pairs_.removeOverlappingPairsContainingProxy(proxy, dispatcher);
    }
    void setAabb(btBroadphaseProxy *proxy, const btVector3 &low, const btVector3 &high, btDispatcher *) override {
        proxy->m_aabbMin = low;
        proxy->m_aabbMax = high;
    }
    void getAabb(btBroadphaseProxy *proxy, btVector3 &low, btVector3 &high) const override {
        low = proxy->m_aabbMin;
        high = proxy->m_aabbMax;
    }
    void forget(btDispatcher *dispatcher) {
        for (int i = 0; i < n_proxies_; i++) pairs_.cleanProxyFromPairs(&proxies_[i], dispatcher);
    }
    void rayTest(const btVector3 &, const btVector3 &, btBroadphaseRayCallback &, const btVector3 &,
                 const btVector3 &) override {}
    void aabbTest(const btVector3 &, const btVector3 &, btBroadphaseAabbCallback &) override {}
    void calculateOverlappingPairs(btDispatcher *) override {}
    btOverlappingPairCache *getOverlappingPairCache() override { return &pairs_; }
    const btOverlappingPairCache *getOverlappingPairCache() const override { return &pairs_; }
    void getBroadphaseAabb(btVector3 &low, btVector3 &high) const override {
        low.setValue(-BT_LARGE_FLOAT, -BT_LARGE_FLOAT, -BT_LARGE_FLOAT);
        high.setValue(BT_LARGE_FLOAT, BT_LARGE_FLOAT, BT_LARGE_FLOAT);
    }
    void printStats() override {}

  private:
    btBroadphaseProxy proxies_[MDP_ROBOT_MAX_BODIES + 1];
    int n_proxies_ = 0;
    btHashedOverlappingPairCache pairs_;
};

/* Bullet's default pools take 7 MB a world; eight objects need little */
btDefaultCollisionConstructionInfo small_pools() {
    btDefaultCollisionConstructionInfo info;
    info.m_defaultMaxPersistentManifoldPoolSize = 32;
    info.m_defaultMaxCollisionAlgorithmPoolSize = 64;
    return info;
}

/* members are freed from last to first, so a user stands after the members that it uses */
struct World {
    const Chain chain;
    btDefaultCollisionConfiguration configuration;
    btCollisionDispatcher dispatcher;
    AllPairsBroadphase broadphase;
    btMultiBodyConstraintSolver solver;
    btStaticPlaneShape floor_shape;
    btCollisionObject floor;
    std::unique_ptr<btCollisionShape> shapes[MDP_ROBOT_MAX_BODIES][MDP_ROBOT_MAX_GEOMS];
    std::unique_ptr<btCompoundShape> compounds[MDP_ROBOT_MAX_BODIES];
    btMultiBodyDynamicsWorld world;
    btMultiBody body;
    std::unique_ptr<btMultiBodyLinkCollider> colliders[MDP_ROBOT_MAX_BODIES];
    std::unique_ptr<btMultiBodyJointLimitConstraint> limits[MDP_ENV_MAX_JOINTS];
    btAlignedObjectArray<btQuaternion> scratch_rotation;
    btAlignedObjectArray<btVector3> scratch_position;

    explicit World(const mdp_robot &robot);
    ~World();
    World(const World &) = delete;
    World &operator=(const World &) = delete;

    BT_DECLARE_ALIGNED_ALLOCATOR();

  private:
    void configure();
    void add_floor();
    void add_links(const mdp_robot &robot);
    void add_shapes(const mdp_robot &robot);
    void add_limits(const mdp_robot &robot);
};

World::World(const mdp_robot &robot)
    : chain(robot), configuration(small_pools()), dispatcher(&configuration), floor_shape(btVector3(0, 0, 1), 0),
      world(&dispatcher, &broadphase, &solver, &configuration),
      body(chain.n_links(), 0, btVector3(0, 0, 0), true, false) {
    configure();
    add_floor();
    add_links(robot);
    add_shapes(robot);
    add_limits(robot);
}

World::~World() {
    for (int k = 0; k < chain.n_joints; k++) world.removeMultiBodyConstraint(limits[k].get());
    world.removeMultiBody(&body);
    for (int i = 0; i < chain.n_bodies; i++) world.removeCollisionObject(colliders[i].get());
    world.removeCollisionObject(&floor);
}

void World::configure() {
    btContactSolverInfo &info = world.getSolverInfo();
    info.m_numIterations = 5;
    info.m_erp2 = 0.9;
    info.m_erp = 0.2;
    info.m_frictionERP = 0.2;
    info.m_globalCfm = 0;
    info.m_frictionCFM = 0;
    info.m_linearSlop = 1e-5;
    info.m_warmstartingFactor = 0.1;
    info.m_leastSquaresResidualThreshold = 1e-7;
    info.m_minimumSolverBatchSize = 0;
    info.m_solverMode = SOLVER_USE_WARMSTARTING | SOLVER_SIMD | SOLVER_USE_2_FRICTION_DIRECTIONS;
    world.getDispatchInfo().m_deterministicOverlappingPairs = true;
    world.setForceUpdateAllAabbs(false);
    world.setGravity(btVector3(0, 0, -9.8));
}

void World::add_floor() {
    floor_shape.setMargin(0.001);
    floor.setCollisionShape(&floor_shape);
    floor.setCollisionFlags(btCollisionObject::CF_STATIC_OBJECT);
    floor.setFriction(0.8);
    floor.setRestitution(0.5);
    floor.setUserIndex(-1);
    world.addCollisionObject(&floor, FLOOR_GROUP, FLOOR_MASK);
}

void World::add_links(const mdp_robot &robot) {
    const btQuaternion unturned(0, 0, 0, 1);
    const btVector3 zero(0, 0, 0);
    body.setBaseWorldTransform(btTransform::getIdentity());
    body.setupPrismatic(0, 0, zero, -1, unturned, btVector3(1, 0, 0), vec(robot.root), zero, true);
    body.setupPrismatic(1, 0, zero, 0, unturned, btVector3(0, 0, 1), zero, zero, true);
    for (int i = 0; i < chain.n_bodies; i++) {
        const mdp_body &part = robot.bodies[i];
        int is_torso = part.parent < 0;
        int parent = is_torso ? 1 : chain.body(part.parent);
        btVector3 axis = is_torso ? btVector3(0, 1, 0) : vec(robot.hinge_axis);
        btVector3 hinge = is_torso ? zero : vec(part.joint) - vec(robot.bodies[part.parent].com);
        int is_merged = chain.is_merged;
        body.setupRevolute(chain.hinge(i), is_merged ? part.mass : 0, is_merged ? vec(part.inertia) : zero, parent,
                           unturned, axis, hinge, zero, true);
        if (!is_merged)
            body.setupFixed(chain.body(i), part.mass, vec(part.inertia), chain.hinge(i), unturned, vec(part.origin),
                            vec(part.com), true);
    }
    body.finalizeMultiDof();
    world.addMultiBody(&body);
}

/* gives each body a btCompoundShape that holds its geometry, be it a single shape: pybullet does so, and Bullet finds
 * contacts in an order that depends on it */
void World::add_shapes(const mdp_robot &robot) {
    for (int i = 0; i < chain.n_bodies; i++) {
        const mdp_body &part = robot.bodies[i];
        compounds[i].reset(new btCompoundShape());
        for (int k = 0; k < MDP_ROBOT_MAX_GEOMS && part.geoms[k].kind != MDP_GEOM_NONE; k++) {
            const mdp_geom &geom = part.geoms[k];
            btTransform place(btTransform::getIdentity());
            if (geom.kind == MDP_GEOM_TWO_SPHERES) {
                btVector3 centres[2] = {vec(geom.from), vec(geom.to)};
                btScalar radii[2] = {geom.radius, geom.radius};
                shapes[i][k].reset(new btMultiSphereShape(centres, radii, 2));
            } else {
                btScalar length = 2 * btScalar(geom.half_length);
                shapes[i][k].reset(new btCapsuleShapeZ(geom.radius, length));
                place.setRotation(btQuaternion(btVector3(0, 1, 0), geom.angle));
                place.setOrigin(vec(geom.centre));
            }
            place.setOrigin(place.getOrigin() - vec(part.com));
            compounds[i]->addChildShape(place, shapes[i][k].get());
        }
        btMultibodyLink &link = body.getLink(chain.body(i));
        colliders[i].reset(new btMultiBodyLinkCollider(&body, chain.body(i)));
        colliders[i]->setCollisionShape(compounds[i].get());
        colliders[i]->setFriction(0.8f);
        colliders[i]->setRestitution(0);
        colliders[i]->setUserIndex(i);
        link.m_collider = colliders[i].get();
        link.m_flags |= BT_MULTIBODYLINKFLAGS_DISABLE_ALL_PARENT_COLLISION;
        world.addCollisionObject(colliders[i].get(), ROBOT_GROUP, ROBOT_MASK);
    }
}

/* the solver's result depends on the order of its rows, and Bullet's unstable sort reorders limits although they
 * compare as equal. sorting numbers in the same way tells in which order to add the limits */
btAlignedObjectArray<int> order_to_add(const int *wanted, int n) {
    btAlignedObjectArray<int> sorted, order;
    for (int k = 0; k < n; k++) sorted.push_back(k);
    sorted.quickSort([](int, int) { return false; });
    order.resize(n);
    for (int k = 0; k < n; k++) order[sorted[k]] = wanted[k];
    return order;
}

void World::add_limits(const mdp_robot &robot) {
    const btAlignedObjectArray<int> order = order_to_add(robot.limit_order, chain.n_joints);
    for (int k = 0; k < chain.n_joints; k++) {
        const float *range = robot.bodies[order[k] + 1].range;
        limits[k].reset(new btMultiBodyJointLimitConstraint(&body, chain.hinge(order[k] + 1), range[0], range[1]));
        limits[k]->finalizeMultiDof();
        world.addMultiBodyConstraint(limits[k].get());
    }
}

const char *version() {
    struct Text {
        char bytes[32];
        Text() {
            std::snprintf(bytes, sizeof bytes, "bullet-float64 %d.%02d", btGetVersion() / 100, btGetVersion() % 100);
        }
    };
    static const Text text;
    return text.bytes;
}

mdp_err create(const mdp_robot *robot, void **out) {
    try {
        *out = new World(*robot);
        return MDP_OK;
    } catch (const std::bad_alloc &) {
        return mdp_fail(MDP_E_NOMEM, "bullet world: out of memory");
    }
}

void destroy(void *handle) { delete static_cast<World *>(handle); }

void set_joints(void *handle, const double *qpos, const double *qvel) {
    World *w = static_cast<World *>(handle);
    for (int d = 0; d < w->chain.n_dof; d++) {
        w->body.setJointPos(w->chain.of_dof(d), qpos[d]);
        w->body.setJointVel(w->chain.of_dof(d), qvel[d]);
    }
}

/* a later episode must not see an earlier one: contacts, impulses, forces, velocities and sleep all go */
void reset(void *handle, const double *qpos) {
    static const double at_rest[MDP_ENV_MAX_DOF] = {0};
    World *w = static_cast<World *>(handle);
    w->broadphase.forget(&w->dispatcher);
    w->solver.reset();
    w->body.clearForcesAndTorques();
    w->body.clearConstraintForces();
    w->body.clearVelocities();
    /* fixed as it is, the base still catches a state that is not finite */
    w->body.setBaseWorldTransform(btTransform::getIdentity());
    w->body.setInterpolateBaseWorldTransform(btTransform::getIdentity());
    set_joints(handle, qpos, at_rest);
    for (int k = 0; k < w->chain.n_joints; k++)
        for (int row = 0; row < w->limits[k]->getNumRows(); row++) w->limits[k]->internalSetAppliedImpulse(row, 0);
    w->body.forwardKinematics(w->scratch_rotation, w->scratch_position);
    w->body.updateCollisionObjectWorldTransforms(w->scratch_rotation, w->scratch_position);
    for (int i = 0; i < w->chain.n_bodies; i++) {
        w->colliders[i]->forceActivationState(ACTIVE_TAG);
        w->colliders[i]->setDeactivationTime(0);
        w->world.updateSingleAabb(w->colliders[i].get());
    }
}

void step(void *handle, const double *torques) {
    World *w = static_cast<World *>(handle);
    for (int i = 0; i < w->chain.n_joints; i++) w->body.addJointTorqueMultiDof(w->chain.hinge(i + 1), 0, torques[i]);
    w->world.stepSimulation(step_seconds, n_substeps, step_seconds / n_substeps);
}

void copy(double out[3], const btVector3 &v) {
    for (int k = 0; k < 3; k++) out[k] = v[k];
}

void read_contacts(const btCollisionDispatcher &dispatcher, int n_bodies, int *in_contact) {
    for (int i = 0; i < n_bodies; i++) in_contact[i] = 0;
    for (int i = 0; i < dispatcher.getNumManifolds(); i++) {
        const btPersistentManifold *manifold = dispatcher.getManifoldByIndexInternal(i);
        if (manifold->getNumContacts() == 0) continue;
        int i_body = std::max(manifold->getBody0()->getUserIndex(), manifold->getBody1()->getUserIndex());
        in_contact[i_body] = 1;
    }
}

void read(void *handle, mdp_world_state *state) {
    World *w = static_cast<World *>(handle);
    for (int d = 0; d < w->chain.n_dof; d++) {
        state->qpos[d] = w->body.getJointPos(w->chain.of_dof(d));
        state->qvel[d] = w->body.getJointVel(w->chain.of_dof(d));
    }
    for (int i = 0; i < 2; i++) copy(state->link_pos[i], w->body.getLink(i).m_cachedWorldTransform.getOrigin());
    for (int i = 0; i < w->chain.n_bodies; i++) {
        copy(state->link_pos[2 + 2 * i], w->body.getLink(w->chain.hinge(i)).m_cachedWorldTransform.getOrigin());
        copy(state->link_pos[3 + 2 * i], w->body.getLink(w->chain.body(i)).m_cachedWorldTransform.getOrigin());
    }

    const int i_torso = w->chain.body(TORSO);
    const btTransform &torso = w->body.getLink(i_torso).m_cachedWorldTransform;
    btQuaternion quat = torso.getRotation();
    for (int k = 0; k < 4; k++) state->torso_quat[k] = quat[k];
    btVector3 omega[MDP_ROBOT_MAX_LINKS + 1], velocity[MDP_ROBOT_MAX_LINKS + 1];
    w->body.compTreeLinkVelocities(omega, velocity);
    copy(state->torso_linvel, torso.getBasis() * velocity[i_torso + 1]);
    copy(state->torso_angvel, torso.getBasis() * omega[i_torso + 1]);
    read_contacts(w->dispatcher, w->chain.n_bodies, state->in_contact);
}

} // namespace

extern "C" const mdp_physics mdp_physics_bullet = {"lean", version, create, destroy, reset, set_joints, step, read, 0,
                                              nullptr, nullptr};
