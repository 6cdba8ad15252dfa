/* many environments at once, and when a lane begins its next episode. */
#include <stdlib.h>
#include <string.h>

#include "bench/lib/internal.h"
#include "bench/run/work.h"
#include "envs/vec.h"

_Static_assert(sizeof(struct mdpbench_episode_state) == 32,
               "the layout of mdpbench_episode_state is a part of the ABI");

/* one lane's episodes */
struct lane {
    struct mdpbench_episode_state now, ended;
    uint32_t stride;
    int has_begun, has_ended; /* any episode; the one of `now` */
    int is_any_over;          /* `ended` is one */
};

struct mdpbench_vec {
    struct mdp_lib_world world;
    struct mdp_vec *vec;
    enum mdpbench_autoreset autoreset;
    int n_lanes;
    struct lane *lanes;
    struct mdp_step *steps; /* [n_lanes] */
};

static mdp_err check_counts(const struct mdp_env_spec *spec, int32_t n_lanes, int32_t n_threads, int32_t autoreset) {
    if (n_lanes < 1 || n_threads < 1)
        return mdp_fail(MDP_E_USAGE, "%s: expected at least 1 lane and 1 thread, found %d and %d", spec->id, n_lanes,
                        n_threads);
    if (autoreset < MDPBENCH_NEXT_STEP || autoreset > MDPBENCH_DISABLED)
        return mdp_fail(MDP_E_USAGE, "%s: autoreset: expected 0 to 2, found %d", spec->id, autoreset);
    /* OpenMP ends the process where it cannot start a thread, so they are tried first */
    long n_there = n_threads > 1 ? mdp_work_count_threads(n_threads) : n_threads;
    if (n_there >= n_threads) return MDP_OK;
    return mdp_fail(MDP_E_IO, "%s: threads: expected %d, found no more than %ld that can be started", spec->id,
                    n_threads, n_there);
}

int mdpbench_vec_new(const char *name, const char *physics, int32_t n_lanes, int32_t n_threads, int32_t autoreset,
                     struct mdpbench_vec **out) {
    struct mdpbench_vec *vec = NULL;
    mdp_err err;
    MDP_TRY(mdp_lib_need(out, "vec"));
    *out = NULL;
    MDP_TRY(mdp_calloc(&vec, 1, sizeof *vec, "environments"));
    MDP_TRY(mdp_lib_world_open(name, physics, &vec->world));
    MDP_TRY(check_counts(vec->world.spec, n_lanes, n_threads, autoreset));
    vec->autoreset = (enum mdpbench_autoreset)autoreset;
    vec->n_lanes = n_lanes;
    MDP_TRY(mdp_calloc(&vec->lanes, (unsigned long)n_lanes, sizeof *vec->lanes, "environment lanes"));
    MDP_TRY(mdp_calloc(&vec->steps, (unsigned long)n_lanes, sizeof *vec->steps, "environment lanes"));
    mdp_lib_lock();
    err = mdp_vec_new_on(vec->world.engine, vec->world.spec, n_lanes, n_threads, &vec->vec);
    mdp_lib_unlock();
    if (err != MDP_OK) goto out;
    *out = vec;
    vec = NULL;
out:
    mdpbench_vec_free(vec);
    return err;
}

void mdpbench_vec_free(struct mdpbench_vec *vec) {
    if (vec == NULL) return;
    mdp_vec_free(vec->vec);
    mdp_lib_world_close(&vec->world);
    free(vec->lanes);
    free(vec->steps);
    free(vec);
}

/* ---- where episodes begin ---- */

static void begin(struct mdpbench_vec *vec, int i_lane, uint64_t seed, uint32_t episode, float *observations) {
    struct lane *lane = &vec->lanes[i_lane];
    lane->now = (struct mdpbench_episode_state){.seed = seed, .episode = episode};
    lane->has_begun = 1;
    lane->has_ended = 0;
    mdp_vec_reset_lane(vec->vec, i_lane, seed, episode, observations + (long)i_lane * vec->world.spec->n_obs);
}

static void begin_next(struct mdpbench_vec *vec, int i_lane, float *observations) {
    const struct lane *lane = &vec->lanes[i_lane];
    begin(vec, i_lane, lane->now.seed, lane->now.episode + lane->stride, observations);
}

/* a lane that no episode has begun in has nothing to observe, and no next one */
static mdp_err check_reset(const struct mdpbench_vec *vec, const uint8_t *mask, const uint64_t *seeds,
                           const uint32_t *episodes, uint32_t stride) {
    const char *id = vec->world.spec->id;
    if ((seeds == NULL) != (episodes == NULL))
        return mdp_fail(MDP_E_USAGE, "%s: expected seeds and episodes, or none of both, found one", id);
    if (stride < 1 && seeds != NULL)
        return mdp_fail(MDP_E_USAGE, "%s: stride: expected at least 1 beside seeds, found 0", id);
    for (int i = 0; i < vec->n_lanes; i++) {
        int is_given = seeds != NULL && (mask == NULL || mask[i]);
        if (is_given || vec->lanes[i].has_begun) continue;
        return mdp_fail(MDP_E_USAGE, "%s: lane %d: expected a seed, as no episode has begun there, found none", id, i);
    }
    return MDP_OK;
}

