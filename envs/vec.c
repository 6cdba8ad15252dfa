#include "envs/vec.h"

#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>

/* a thread's lanes, as places in the list of active ones, and the first that nobody has taken yet. one a cache line,
 * since others only look at it when they are through with their own */
struct share {
    atomic_int next;
    int end;
    char apart[56];
};

struct mdp_vec {
    const struct mdp_env_spec *spec;
    int n_lanes, n_threads, n_active;
    struct mdp_env **envs; /* [n_lanes] */
    int *active;           /* [n_active] lanes in ascending order */
    struct mdp_env **active_envs;
    int *is_active;       /* [n_lanes] */
    struct share *shares; /* [n_threads] */
};

/* what a step is given, for all lanes */
struct request {
    const float *actions;
    float *observations;
    struct mdp_step *steps;
};

static mdp_err build_envs(struct mdp_vec *vec, const struct mdp_engine *engine) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < vec->n_lanes; i++) MDP_TRY(mdp_env_new_on(engine, vec->spec, &vec->envs[i]));
out:
    return err;
}

mdp_err mdp_vec_new(const struct mdp_env_spec *spec, int n_lanes, int n_threads, struct mdp_vec **out) {
    return mdp_vec_new_on(NULL, spec, n_lanes, n_threads, out);
}

mdp_err mdp_vec_new_on(const struct mdp_engine *engine, const struct mdp_env_spec *spec, int n_lanes, int n_threads,
                       struct mdp_vec **out) {
    mdp_err err = MDP_OK;
    struct mdp_vec *vec = NULL;
    *out = NULL;
    if (n_lanes < 1 || n_threads < 1)
        return mdp_fail(MDP_E_USAGE, "%s: expected at least 1 lane and 1 thread, found %d and %d", spec->id, n_lanes,
                        n_threads);
    MDP_TRY(mdp_calloc(&vec, 1, sizeof *vec, "environment lanes"));
    vec->spec = spec;
    vec->n_lanes = n_lanes;
    vec->n_threads = n_threads;
    MDP_TRY(mdp_calloc(&vec->envs, (unsigned long)n_lanes, sizeof(struct mdp_env *), "environment lanes"));
    MDP_TRY(mdp_calloc(&vec->active_envs, (unsigned long)n_lanes, sizeof(struct mdp_env *), "environment lanes"));
    MDP_TRY(mdp_calloc(&vec->active, (unsigned long)n_lanes, sizeof(int), "environment lanes"));
    MDP_TRY(mdp_calloc(&vec->is_active, (unsigned long)n_lanes, sizeof(int), "environment lanes"));
    MDP_TRY(mdp_calloc(&vec->shares, (unsigned long)n_threads, sizeof(struct share), "environment lanes"));
    MDP_TRY(build_envs(vec, engine));
    *out = vec;
    vec = NULL;
out:
    mdp_vec_free(vec);
    return err;
}

void mdp_vec_free(struct mdp_vec *vec) {
    if (!vec) return;
    for (int i = 0; vec->envs && i < vec->n_lanes; i++) mdp_env_free(vec->envs[i]);
    free(vec->envs);
    free(vec->active);
    free(vec->active_envs);
    free(vec->is_active);
    free(vec->shares);
    free(vec);
}

/* keeps the active lanes dense, so that equal shares of them are equal shares of the work */
static void compact(struct mdp_vec *vec) {
    vec->n_active = 0;
    for (int i = 0; i < vec->n_lanes; i++)
        if (vec->is_active[i]) {
            vec->active_envs[vec->n_active] = vec->envs[i];
            vec->active[vec->n_active++] = i;
        }
}

void mdp_vec_reset_lane(struct mdp_vec *vec, int i_lane, uint64_t seed, uint32_t episode, float *observation) {
    mdp_env_reset(vec->envs[i_lane], seed, episode, observation);
    vec->is_active[i_lane] = 1;
    compact(vec);
}

void mdp_vec_release_lane(struct mdp_vec *vec, int i_lane) {
    vec->is_active[i_lane] = 0;
    compact(vec);
}

/* active lanes from number k on */
static void step_lanes(struct mdp_vec *vec, int k, int n, const struct request *r) {
    mdp_env_step_many(n, vec->active_envs + k, vec->active + k, r->actions, r->observations, r->steps);
    for (int i = k; i < k + n; i++)
        if (mdp_step_ended(&r->steps[vec->active[i]])) vec->is_active[vec->active[i]] = 0;
}

static void deal(struct mdp_vec *vec, int n_shares) {
    for (int s = 0; s < n_shares; s++) {
        atomic_init(&vec->shares[s].next, (int)((long)vec->n_active * s / n_shares));
        vec->shares[s].end = (int)((long)vec->n_active * (s + 1) / n_shares);
    }
}

static void work_off(struct mdp_vec *vec, struct share *share, const struct request *r) {
    const int n = mdp_env_n_at_once(vec->envs[0]);
    int k;
    while ((k = atomic_fetch_add_explicit(&share->next, n, memory_order_relaxed)) < share->end)
        step_lanes(vec, k, share->end - k < n ? share->end - k : n, r);
}

/* a thread works its own share off first, whose lanes are in its caches, then what others have not come to: because
 * theirs cost more, or the machine has other work for their processor, or they could not be started. worlds that are
 * stepped together are taken together */
void mdp_vec_step(struct mdp_vec *vec, const float *actions, float *observations, struct mdp_step *steps) {
    const struct request request = {actions, observations, steps};
    int n_threads = vec->n_threads < vec->n_active ? vec->n_threads : vec->n_active;
    if (n_threads == 0) return;
    deal(vec, n_threads);
#pragma omp parallel num_threads(n_threads)
    for (int s = 0; s < n_threads; s++) work_off(vec, &vec->shares[(omp_get_thread_num() + s) % n_threads], &request);
    compact(vec);
}

void mdp_vec_observe(const struct mdp_vec *vec, int i_lane, float *observation) {
    mdp_env_observe(vec->envs[i_lane], observation);
}

int mdp_vec_n_active(const struct mdp_vec *vec) { return vec->n_active; }

const int *mdp_vec_active(const struct mdp_vec *vec) { return vec->active; }

const struct mdp_env *mdp_vec_lane(const struct mdp_vec *vec, int i_lane) { return vec->envs[i_lane]; }
