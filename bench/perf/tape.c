#include "bench/perf/tape.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "envs/env.h"

/* one step; is_start: an episode begins before it, in qpos and qvel */
struct frame {
    int is_start;
    double qpos[MDP_ENV_MAX_DOF], qvel[MDP_ENV_MAX_DOF];
    float action[MDP_ENV_MAX_ACT];
};

struct mdp_perf_tape {
    struct mdp_env *env;
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
    float observation[MDP_ENV_MAX_OBS];
    struct mdp_step step = {.truncated = 1};
    uint32_t episode = 0;
    for (int i = 0; i < MDP_PERF_TAPE_STEPS; i++) {
        struct frame *frame = &tape->frames[i];
        frame->is_start = mdp_step_ended(&step);
        if (frame->is_start) mdp_env_reset(env, 0, episode++, observation);
        memcpy(frame->qpos, mdp_env_get_view(env)->qpos, sizeof frame->qpos);
        memcpy(frame->qvel, mdp_env_get_view(env)->qvel, sizeof frame->qvel);
        mdp_perf_draw_actions(&rng, frame->action, spec->n_act);
        mdp_env_step(env, frame->action, observation, &step);
    }
}

mdp_err mdp_perf_tape_new(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                          struct mdp_perf_tape **out) {
    mdp_err err;
    struct mdp_perf_tape *tape = NULL;
    MDP_TRY(mdp_calloc(&tape, 1, sizeof *tape, "physics"));
    MDP_TRY(mdp_env_new_on(engine, spec, &tape->env));
    record(tape->env, tape);
    *out = tape;
    tape = NULL;
out:
    mdp_perf_tape_free(tape);
    return err;
}

void mdp_perf_tape_free(struct mdp_perf_tape *tape) {
    if (tape == NULL) return;
    mdp_env_free(tape->env);
    free(tape);
}

long mdp_perf_tape_work(void *context) {
    struct mdp_perf_tape *tape = context;
    for (int i = 0; i < MDP_PERF_TAPE_AT_ONCE; i++) {
        const struct frame *frame = &tape->frames[tape->i_step];
        if (frame->is_start) mdp_env_place(tape->env, frame->qpos, frame->qvel);
        mdp_env_simulate(tape->env, frame->action);
        tape->i_step = (tape->i_step + 1) % MDP_PERF_TAPE_STEPS;
    }
    return MDP_PERF_TAPE_AT_ONCE;
}

void mdp_perf_tape_read(struct mdp_perf_tape *tape, double *qpos) { mdp_env_locate(tape->env, qpos); }