int mdpbench_vec_reset(struct mdpbench_vec *vec, const uint8_t *mask, const uint64_t *seeds, const uint32_t *episodes,
                       uint32_t stride, float *observations) {
    mdp_err err;
    MDP_TRY(mdp_lib_need(vec, "vec"));
    MDP_TRY(mdp_lib_need(observations, "observations"));
    MDP_TRY(check_reset(vec, mask, seeds, episodes, stride));
    for (int i = 0; i < vec->n_lanes; i++) {
        if (mask != NULL && !mask[i]) {
            mdp_vec_observe(vec->vec, i, observations + (long)i * vec->world.spec->n_obs);
            continue;
        }
        if (stride > 0) vec->lanes[i].stride = stride;
        if (seeds != NULL)
            begin(vec, i, seeds[i], episodes[i], observations);
        else
            begin_next(vec, i, observations);
    }
out:
    return err;
}

/* ---- steps ---- */

static mdp_err check_lanes(const struct mdpbench_vec *vec) {
    for (int i = 0; i < vec->n_lanes; i++) {
        const struct lane *lane = &vec->lanes[i];
        if (lane->has_begun && (!lane->has_ended || vec->autoreset == MDPBENCH_NEXT_STEP)) continue;
        return mdp_fail(MDP_E_USAGE, "%s: lane %d: expected an episode under way, found %s; reset begins one",
                        vec->world.spec->id, i, lane->has_begun ? "one that has ended" : "none");
    }
    return MDP_OK;
}

/* the row of a final observation, and the next episode where it begins at once */
static void end_episode(struct mdpbench_vec *vec, int i_lane, float *observations, float *final_observations) {
    struct lane *lane = &vec->lanes[i_lane];
    const long n_obs = vec->world.spec->n_obs;
    lane->ended = lane->now;
    lane->has_ended = lane->is_any_over = 1;
    if (final_observations != NULL)
        memcpy(final_observations + i_lane * n_obs, observations + i_lane * n_obs, (size_t)n_obs * sizeof(float));
    if (vec->autoreset == MDPBENCH_SAME_STEP) begin_next(vec, i_lane, observations);
}

/* what a lane's step gave, or 0 for the one that begins its next episode; returns 1 if it ended one */
static int book_step(struct mdpbench_vec *vec, int i_lane, double *reward, uint8_t *terminated, uint8_t *truncated) {
    struct lane *lane = &vec->lanes[i_lane];
    const struct mdp_step none = {.reward = 0}, *step = lane->has_ended ? &none : &vec->steps[i_lane];
    *reward = step->reward;
    *terminated = step->terminated || step->non_finite;
    *truncated = step->truncated != 0;
    lane->now.episode_return += step->reward;
    lane->now.length++;
    return mdp_step_ended(step);
}

int mdpbench_vec_step(struct mdpbench_vec *vec, const float *actions, float *observations, double *rewards,
                      uint8_t *terminated, uint8_t *truncated, float *final_observations, int32_t *n_ended) {
    int n_over = 0;
    mdp_err err;
    MDP_TRY(mdp_lib_need(vec, "vec"));
    MDP_TRY(mdp_lib_need(actions, "actions"));
    MDP_TRY(mdp_lib_need(observations, "observations"));
    MDP_TRY(mdp_lib_need(rewards, "rewards"));
    MDP_TRY(mdp_lib_need(terminated, "terminated"));
    MDP_TRY(mdp_lib_need(truncated, "truncated"));
    MDP_TRY(check_lanes(vec));
    MDP_TRY(mdp_lib_check_finite("actions", vec->n_lanes, vec->world.spec->n_act, actions));
    mdp_vec_step(vec->vec, actions, observations, vec->steps);
    for (int i = 0; i < vec->n_lanes; i++) {
        int was_over = vec->lanes[i].has_ended, is_over = book_step(vec, i, &rewards[i], &terminated[i], &truncated[i]);
        if (was_over) begin_next(vec, i, observations);
        if (is_over) end_episode(vec, i, observations, final_observations);
        n_over += is_over;
    }
    if (n_ended != NULL) *n_ended = n_over;
out:
    return err;
}

int mdpbench_vec_episode(const struct mdpbench_vec *vec, int32_t i_lane, int32_t ended,
                         struct mdpbench_episode_state *state) {
    mdp_err err;
    MDP_TRY(mdp_lib_need(vec, "vec"));
    MDP_TRY(mdp_lib_need(state, "state"));
    if (i_lane < 0 || i_lane >= vec->n_lanes)
        return mdp_fail(MDP_E_USAGE, "%s: lane: expected 0 to %d, found %d", vec->world.spec->id, vec->n_lanes - 1,
                        i_lane);
    const struct lane *lane = &vec->lanes[i_lane];
    if (ended ? !lane->is_any_over : !lane->has_begun)
        return mdp_fail(MDP_E_USAGE, "%s: lane %d: expected an episode, found none", vec->world.spec->id, i_lane);
    *state = ended ? lane->ended : lane->now;
    state->normalized_return = mdp_lib_normalize(&vec->world, state->episode_return);
out:
    return err;
}
