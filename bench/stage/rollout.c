#include "bench/stage/rollout.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/stop.h"

/* the cleandiffuser return rule looks at what an environment yields after its episode ended and it was reset, unless
 * all have ended before the time limit: such extra episodes get numbers of their own, far from those that count */
static const uint32_t after_end = 0x40000000u;

/* one lane's place in the work */
struct lane {
    uint32_t episode; /* the episode that the environment runs */
    int slot;         /* the episode of the work that its rewards are recorded for */
    int n_steps;      /* steps recorded for it so far */
    double objective; /* what they are worth, up to the episode's end */
    int has_ended;    /* the slot's own episode is over (cleandiffuser rule only) */
    int n_taped;      /* so many of its actions are known from before a stop */
};

struct work {
    const struct mdp_evaluation *evaluation;
    const struct mdp_actor *actor;
    struct mdp_rollout *out;
    struct mdp_vec *vec;
    struct lane *lanes;
    float *observations, *actions; /* [n_lanes, .] */
    float *rows, *row_actions;     /* the active lanes, packed */
    uint32_t *row_episodes, *row_steps;
    struct mdp_step *steps;
    double *rewards; /* [n_lanes, max_steps] */
    uint8_t *dones;
    double *early_returns; /* [n_episodes]: what the rule gives if no episode reaches the time limit */
    int next_slot;
    struct mdp_tape *tape; /* NULL: nothing is kept at a stop */
    float *taped;          /* [n_lanes, max_steps, n_act]: what is on it of each lane's slot, and what will be */
};

static mdp_err work_alloc(struct work *work) {
    mdp_err err;
    const struct mdp_evaluation *e = work->evaluation;
    unsigned long n = (unsigned long)e->n_lanes, o = (unsigned long)e->spec->n_obs, a = (unsigned long)e->spec->n_act;
    unsigned long t = (unsigned long)e->spec->max_steps;
    size_t step = sizeof(double) + sizeof(uint8_t) + (work->tape != NULL ? a * sizeof(float) : 0);
    MDP_TRY(mdp_memory_expect("lanes", (double)n * (double)t * (double)step));
    MDP_TRY(mdp_vec_new_on(e->engine, e->spec, e->n_lanes, e->n_threads, &work->vec));
    MDP_TRY(mdp_calloc(&work->lanes, n, sizeof *work->lanes, "lanes"));
    MDP_TRY(mdp_calloc(&work->observations, n * o, sizeof(float), "lanes"));
    MDP_TRY(mdp_calloc(&work->actions, n * a, sizeof(float), "lanes"));
    MDP_TRY(mdp_calloc(&work->rows, n * o, sizeof(float), "lanes"));
    MDP_TRY(mdp_calloc(&work->row_actions, n * a, sizeof(float), "lanes"));
    MDP_TRY(mdp_calloc(&work->row_episodes, n, sizeof(uint32_t), "lanes"));
    MDP_TRY(mdp_calloc(&work->row_steps, n, sizeof(uint32_t), "lanes"));
    MDP_TRY(mdp_calloc(&work->steps, n, sizeof *work->steps, "lanes"));
    MDP_TRY(mdp_calloc(&work->rewards, n * t, sizeof(double), "rewards"));
    MDP_TRY(mdp_calloc(&work->dones, n * t, sizeof(uint8_t), "rewards"));
    if (work->tape != NULL) MDP_TRY(mdp_calloc(&work->taped, n * t * a, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&work->early_returns, (unsigned long)e->n_episodes, sizeof(double), "rewards"));
out:
    return err;
}

static void work_free(struct work *work) {
    void *blocks[] = {work->lanes,       work->observations, work->actions,       work->rows,
                      work->row_actions, work->row_episodes, work->row_steps,     work->steps,
                      work->rewards,     work->dones,        work->early_returns, work->taped};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) free(blocks[i]);
    mdp_vec_free(work->vec);
}

static void start_episode(struct work *work, int i_lane, uint32_t episode) {
    const struct mdp_evaluation *e = work->evaluation;
    work->lanes[i_lane].episode = episode;
    mdp_vec_reset_lane(work->vec, i_lane, e->seed, episode, work->observations + (long)i_lane * e->spec->n_obs);
}

/* what a watcher is told: not of what runs on behind an episode's end */
static void show(const struct work *work, int i_lane) {
    const struct mdp_watch *watch = &work->evaluation->watch;
    const struct lane *lane = &work->lanes[i_lane];
    if (watch->see != NULL && !lane->has_ended)
        watch->see(watch->context, lane->episode, lane->n_steps, mdp_env_get_view(mdp_vec_lane(work->vec, i_lane)));
}

