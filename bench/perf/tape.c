#include "bench/perf/tape.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "envs/engine.h"
#include "envs/env.h"
#include "envs/locomotion.h"
#include "envs/physics/world.h"

/* one step; is_start: the joints are put at rest in qpos before it */
struct frame {
    int is_start;
    double qpos[MDP_ENV_MAX_DOF], torques[MDP_ENV_MAX_JOINTS];
};

struct mdp_perf_tape {
    const struct mdp_physics *physics;
    void *world;
    int i_step;
    struct frame frames[MDP_PERF_TAPE_STEPS];
};

struct mdp_rng mdp_perf_action_stream(void) {
    return mdp_rng_stream(0, MDP_RNG_EXPLORE, 0, 0);
}

void mdp_perf_draw_actions(struct mdp_rng *rng, float *actions, int n) {
    for (int i = 0; i < n; i++) actions[i] = (float)(2.0 * mdp_rng_uniform(rng) - 1.0);
}

static void record(struct mdp_env *env, struct mdp_perf_tape *tape) {
    struct mdp_rng rng = mdp_perf_action_stream();
    const struct mdp_env_spec *spec = mdp_env_get_spec(env);
    float action[MDP_ENV_MAX_ACT], wrapped[MDP_ENV_MAX_ACT], observation[MDP_ENV_MAX_OBS];
    struct mdp_step step = {.truncated = 1};
    uint32_t episode = 0;
    for (int i = 0; i < MDP_PERF_TAPE_STEPS; i++) {
        struct frame *frame = &tape->frames[i];
        frame->is_start = mdp_step_ended(&step);
        if (frame->is_start) mdp_env_reset(env, 0, episode++, observation);
        memcpy(frame->qpos, mdp_env_get_view(env)->qpos, sizeof frame->qpos);
        mdp_perf_draw_actions(&rng, action, spec->n_act);
        mdp_locomotion_wrap(spec->model, action, wrapped);
        mdp_locomotion_torques(spec->model, (struct mdp_action){.f32 = wrapped}, frame->torques);
        mdp_env_step(env, action, observation, &step);
    }
}

mdp_err mdp_perf_tape_new(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                          struct mdp_perf_tape **out) {
    mdp_err err;
    struct mdp_perf_tape *tape = NULL;
    struct mdp_env *env = NULL;
    MDP_TRY(mdp_calloc(&tape, 1, sizeof *tape, "physics"));
    MDP_TRY(mdp_engine_new_world(engine, spec->model, &tape->physics, &tape->world));
    MDP_TRY(mdp_env_new_on(engine, spec, &env));
    record(env, tape);
    *out = tape;
    tape = NULL;
out:
    mdp_env_free(env);
    mdp_perf_tape_free(tape);
    return err;
}

void mdp_perf_tape_free(struct mdp_perf_tape *tape) {
    if (tape == NULL) return;
    if (tape->world != NULL) tape->physics->destroy(tape->world);
    free(tape);
}

long mdp_perf_tape_work(void *context) {
    struct mdp_perf_tape *tape = context;
    for (int i = 0; i < MDP_PERF_TAPE_AT_ONCE; i++) {
        const struct frame *frame = &tape->frames[tape->i_step];
        if (frame->is_start) tape->physics->reset(tape->world, frame->qpos);
        tape->physics->step(tape->world, frame->torques);
        tape->i_step = (tape->i_step + 1) % MDP_PERF_TAPE_STEPS;
    }
    return MDP_PERF_TAPE_AT_ONCE;
}

void mdp_perf_tape_read(struct mdp_perf_tape *tape, struct mdp_world_state *state) {
    tape->physics->read(tape->world, state);
}
