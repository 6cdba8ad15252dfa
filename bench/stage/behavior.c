#include "bench/stage/behavior.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/stop.h"

void mdp_behavior_sac(const struct mdp_behavior_settings *settings, struct mdp_sac_config *out) {
    mdp_sac_defaults(out, settings->spec->n_obs, settings->spec->n_act, settings->seed);
    out->n_threads = settings->n_threads;
    if (settings->learning_rate > 0) out->learning_rate = settings->learning_rate;
    if (settings->discount > 0) out->discount = settings->discount;
    if (settings->tau > 0) out->tau = settings->tau;
}

mdp_err mdp_behavior_new(const struct mdp_behavior_settings *settings, struct mdp_behavior **out) {
    mdp_err err;
    struct mdp_behavior *run = NULL;
    struct mdp_sac_config config;
    const struct mdp_env_spec *spec = settings->spec;
    MDP_TRY(mdp_calloc(&run, 1, sizeof *run, "behaviour run"));
    run->settings = *settings;
    mdp_behavior_sac(settings, &config);
    MDP_TRY(mdp_sac_new(&config, &run->sac));
    MDP_TRY(mdp_env_new_on(settings->engine, spec, &run->env));
    MDP_TRY(mdp_transitions_alloc(&run->replay, settings->capacity, spec->n_obs, spec->n_act));
    *out = run;
    return MDP_OK;
out:
    mdp_behavior_free(run);
    return err;
}

void mdp_behavior_free(struct mdp_behavior *run) {
    if (run == NULL) return;
    mdp_sac_free(run->sac);
    mdp_env_free(run->env);
    mdp_transitions_free(&run->replay);
    free(run);
}

long mdp_behavior_filled(const struct mdp_behavior *run) {
    return run->step < run->settings.capacity ? run->step : run->settings.capacity;
}

static void choose_action(struct mdp_behavior *run, const float *observation, float *action) {
    if (run->step >= run->settings.n_warmup) {
        mdp_sac_explore(run->sac, (uint32_t)run->step, observation, action);
        return;
    }
    struct mdp_rng rng = mdp_rng_stream(run->settings.seed, MDP_RNG_EXPLORE, (uint32_t)run->step, 0);
    for (int i = 0; i < run->settings.spec->n_act; i++) action[i] = (float)(2.0 * mdp_rng_uniform(&rng) - 1.0);
}

/* writes the transition into the ring; a time limit is not a termination, so values bootstrap through it */
static void remember(struct mdp_behavior *run, const struct mdp_behavior_transition *seen) {
    size_t o = (size_t)run->replay.n_obs, a = (size_t)run->replay.n_act;
    size_t row = (size_t)(run->step % run->settings.capacity);
    memcpy(run->replay.observations + row * o, seen->observation, o * sizeof(float));
    memcpy(run->replay.actions + row * a, seen->action, a * sizeof(float));
    memcpy(run->replay.next_observations + row * o, seen->next_observation, o * sizeof(float));
    run->replay.rewards[row] = (float)seen->step->reward;
    run->replay.terminals[row] = seen->step->terminated ? 1.0f : 0.0f;
}

long mdp_behavior_whole(const struct mdp_behavior *run) { return run->step - run->n_open; }

/* the open episode once more, by the actions that the replay memory holds */
static mdp_err retrace(struct mdp_behavior *run, float *now) {
    size_t o = (size_t)run->replay.n_obs, a = (size_t)run->replay.n_act;
    float next[MDP_ENV_MAX_OBS];
    struct mdp_step step;
    for (long i = mdp_behavior_whole(run); i < run->step; i++) {
        size_t row = (size_t)(i % run->settings.capacity);
        mdp_env_step(run->env, run->replay.actions + row * a, next, &step);
        if (memcmp(next, run->replay.next_observations + row * o, o * sizeof(float)) != 0 || mdp_step_ended(&step))
            return mdp_fail(MDP_E_DATA,
                            "%s: step %ld: expected the observation that the replay memory holds, found "
                            "another: the run was stopped on another machine, or its state is damaged",
                            run->settings.spec->id, i);
        run->episode_return += step.reward;
        memcpy(now, next, o * sizeof(float));
    }
    return MDP_OK;
}

static mdp_err take_step(struct mdp_behavior *run, float *now, struct mdp_step *step, mdp_behavior_hook hook,
                         void *context) {
    float next[MDP_ENV_MAX_OBS], action[MDP_ENV_MAX_ACT];
    struct mdp_env_view before = *mdp_env_get_view(run->env);
    mdp_err err;
    choose_action(run, now, action);
    mdp_env_step(run->env, action, next, step);
    if (step->non_finite)
        return mdp_fail(MDP_E_INTERNAL, "%s: the simulation left the finite numbers at step %ld",
                        run->settings.spec->id, run->step);
    struct mdp_behavior_transition seen = {now, action, next, before.qpos, before.qvel, step};
    remember(run, &seen);
    if (hook != NULL && (err = hook(context, &seen)) != MDP_OK) return err;
    run->step++;
    run->n_open++;
    run->episode_return += step->reward;
    if (run->step > run->settings.n_warmup)
        mdp_sac_update(run->sac, &run->replay, mdp_behavior_filled(run), (uint32_t)run->step, &run->log);
    memcpy(now, next, (size_t)run->settings.spec->n_obs * sizeof(float));
    return MDP_OK;
}

mdp_err mdp_behavior_episode(struct mdp_behavior *run, mdp_behavior_hook hook, void *context) {
    float now[MDP_ENV_MAX_OBS];
    struct mdp_step step;
    mdp_err err;
    mdp_env_reset(run->env, run->settings.seed, run->episode, now);
    run->episode_return = 0;
    MDP_TRY(retrace(run, now));
    do {
        MDP_TRY(mdp_stop_requested());
        MDP_TRY(take_step(run, now, &step, hook, context));
    } while (!mdp_step_ended(&step));
    run->n_open = 0;
    run->episode++;
    run->window_sum += run->episode_return;
    run->window_n++;
out:
    return err;
}