static float *lane_tape(const struct work *work, int i_lane) {
    const struct mdp_env_spec *spec = work->evaluation->spec;
    return work->taped + (long)i_lane * spec->max_steps * spec->n_act;
}

/* an episode that was over before a stop is taken from the tape */
static void skip_done(struct work *work) {
    for (; work->next_slot < work->evaluation->n_episodes && work->tape->is_done[work->next_slot]; work->next_slot++) {
        const struct mdp_tape *tape = work->tape;
        const int i = work->next_slot;
        work->out[i] = (struct mdp_rollout){tape->returns[i],
                                            tape->objective_returns[i],
                                            tape->lengths[i],
                                            {.terminated = tape->ends[i] & 1,
                                             .truncated = tape->ends[i] >> 1 & 1,
                                             .non_finite = tape->ends[i] >> 2 & 1}};
        work->early_returns[i] = tape->early_returns[i];
    }
}

static void take_tape(struct work *work, int i_lane) {
    struct lane *lane = &work->lanes[i_lane];
    const struct mdp_taped *open = &work->tape->open[lane->slot];
    lane->n_taped = open->n;
    if (open->n > 0)
        memcpy(lane_tape(work, i_lane), open->actions,
               (size_t)open->n * (size_t)work->evaluation->spec->n_act * sizeof(float));
}

static void start_slot(struct work *work, int i_lane) {
    if (work->tape != NULL) skip_done(work);
    if (work->next_slot >= work->evaluation->n_episodes) return;
    work->lanes[i_lane] = (struct lane){.slot = work->next_slot};
    if (work->tape != NULL) take_tape(work, i_lane);
    start_episode(work, i_lane, (uint32_t)(work->evaluation->first_episode + work->next_slot++));
    show(work, i_lane);
}

/* packs the lanes whose next action is not known; returns how many */
static int pack_rows(struct work *work) {
    const int *active = mdp_vec_active(work->vec);
    const long o = work->evaluation->spec->n_obs;
    int n = 0;
    for (int i = 0; i < mdp_vec_n_active(work->vec); i++) {
        const struct lane *lane = &work->lanes[active[i]];
        if (lane->n_steps < lane->n_taped) continue;
        memcpy(work->rows + n * o, work->observations + active[i] * o, (size_t)o * sizeof(float));
        work->row_episodes[n] = lane->episode;
        work->row_steps[n] = (uint32_t)lane->n_steps;
        n++;
    }
    return n;
}

static mdp_err act_on_active(struct work *work) {
    const int *active = mdp_vec_active(work->vec);
    const struct mdp_actor *actor = work->actor;
    const long a = work->evaluation->spec->n_act;
    const size_t size = (size_t)a * sizeof(float);
    int n = pack_rows(work), i_row = 0;
    mdp_err err = MDP_OK;
    if (n > 0)
        MDP_TRY(actor->act(actor->context, n, work->rows, work->row_episodes, work->row_steps, work->row_actions));
    for (int i = 0; i < mdp_vec_n_active(work->vec); i++) {
        const struct lane *lane = &work->lanes[active[i]];
        float *action = work->actions + active[i] * a;
        float *taped = work->tape != NULL ? lane_tape(work, active[i]) + lane->n_steps * a : NULL;
        if (lane->n_steps < lane->n_taped) {
            memcpy(action, taped, size);
            continue;
        }
        memcpy(action, work->row_actions + i_row++ * a, size);
        if (taped != NULL) memcpy(taped, action, size);
    }
out:
    return err;
}

static void note_done(struct work *work, int slot) {
    struct mdp_tape *tape = work->tape;
    const struct mdp_rollout *rollout = &work->out[slot];
    const struct mdp_step *last = &rollout->last;
    tape->is_done[slot] = 1;
    tape->returns[slot] = rollout->episode_return;
    tape->objective_returns[slot] = rollout->objective_return;
    tape->early_returns[slot] = work->early_returns[slot];
    tape->lengths[slot] = rollout->length;
    tape->ends[slot] = (uint8_t)((last->terminated != 0) | (last->truncated != 0) << 1 | (last->non_finite != 0) << 2);
    tape->open[slot].n = 0;
}

static void finish_slot(struct work *work, int i_lane) {
    const struct mdp_evaluation *e = work->evaluation;
    struct lane *lane = &work->lanes[i_lane];
    long offset = (long)i_lane * e->spec->max_steps;
    const double *rewards = work->rewards + offset;
    const uint8_t *dones = work->dones + offset;
    struct mdp_rollout *out = &work->out[lane->slot];
    out->objective_return = lane->objective;
    out->episode_return = mdp_episode_return(e->rule, lane->n_steps, 1, rewards, dones);
    work->early_returns[lane->slot] = mdp_episode_return(e->rule, out->length, 1, rewards, dones);
    if (work->tape != NULL) note_done(work, lane->slot);
    mdp_vec_release_lane(work->vec, i_lane);
    start_slot(work, i_lane);
}

