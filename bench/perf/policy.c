#define _DEFAULT_SOURCE
#include "bench/perf/policy.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsx.h"
#include "bench/policy/process.h"
#include "envs/engine.h"
#include "envs/vec.h"

enum { N_LANES = 50, COMMAND_MAX = 4 * MDP_PATH_MAX + 64, PATIENCE_SECONDS = 60 };

/* lanes that somebody acts in, and what they are told next */
struct side {
    const struct mdp_env_spec *spec;
    struct mdp_policy_process *process; /* NULL: inside */
    struct mdp_actor actor;
    struct mdp_vec *vec;
    float *actions, *observations;  /* [N_LANES, n_act], [N_LANES, n_obs] */
    struct mdp_step steps[N_LANES]; /* how the newest ones went */
    uint32_t episode[N_LANES], step[N_LANES], n_episodes;
    mdp_err err; /* of the first answer or time that was none; nothing is asked after it */
};

static mdp_err act_nothing(void *context, int n_states, const float *observations, const uint32_t *episodes,
                           const uint32_t *steps, float *actions) {
    const struct side *s = context;
    (void)observations, (void)episodes, (void)steps;
    memset(actions, 0, sizeof *actions * (size_t)(n_states * s->spec->n_act));
    return MDP_OK;
}

static void begin_episode(struct side *s, int i) {
    s->episode[i] = s->n_episodes++;
    s->step[i] = 0;
    mdp_vec_reset_lane(s->vec, i, 0, s->episode[i], s->observations + (long)i * s->spec->n_obs);
}

static long work_side(void *context) {
    struct side *s = context;
    if (s->err != MDP_OK) return 0;
    s->err = s->actor.act(s->actor.context, N_LANES, s->observations, s->episode, s->step, s->actions);
    if (s->err != MDP_OK) return 0;
    mdp_vec_step(s->vec, s->actions, s->observations, s->steps);
    for (int i = 0; i < N_LANES; i++) {
        s->step[i]++;
        if (mdp_step_ended(&s->steps[i])) begin_episode(s, i);
    }
    return N_LANES;
}

/* both processes, of which one waits while the other works */
static double side_seconds(void *context) {
    struct side *s = context;
    double there = 0;
    if (s->process != NULL && s->err == MDP_OK) s->err = mdp_policy_process_seconds(s->process, &there);
    return mdp_clock_cpu_seconds() + there;
}

static mdp_err side_init(const struct mdp_engine *engine, const struct mdp_env_spec *spec, struct side *s) {
    mdp_err err;
    s->spec = spec;
    s->actor = s->process != NULL ? mdp_policy_process_actor(s->process)
                                  : (struct mdp_actor){.context = s, .act = act_nothing};
    MDP_TRY(mdp_calloc(&s->actions, N_LANES * (unsigned long)spec->n_act, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&s->observations, N_LANES * (unsigned long)spec->n_obs, sizeof(float), "observations"));
    MDP_TRY(mdp_vec_new_on(engine, spec, N_LANES, 1, &s->vec));
    for (int i = 0; i < N_LANES; i++) begin_episode(s, i);
out:
    return err;
}

static void side_free(struct side *s) {
    mdp_policy_process_free(s->process);
    mdp_vec_free(s->vec);
    free(s->actions);
    free(s->observations);
}

/* this program by its own path, quoted for the shell, which becomes it */
static mdp_err own_command(char command[COMMAND_MAX]) {
    char path[MDP_PATH_MAX];
    size_t used = (size_t)sprintf(command, "exec '");
    const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n < 0) return mdp_fail(MDP_E_IO, "perf: cannot tell which program this is");
    for (ssize_t i = 0; i < n; i++) {
        const char one[] = {path[i], 0};
        used += (size_t)sprintf(command + used, "%s", path[i] == '\'' ? "'\\''" : one);
    }
    sprintf(command + used, "' act --null");
    return MDP_OK;
}

static mdp_err start(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                     struct mdp_policy_process **process) {
    char command[COMMAND_MAX];
    struct mdp_policy_request request = {.command = command, .seconds = PATIENCE_SECONDS};
    const struct mdp_task task = {.spec = spec, .name = "perf"};
    mdp_err err;
    MDP_TRY(mdp_policy_describe(&task, engine, &request.greeting));
    strcpy(request.greeting.mode, "perf");
    request.greeting.n_lanes = N_LANES;
    MDP_TRY(own_command(command));
    MDP_TRY(mdp_policy_process_new(&request, process));
out:
    return err;
}

/* the first that the physics is for */
static const struct mdp_env_spec *first_world(const struct mdp_engine *engine) {
    const struct mdp_env_spec *spec;
    for (int i = 0; (spec = mdp_env_list(i)) != NULL; i++)
        if (mdp_engine_check(engine, spec) == MDP_OK) return spec;
    return mdp_env_list(0);
}

/* the inside and the process, those of them that somebody wants; instructions are counted of one process alone, which
 * leaves the other one out */
static int list_items(const struct mdp_perf_options *options, const struct mdp_env_spec *spec, struct side *sides,
                      struct mdp_perf_item items[2]) {
    static const char *const names[2] = {"inside", "process"};
    int n = 0;
    for (int k = 0; k < (options->names == NULL ? 2 : 1); k++) {
        struct mdp_perf_item item = {.work = work_side, .context = &sides[k], .clock = side_seconds};
        mdp_rate_name(item.name, "policy", spec->id, names[k], NULL);
        if (mdp_perf_is_wanted(options, item.name)) items[n++] = item;
    }
    return n;
}

static mdp_err report(const struct mdp_perf_item *items, int n, struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    struct mdp_perf_item ratio = {.work = NULL};
    for (int k = 0; k < n; k++) MDP_TRY(mdp_perf_add_rates(results, &items[k], "steps/s", 1, 1));
    if (n < 2) return MDP_OK;
    snprintf(ratio.name, sizeof ratio.name, "%.50s/vs_inside", items[1].name);
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) ratio.rates[i] = items[0].rates[i] / items[1].rates[i];
    MDP_TRY(mdp_perf_add_rates(results, &ratio, "x time", 1, 1));
out:
    return err;
}

mdp_err mdp_perf_policy(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err;
    const struct mdp_env_spec *spec = first_world(options->engine);
    struct side sides[2] = {{.spec = NULL}};
    struct mdp_perf_item items[2];
    const int n = list_items(options, spec, sides, items);
    if (n == 0) return MDP_OK;
    if (options->names == NULL) MDP_TRY(start(options->engine, spec, &sides[1].process));
    for (int k = 0; k < 2 && options->names == NULL; k++) MDP_TRY(side_init(options->engine, spec, &sides[k]));
    MDP_TRY(mdp_perf_measure_in_turn(options, items, n));
    for (int k = 0; k < 2; k++) MDP_TRY(sides[k].err);
    if (mdp_perf_is_timed(options)) MDP_TRY(report(items, n, results));
out:
    for (int k = 0; k < 2; k++) side_free(&sides[k]);
    return err;
}
