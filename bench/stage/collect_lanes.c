#include "bench/stage/collect_lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/stop.h"

mdp_err mdp_collect_lanes_init(const struct mdp_engine *engine, const struct mdp_env_spec *spec, int n, int n_threads,
                               struct mdp_collect_lanes *l) {
    const unsigned long count = (unsigned long)n, o = (unsigned long)spec->n_obs, a = (unsigned long)spec->n_act;
    mdp_err err;
    *l = (struct mdp_collect_lanes){.spec = spec, .n = n};
    MDP_TRY(mdp_vec_new_on(engine, spec, n, n_threads, &l->vec));
    MDP_TRY(mdp_calloc(&l->active, count, sizeof(int), "states"));
    MDP_TRY(mdp_calloc(&l->episodes, count, sizeof(uint32_t), "states"));
    MDP_TRY(mdp_calloc(&l->numbers, count, sizeof(uint32_t), "states"));
    MDP_TRY(mdp_calloc(&l->questions, count * o, sizeof(float), "states"));
    MDP_TRY(mdp_calloc(&l->answers, count * a, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&l->actions, count * a, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&l->observations, count * o, sizeof(float), "states"));
    MDP_TRY(mdp_calloc(&l->steps, count, sizeof *l->steps, "states"));
out:
    return err;
}

void mdp_collect_lanes_free(struct mdp_collect_lanes *l) {
    void *arrays[] = {l->active,  l->episodes, l->numbers,      l->questions,
                      l->answers, l->actions,  l->observations, l->steps};
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++) free(arrays[k]);
    mdp_vec_free(l->vec);
    *l = (struct mdp_collect_lanes){.n = 0};
}

/* rows are written in the order of episodes, so those behind one that still runs do not count */
static int is_enough(const struct mdp_collect_lanes *l, const struct mdp_trajectory *block, long n_rows) {
    long rows = 0;
    for (int i = 0; i < l->n; i++) {
        rows += block[i].n;
        if (rows >= n_rows) return 1;
        if (block[i].n == 0 || !mdp_step_ended(&block[i].steps[block[i].n - 1])) return 0;
    }
    return 0;
}

/* the state of each active lane, as it is before the step, for the record and for the question. returns how many */
static int ask(struct mdp_collect_lanes *l, uint32_t first, struct mdp_trajectory *block) {
    const long o = l->spec->n_obs, n_dof = mdp_env_n_dof(l->spec);
    const int n = mdp_vec_n_active(l->vec);
    memcpy(l->active, mdp_vec_active(l->vec), (size_t)n * sizeof(int));
    for (int k = 0; k < n; k++) {
        struct mdp_trajectory *t = &block[l->active[k]];
        const struct mdp_env_view *view = mdp_env_get_view(mdp_vec_lane(l->vec, l->active[k]));
        memcpy(t->qpos + t->n * n_dof, view->qpos, (size_t)n_dof * sizeof(double));
        memcpy(t->qvel + t->n * n_dof, view->qvel, (size_t)n_dof * sizeof(double));
        memcpy(l->questions + k * o, t->observations + t->n * o, (size_t)o * sizeof(float));
        l->episodes[k] = first + (uint32_t)l->active[k];
        l->numbers[k] = (uint32_t)t->n;
    }
    return n;
}

static void step(struct mdp_collect_lanes *l, int n, struct mdp_trajectory *block) {
    const long o = l->spec->n_obs, a = l->spec->n_act;
    for (int k = 0; k < n; k++) {
        struct mdp_trajectory *t = &block[l->active[k]];
        memcpy(t->actions + t->n * a, l->answers + k * a, (size_t)a * sizeof(float));
        memcpy(l->actions + l->active[k] * a, l->answers + k * a, (size_t)a * sizeof(float));
    }
    mdp_vec_step(l->vec, l->actions, l->observations, l->steps);
    for (int k = 0; k < n; k++) {
        const int i = l->active[k];
        struct mdp_trajectory *t = &block[i];
        t->steps[t->n++] = l->steps[i];
        memcpy(t->observations + t->n * o, l->observations + i * o, (size_t)o * sizeof(float));
    }
}

mdp_err mdp_collect_block(struct mdp_collect_lanes *l, uint64_t seed, uint32_t first, long n_rows,
                          struct mdp_trajectory *block) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < l->n; i++) {
        block[i].n = 0;
        mdp_vec_reset_lane(l->vec, i, seed, first + (uint32_t)i, block[i].observations);
    }
    while (mdp_vec_n_active(l->vec) > 0 && !is_enough(l, block, n_rows)) {
        MDP_TRY(mdp_stop_requested());
        const int n = ask(l, first, block);
        MDP_TRY(l->actor.act(l->actor.context, n, l->questions, l->episodes, l->numbers, l->answers));
        step(l, n, block);
    }
out:
    for (int i = 0; i < l->n; i++) mdp_vec_release_lane(l->vec, i);
    return err;
}