/* books what a lane's step gave; the slot ends with its episode, or under the cleandiffuser rule at the time limit */
static void book_step(struct work *work, int i_lane) {
    const struct mdp_evaluation *e = work->evaluation;
    struct lane *lane = &work->lanes[i_lane];
    const struct mdp_step *step = &work->steps[i_lane];
    long offset = (long)i_lane * e->spec->max_steps + lane->n_steps;
    int ended = mdp_step_ended(step);
    work->rewards[offset] = step->reward;
    work->dones[offset] = (uint8_t)ended;
    lane->n_steps++;
    if (e->objective != NULL && !lane->has_ended && !step->non_finite)
        lane->objective += mdp_objective_value(e->objective, step->terms);
    show(work, i_lane);
    if (ended && !lane->has_ended) {
        lane->has_ended = 1;
        work->out[lane->slot].length = lane->n_steps;
        work->out[lane->slot].last = *step;
    }
    int runs_on = e->rule == MDP_RETURN_CLEANDIFFUSER && lane->n_steps < e->spec->max_steps;
    if (lane->has_ended && !runs_on)
        finish_slot(work, i_lane);
    else if (ended)
        start_episode(work, i_lane,
                      after_end + (uint32_t)(e->first_episode + lane->slot) * (uint32_t)e->spec->max_steps +
                          (uint32_t)lane->n_steps);
}

/* the reference loop ends with the last episode: without one that reaches the time limit nothing strays in */
static void settle_returns(struct work *work) {
    const struct mdp_evaluation *e = work->evaluation;
    if (e->has_full) return;
    for (int i = 0; i < e->n_episodes; i++)
        if (work->out[i].length == e->spec->max_steps) return;
    for (int i = 0; i < e->n_episodes; i++) work->out[i].episode_return = work->early_returns[i];
}

/* what the lanes have done goes on the tape; a stop on the way to where the last one was takes nothing off it. of an
 * actor that may remember, open episodes are not kept: it has to see them from their start */
static mdp_err keep_open(struct work *work) {
    const int *active = mdp_vec_active(work->vec);
    if (work->actor->may_remember) return MDP_OK;
    for (int i = 0; i < mdp_vec_n_active(work->vec); i++) {
        const struct lane *lane = &work->lanes[active[i]];
        if (lane->n_steps <= lane->n_taped) continue;
        mdp_err err = mdp_tape_put(work->tape, lane->slot, lane->n_steps, lane_tape(work, active[i]));
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

static mdp_err check_stop(struct work *work) {
    mdp_err err = mdp_stop_requested();
    if (err == MDP_OK || work->tape == NULL) return err;
    MDP_TRY(keep_open(work));
    MDP_TRY(mdp_stop_requested());
out:
    return err;
}

mdp_err mdp_evaluate(const struct mdp_evaluation *evaluation, const struct mdp_actor *actor, const char *label,
                     struct mdp_rollout *out) {
    return mdp_evaluate_on(evaluation, actor, label, NULL, out);
}

mdp_err mdp_evaluate_on(const struct mdp_evaluation *evaluation, const struct mdp_actor *actor, const char *label,
                        struct mdp_tape *tape, struct mdp_rollout *out) {
    mdp_err err;
    struct work work = {.evaluation = evaluation, .actor = actor, .out = out, .tape = tape};
    int *stepped = NULL;
    struct mdp_progress progress;
    double n_steps = 0;
    MDP_TRY(work_alloc(&work));
    MDP_TRY(mdp_calloc(&stepped, (unsigned long)evaluation->n_lanes, sizeof *stepped, "lanes"));
    for (int i = 0; i < evaluation->n_lanes; i++) start_slot(&work, i);
    mdp_progress_start(&progress, label, "steps", 0, (double)evaluation->n_episodes * evaluation->spec->max_steps);
    while (mdp_vec_n_active(work.vec) > 0) {
        MDP_TRY(check_stop(&work));
        int n = mdp_vec_n_active(work.vec);
        memcpy(stepped, mdp_vec_active(work.vec), (size_t)n * sizeof *stepped);
        MDP_TRY(act_on_active(&work));
        mdp_vec_step(work.vec, work.actions, work.observations, work.steps);
        for (int i = 0; i < n; i++) book_step(&work, stepped[i]);
        n_steps += n;
        mdp_progress_update(&progress, n_steps, NULL);
    }
    mdp_progress_end(&progress, n_steps);
    settle_returns(&work);
out:
    free(stepped);
    work_free(&work);
    return err;
}
