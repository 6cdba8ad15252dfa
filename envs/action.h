/* an action in the type that it came in, because costs round in that type, and D4RL's map of it.
 *
 * Source: reference/envs/SPEC.md section 1, reference/envs-mujoco/SPEC.md sections 7 and 8. */
#ifndef MDP_ENVS_ACTION_H
#define MDP_ENVS_ACTION_H

#include <math.h>

/* one of the two pointers is set */
struct mdp_action {
    const float *f32;
    const double *f64;
};

/** Returns an element, widened. */
static inline double mdp_action_at(struct mdp_action action, int i) {
    return action.f32 ? (double)action.f32[i] : action.f64[i];
}

/** Returns 1 if every element is finite. */
static inline int mdp_action_is_finite(struct mdp_action action, int n) {
    for (int i = 0; i < n; i++)
        if (!isfinite(mdp_action_at(action, i))) return 0;
    return 1;
}

/** Writes D4RL's wrapped action: the map from [-1, 1] to [-1, 1], whose sum rounds, then the clip. Shapes: both [n]. */
static inline void mdp_action_wrap_f32(int n, const float *action, float *wrapped) {
    for (int i = 0; i < n; i++) {
        float mapped = -1.0f + (action[i] + 1.0f) * 0.5f * 2.0f;
        wrapped[i] = mapped < -1.0f ? -1.0f : mapped > 1.0f ? 1.0f : mapped;
    }
}

/** As mdp_action_wrap_f32. */
static inline void mdp_action_wrap_f64(int n, const double *action, double *wrapped) {
    for (int i = 0; i < n; i++) {
        double mapped = -1.0 + (action[i] + 1.0) * 0.5 * 2.0;
        wrapped[i] = mapped < -1.0 ? -1.0 : mapped > 1.0 ? 1.0 : mapped;
    }
}

#endif
