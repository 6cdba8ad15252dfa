/* every environment of the list on every physics world of the list: what any pair of them has to keep */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "envs/engine.h"
#include "envs/family.h"
#include "envs/list.h"
#include "envs/objective.h"
#include "envs/physics/world.h"
#include "envs/robot.h"
#include "envs/vec.h"
#include "results/reference_scores.h"
#include "tests/tap.h"

enum { N_STEPS = 150, N_PAIRS_MAX = 64, MAX_STEPS = 20000 };

/* the program's own worlds, and one in a library if there is any on this machine: MDPBENCH_TEST_PHYSICS names it as
 * --physics does */
static const char library_variable[] = "MDPBENCH_TEST_PHYSICS";

#define DECLARE_PHYSICS(name) extern const struct mdp_physics mdp_physics_##name;
MDP_PHYSICS_LIST(DECLARE_PHYSICS)
#undef DECLARE_PHYSICS

#define PHYSICS_ADDRESS(name) &mdp_physics_##name,
static const struct mdp_physics *const listed[] = {MDP_PHYSICS_LIST(PHYSICS_ADDRESS)};
#undef PHYSICS_ADDRESS
enum { N_LISTED = sizeof listed / sizeof listed[0], N_ENGINES_MAX = N_LISTED + 2 };

/* those of the list that this machine can run, and MuJoCo's behind them */
static const struct mdp_physics *built_in[N_LISTED];
static int n_built_in, n_own;

static void find_built_in(void) {
    n_built_in = 0;
    for (int k = 0; k < N_LISTED; k++) {
        if (listed[k]->check == NULL || listed[k]->check() == MDP_OK)
            built_in[n_built_in++] = listed[k];
        else
            fprintf(stderr, "%s is left out: %s\n", listed[k]->name, mdp_err_message());
    }
    n_own = n_built_in + 1;
}

/* an environment on a world */
struct pair {
    const struct mdp_env_spec *spec;
    const struct mdp_engine *engine;
};

/* what N_STEPS steps under random actions gave, ends of episodes ignored: every bit of it is compared */
struct trace {
    float observations[N_STEPS + 1][MDP_ENV_MAX_OBS];
    struct mdp_step steps[N_STEPS];
    struct mdp_env_view last;
};

/* opens every world there is, those of Bullet first; the caller closes them */
static int open_engines(struct mdp_engine *engines[N_ENGINES_MAX]) {
    const char *library = getenv(library_variable);
    for (int k = 0; k < n_built_in; k++) CHECK_OK(mdp_engine_open(built_in[k]->name, &engines[k]));
    CHECK_OK(mdp_engine_open("mujoco", &engines[n_built_in]));
    if (library == NULL || library[0] == 0) return n_own;
    CHECK_OK(mdp_engine_open(library, &engines[n_own]));
    return N_ENGINES_MAX;
}

static void close_engines(int n, struct mdp_engine **engines) {
    for (int k = 0; k < n; k++) mdp_engine_free(engines[k]);
}

/* a world of another family simulates something else. where MuJoCo is missing its environments are left out, and said
 */
static int is_pair(const struct mdp_env_spec *spec, const struct mdp_engine *engine) {
    struct mdp_engine_facts facts;
    if (mdp_engine_check(engine, spec) != MDP_OK) return 0;
    mdp_err err = mdp_engine_describe(engine, spec, &facts);
    if (err != MDP_OK) fprintf(stderr, "%s is left out: %s\n", spec->id, mdp_err_message());
    CHECK(err == MDP_OK || (err == MDP_E_IO && spec->gym != NULL));
    return err == MDP_OK;
}

static int list_pairs(int n_engines, struct mdp_engine **engines, struct pair *pairs) {
    int n = 0;
    for (int e = 0; mdp_env_list(e) != NULL; e++)
        for (int k = 0; k < n_engines && n < N_PAIRS_MAX; k++)
            if (is_pair(mdp_env_list(e), engines[k])) pairs[n++] = (struct pair){mdp_env_list(e), engines[k]};
    CHECK(n > 0 && n < N_PAIRS_MAX);
    return n;
}

/* runs a check on every pair, whose name is the last line before a failure */
static void each_pair(void (*check)(const struct pair *pair)) {
    struct mdp_engine *engines[N_ENGINES_MAX];
    struct pair pairs[N_PAIRS_MAX];
    int n_engines = open_engines(engines), n = list_pairs(n_engines, engines, pairs);
    for (int i = 0; i < n; i++) {
        fprintf(stderr, "%s on %s\n", pairs[i].spec->id, mdp_engine_get_facts(pairs[i].engine)->label);
        check(&pairs[i]);
    }
    close_engines(n_engines, engines);
}

static struct mdp_env *new_env(const struct pair *pair) {
    struct mdp_env *env;
    CHECK_OK(mdp_env_new_on(pair->engine, pair->spec, &env));
    CHECK(mdp_env_get_spec(env) == pair->spec);
    return env;
}

static void draw(struct mdp_rng *rng, int n, float *action) {
    for (int i = 0; i < n; i++) action[i] = (float)(2.0 * mdp_rng_uniform(rng) - 1.0);
}

static void run(struct mdp_env *env, uint64_t seed, uint32_t episode, struct trace *trace) {
    struct mdp_rng rng = mdp_rng_stream(seed, MDP_RNG_EXPLORE, episode, 0);
    float action[MDP_ENV_MAX_ACT];
    memset(trace, 0, sizeof *trace);
    mdp_env_reset(env, seed, episode, trace->observations[0]);
    for (int t = 0; t < N_STEPS; t++) {
        draw(&rng, mdp_env_get_spec(env)->n_act, action);
        mdp_env_step(env, action, trace->observations[t + 1], &trace->steps[t]);
    }
    memcpy(&trace->last, mdp_env_get_view(env), sizeof trace->last);
}

/* ---- descriptions ---- */

static void test_names_and_sizes(void) {
    for (int e = 0; mdp_env_list(e) != NULL; e++) {
        const struct mdp_env_spec *spec = mdp_env_list(e);
        const struct mdp_reference_score *score;
        CHECK(mdp_env_find(spec->id) == spec && mdp_env_find(spec->robot) == spec);
        CHECK_STR(mdp_names_at(mdp_env_names(), e), spec->robot);
        CHECK(spec->n_obs >= 1 && spec->n_obs <= MDP_ENV_MAX_OBS && spec->n_act >= 1 && spec->n_act <= MDP_ENV_MAX_ACT);
        CHECK((spec->model != NULL) + (spec->gym != NULL) == 1 && strlen(spec->family->name) > 0);
        CHECK(spec->n_feet >= 0 && spec->n_feet <= MDP_ENV_MAX_FEET);
        CHECK(spec->model == NULL ? spec->n_feet == 0 : spec->n_feet == spec->model->n_feet);
        CHECK(spec->max_steps >= 1 && spec->max_steps <= MAX_STEPS);
        CHECK_OK(mdp_reference_find(spec->reference, &score));
        CHECK(score->ref_min < score->ref_max);
    }
    for (int k = 0; k < n_built_in; k++) {
        CHECK(mdp_physics_find(built_in[k]->name) == built_in[k]);
        CHECK(strlen(built_in[k]->version()) > 0);
    }
    CHECK(mdp_physics_find(NULL) == built_in[0]);
}

/* what every result file records: a label, and the files that the physics is in. the program's own worlds may share a
 * label, as their results are the same */
static void test_engines_say_what_they_are(void) {
    struct mdp_engine *engines[N_ENGINES_MAX];
    int n = open_engines(engines);
    for (int k = 0; k < n; k++) {
        const struct mdp_engine_facts *facts = mdp_engine_get_facts(engines[k]);
        CHECK_INT(mdp_engine_is_built_in(engines[k]), k < n_own);
        if (k == n_built_in) continue; /* nothing is opened before an environment needs it */
        CHECK(strlen(facts->label) > 0 && strlen(facts->files.names) > 0);
        CHECK_INT(facts->files.hash == 0, k < n_built_in && built_in[k]->is_own);
        for (int i = 0; i < k && k >= n_own; i++)
            CHECK(strcmp(facts->label, mdp_engine_get_facts(engines[i])->label) != 0);
    }
    if (n == n_own) {
        close_engines(n, engines);
        return;
    }
    /* a library's label holds its hash, and opening it again finds the same files */
    struct mdp_engine *again;
    char hash[17];
    const struct mdp_engine_facts *facts = mdp_engine_get_facts(engines[n_own]);
    CHECK_OK(mdp_engine_open(getenv(library_variable), &again));
    CHECK(memcmp(facts, mdp_engine_get_facts(again), sizeof *facts) == 0);
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)facts->files.hash);
    CHECK(strstr(facts->label, hash) != NULL);
    mdp_engine_free(again);
    close_engines(n, engines);
}

/* ---- episodes ---- */

/* Bullet's observations are clipped */
static int is_in_range(const struct mdp_env_spec *spec, float x) {
    return spec->model != NULL ? x >= -5 && x <= 5 : isfinite(x) != 0;
}

static void check_step(const struct mdp_env_spec *spec, const struct mdp_step *step, const float *observation) {
    double sum = 0;
    for (int i = 0; i < MDP_ENV_N_TERMS; i++) sum += step->terms[i];
    CHECK(isfinite(step->reward) && step->reward == sum);
    CHECK(step->terminated + step->truncated + step->non_finite == mdp_step_ended(step));
    CHECK(!step->non_finite);
    for (int i = 0; i < spec->n_obs; i++) CHECK(is_in_range(spec, observation[i]));
    for (int i = spec->n_obs - spec->n_feet; i < spec->n_obs; i++) CHECK(observation[i] == 0 || observation[i] == 1);
    for (int i = spec->n_obs; i < MDP_ENV_MAX_OBS; i++) CHECK(observation[i] == 77);
}

/* every episode ends, at the latest at the time limit; what it shows on the way stays in range and in its row */
static void check_episodes(const struct pair *pair) {
    const struct mdp_env_spec *spec = pair->spec;
    struct mdp_env *env = new_env(pair);
    struct mdp_rng rng = mdp_rng_stream(1, MDP_RNG_EXPLORE, 0, 0);
    float action[MDP_ENV_MAX_ACT] = {0}, observation[MDP_ENV_MAX_OBS];
    for (int i = 0; i < MDP_ENV_MAX_OBS; i++) observation[i] = 77;
    for (uint32_t episode = 0; episode < 4; episode++) {
        struct mdp_step step = {0};
        int n = 0;
        mdp_env_reset(env, 1, episode, observation);
        CHECK_INT(mdp_env_get_view(env)->n_steps, 0);
        while (!mdp_step_ended(&step)) {
            /* random actions, full swings, and none */
            if (episode < 2) draw(&rng, spec->n_act, action);
            for (int i = 0; i < spec->n_act && episode >= 2; i++)
                action[i] = episode == 2 ? ((n / 5 + i) % 2 ? 1.0f : -1.0f) : 0.0f;
            mdp_env_step(env, action, observation, &step);
            n++;
            check_step(spec, &step, observation);
            CHECK_INT(mdp_env_get_view(env)->n_steps, n);
            CHECK(n <= spec->max_steps);
            CHECK(step.truncated == (n == spec->max_steps && !step.terminated));
        }
    }
    mdp_env_free(env);
}
/* what a dataset keeps of a step tells its terms: exactly, but for the one that is found as what is left of a reward
 * that was rounded to float32, by half a last place of it */
static void check_recorded_steps(const struct pair *pair) {
    struct mdp_env *env = new_env(pair);
    static struct trace trace;
    struct mdp_rng rng = mdp_rng_stream(7, MDP_RNG_EXPLORE, 0, 0);
    int n_found = 0;
    run(env, 7, 0, &trace);
    for (int t = 0; t < N_STEPS; t++) {
        const struct mdp_step *simulated = &trace.steps[t];
        const int n_act = pair->spec->n_act;
        float action[MDP_ENV_MAX_ACT];
        double terms[MDP_ENV_N_TERMS];
        draw(&rng, n_act, action);
        const struct mdp_recorded_step step = {action, trace.observations[t + 1], NULL, (float)simulated->reward,
                                               simulated->terminated};
        if (mdp_objective_terms(pair->spec, &step, terms) != NULL) continue;
        n_found++;
        for (int i = 0; i < MDP_ENV_N_TERMS; i++)
            if (i != 1) CHECK(terms[i] == simulated->terms[i]);
        CHECK(fabs(terms[1] - simulated->terms[1]) <= ldexp(fabs(simulated->reward), -24) + 1e-13);
    }
    CHECK(n_found > N_STEPS / 2);
    mdp_env_free(env);
}

static void test_recorded_steps(void) { each_pair(check_recorded_steps); }

static void test_episodes(void) { each_pair(check_episodes); }

/* ---- determinism ---- */

/* whatever an object went through, an episode of it has the same bits as on a new object; seed and episode matter */
static void check_history(const struct pair *pair) {
    static struct trace fresh, used, other;
    struct mdp_env *env = new_env(pair);
    run(env, 7, 4, &fresh);
    mdp_env_free(env);

    env = new_env(pair);
    run(env, 8, 4, &other);
    CHECK(memcmp(fresh.observations[0], other.observations[0], sizeof fresh.observations[0]) != 0);
    run(env, 7, 5, &other);
    CHECK(memcmp(fresh.observations[0], other.observations[0], sizeof fresh.observations[0]) != 0);
    run(env, 7, 4, &used);
    CHECK(memcmp(&fresh, &used, sizeof fresh) == 0);
    for (uint32_t k = 0; k < 5; k++) run(env, 9, k, &other);
    run(env, 7, 4, &used);
    CHECK(memcmp(&fresh, &used, sizeof fresh) == 0);
    mdp_env_free(env);
}
static void test_history_does_not_matter(void) { each_pair(check_history); }

/* a state that is not finite is reported once, as a failure of its own kind, and leaves nothing behind */
static void check_broken_state(const struct pair *pair) {
    static struct trace fresh, used;
    static const double broken[] = {NAN, INFINITY, -INFINITY, 1e300, 1e15};
    const float idle[MDP_ENV_MAX_ACT] = {0};
    struct mdp_env *env = new_env(pair);
    run(env, 7, 4, &fresh);
    for (size_t k = 0; k < sizeof broken / sizeof broken[0]; k++) {
        float before[MDP_ENV_MAX_OBS], after[MDP_ENV_MAX_OBS];
        double qpos[MDP_ENV_MAX_DOF], qvel[MDP_ENV_MAX_DOF];
        struct mdp_step step;
        for (int i = 0; i < mdp_env_n_dof(pair->spec); i++) qpos[i] = qvel[i] = broken[k];
        mdp_env_reset(env, 1, 1, before);
        mdp_env_set_state(env, qpos, qvel, NULL);
        mdp_env_step(env, idle, after, &step);
        for (int i = 0; i < pair->spec->n_obs; i++) CHECK(is_in_range(pair->spec, after[i]));
        CHECK(isfinite(step.reward) && step.terminated + step.truncated + step.non_finite <= 1);
        if (!isfinite(broken[k])) {
            CHECK(step.non_finite && step.reward == 0);
            CHECK(memcmp(before, after, sizeof(float) * (size_t)pair->spec->n_obs) == 0);
        }
        run(env, 7, 4, &used);
        CHECK(memcmp(&fresh, &used, sizeof fresh) == 0);
    }
    mdp_env_free(env);
}
static void test_recovers_from_broken_state(void) { each_pair(check_broken_state); }

static void check_non_finite_action(const struct pair *pair) {
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    int n_act = pair->spec->n_act;
    struct mdp_env *env = new_env(pair);
    for (int i = 0; i < 3 * n_act; i++) {
        float action[MDP_ENV_MAX_ACT] = {0}, before[MDP_ENV_MAX_OBS], after[MDP_ENV_MAX_OBS];
        struct mdp_step step;
        double qpos[MDP_ENV_MAX_DOF];
        action[i % n_act] = bad[i / n_act];
        mdp_env_reset(env, 1, (uint32_t)i, before);
        memcpy(qpos, mdp_env_get_view(env)->qpos, sizeof qpos);
        mdp_env_step(env, action, after, &step);
        CHECK(step.non_finite && !step.terminated && !step.truncated && mdp_step_ended(&step));
        CHECK(step.reward == 0);
        CHECK(memcmp(before, after, sizeof(float) * (size_t)pair->spec->n_obs) == 0);
        CHECK(memcmp(qpos, mdp_env_get_view(env)->qpos, sizeof qpos) == 0);
    }
    mdp_env_free(env);
}
static void test_non_finite_action(void) { each_pair(check_non_finite_action); }

/* worlds share nothing: many at once in many threads, all pairs mixed, have the bits of one at a time */
static void test_worlds_in_threads(void) {
    enum { N_WORLDS = 24 };
    static struct trace alone[N_PAIRS_MAX], together[N_WORLDS];
    struct mdp_engine *engines[N_ENGINES_MAX];
    struct pair pairs[N_PAIRS_MAX];
    int n_engines = open_engines(engines), n_pairs = list_pairs(n_engines, engines, pairs), n_failed = 0;
    for (int i = 0; i < n_pairs; i++) {
        struct mdp_env *env = new_env(&pairs[i]);
        run(env, 5, 0, &alone[i]);
        mdp_env_free(env);
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(4) reduction(+ : n_failed)
    for (int i = 0; i < N_WORLDS; i++) {
        struct mdp_env *env;
        if (mdp_env_new_on(pairs[i % n_pairs].engine, pairs[i % n_pairs].spec, &env) != MDP_OK) {
            n_failed++;
            continue;
        }
        run(env, 5, 0, &together[i]);
        mdp_env_free(env);
    }
    CHECK_INT(n_failed, 0);
    for (int i = 0; i < N_WORLDS; i++) CHECK(memcmp(&together[i], &alone[i % n_pairs], sizeof alone[0]) == 0);
    close_engines(n_engines, engines);
}

/* ---- our worlds against each other ---- */

/* from noise at every step to full swings of half a second */
static void draw_kind(struct mdp_rng *rng, uint32_t episode, int t, int n, float *action) {
    const int held[] = {1, 5, 15, 30};
    const float size[] = {1.0f, 1.0f, 0.3f};
    if (t % held[episode % 4] != 0) return;
    draw(rng, n, action);
    for (int i = 0; i < n; i++)
        action[i] = episode % 4 == 3 ? (action[i] < 0 ? -1.0f : 1.0f) : size[episode % 3] * action[i];
}

/* every bit at every step, whatever the robot does and also long after it fell */
static void compare_worlds(struct mdp_env *a, struct mdp_env *b, uint32_t n_episodes, int n_steps) {
    const struct mdp_env_spec *spec = mdp_env_get_spec(a);
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_EXPLORE, 0, 0);
    float action[MDP_ENV_MAX_ACT] = {0}, x[MDP_ENV_MAX_OBS] = {0}, y[MDP_ENV_MAX_OBS] = {0};
    struct mdp_step one, other;
    for (uint32_t episode = 0; episode < n_episodes; episode++) {
        mdp_env_reset(a, 3, episode, x);
        mdp_env_reset(b, 3, episode, y);
        for (int t = 0; t < n_steps; t++) {
            draw_kind(&rng, episode, t, spec->n_act, action);
            mdp_env_step(a, action, x, &one);
            mdp_env_step(b, action, y, &other);
            CHECK(memcmp(x, y, sizeof x) == 0 && memcmp(&one, &other, sizeof one) == 0);
            CHECK(memcmp(mdp_env_get_view(a), mdp_env_get_view(b), sizeof(struct mdp_env_view)) == 0);
        }
    }
}

static void test_built_in_worlds_have_the_same_bits(void) {
    for (int k = 1; k < n_built_in; k++) {
        struct mdp_engine *engine;
        CHECK_OK(mdp_engine_open(built_in[k]->name, &engine));
        for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
            struct mdp_env *first, *second;
            CHECK_OK(mdp_env_new(mdp_env_list(e), &first));
            CHECK_OK(mdp_env_new_on(engine, mdp_env_list(e), &second));
            compare_worlds(first, second, 10, mdp_env_list(e)->max_steps);
            mdp_env_free(first);
            mdp_env_free(second);
        }
        mdp_engine_free(engine);
    }
}

/* a robot of the list without its last joints, its limits taken in any order */
static void cut(const struct mdp_env_spec *whole, int n_joints, struct mdp_robot *robot, struct mdp_env_spec *spec) {
    struct mdp_rng rng = mdp_rng_stream(17, MDP_RNG_RESET, (uint32_t)n_joints, 0);
    uint32_t order[MDP_ENV_MAX_JOINTS];
    mdp_rng_permutation(&rng, order, (uint32_t)n_joints);
    *robot = *whole->model;
    robot->n_joints = n_joints;
    for (int i = 0; i < n_joints; i++) robot->limit_order[i] = (int)order[i];
    robot->n_feet = 1;
    robot->feet[0] = n_joints;
    *spec = *whole;
    spec->n_act = n_joints;
    spec->n_feet = 1;
    spec->n_obs = 8 + 2 * n_joints + 1;
    spec->model = robot;
}

/* nothing but its table says how many joints a robot has, in which order their limits are taken and what touches the
 * floor: robots that no file describes have the same bits on every world, too */
static void test_robots_of_any_shape(void) {
    for (int k = 1; k < n_built_in; k++) {
        struct mdp_engine *engine;
        CHECK_OK(mdp_engine_open(built_in[k]->name, &engine));
        for (int e = 0; mdp_env_list(e)->model != NULL; e++)
            for (int n = 1; n <= mdp_env_list(e)->n_act; n++) {
                struct mdp_robot robot;
                struct mdp_env_spec spec;
                struct mdp_env *first, *second;
                cut(mdp_env_list(e), n, &robot, &spec);
                fprintf(stderr, "%s of %d joints\n", spec.id, n);
                CHECK_OK(mdp_env_new(&spec, &first));
                CHECK_OK(mdp_env_new_on(engine, &spec, &second));
                compare_worlds(first, second, 4, 250);
                mdp_env_free(first);
                mdp_env_free(second);
            }
        mdp_engine_free(engine);
    }
}

/* ---- a library's world against ours ---- */

static const char *require_library(void) {
    const char *library = getenv(library_variable);
    if (library == NULL || library[0] == 0) SKIP("MDPBENCH_TEST_PHYSICS names no library with Bullet's C API");
    return library;
}

/* everything about an episode, to the bit, up to its end */
static long compare_episode(struct mdp_env *a, struct mdp_env *b, uint64_t seed, uint32_t episode) {
    const struct mdp_env_spec *spec = mdp_env_get_spec(a);
    struct mdp_rng rng = mdp_rng_stream(seed, MDP_RNG_EXPLORE, episode, 0);
    float action[MDP_ENV_MAX_ACT], x[MDP_ENV_MAX_OBS] = {0}, y[MDP_ENV_MAX_OBS] = {0};
    struct mdp_step one = {0}, other = {0};
    long n = 0;
    mdp_env_reset(a, seed, episode, x);
    mdp_env_reset(b, seed, episode, y);
    for (; !mdp_step_ended(&one); n++) {
        CHECK(memcmp(x, y, sizeof x) == 0 && memcmp(&one, &other, sizeof one) == 0);
        CHECK(memcmp(mdp_env_get_view(a), mdp_env_get_view(b), sizeof(struct mdp_env_view)) == 0);
        draw(&rng, spec->n_act, action);
        mdp_env_step(a, action, x, &one);
        mdp_env_step(b, action, y, &other);
    }
    CHECK(memcmp(x, y, sizeof x) == 0 && memcmp(&one, &other, sizeof one) == 0);
    return n;
}

static void test_library_has_the_same_bits(void) {
    struct mdp_engine *engine;
    CHECK_OK(mdp_engine_open(require_library(), &engine));
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) {
        struct mdp_env *ours, *theirs;
        long n = 0;
        CHECK_OK(mdp_env_new(mdp_env_list(e), &ours));
        CHECK_OK(mdp_env_new_on(engine, mdp_env_list(e), &theirs));
        for (uint32_t episode = 0; n < 3000; episode++) n += compare_episode(ours, theirs, 21, episode);
        mdp_env_free(ours);
        mdp_env_free(theirs);
    }
    mdp_engine_free(engine);
}

/* every bit of every lane, whatever the number of threads and whatever engine; until the first vector has no lane left
 */
static void compare_vectors(const struct mdp_env_spec *spec, const struct mdp_engine *a, const struct mdp_engine *b) {
    enum { N_LANES = 6 };
    struct mdp_vec *vecs[2];
    float actions[N_LANES * MDP_ENV_MAX_ACT], observations[2][N_LANES * MDP_ENV_MAX_OBS];
    struct mdp_step steps[2][N_LANES];
    struct mdp_rng rng = mdp_rng_stream(8, MDP_RNG_EXPLORE, 0, 0);
    memset(observations, 0, sizeof observations);
    memset(steps, 0, sizeof steps);
    CHECK_OK(mdp_vec_new_on(a, spec, N_LANES, 1, &vecs[0]));
    CHECK_OK(mdp_vec_new_on(b, spec, N_LANES, 3, &vecs[1]));
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < N_LANES; i++)
            mdp_vec_reset_lane(vecs[k], i, 8, (uint32_t)i, observations[k] + i * spec->n_obs);
    for (int t = 0; t < N_STEPS && mdp_vec_n_active(vecs[0]) > 0; t++) {
        draw(&rng, N_LANES * spec->n_act, actions);
        for (int k = 0; k < 2; k++) mdp_vec_step(vecs[k], actions, observations[k], steps[k]);
        CHECK(memcmp(observations[0], observations[1], sizeof observations[0]) == 0);
        CHECK(memcmp(steps[0], steps[1], sizeof steps[0]) == 0);
    }
    for (int k = 0; k < 2; k++) mdp_vec_free(vecs[k]);
}

static void check_threads(const struct pair *pair) { compare_vectors(pair->spec, pair->engine, pair->engine); }
static void test_threads_do_not_matter(void) { each_pair(check_threads); }

/* in lanes or one by one */
static void test_vectors_have_the_same_bits(void) {
    for (int k = 1; k < n_built_in; k++) {
        struct mdp_engine *engine;
        CHECK_OK(mdp_engine_open(built_in[k]->name, &engine));
        for (int e = 0; mdp_env_list(e)->model != NULL; e++) compare_vectors(mdp_env_list(e), NULL, engine);
        mdp_engine_free(engine);
    }
}

/* lanes stepped by threads, on a library whose globals they share */
static void test_library_in_lanes(void) {
    struct mdp_engine *engine;
    CHECK_OK(mdp_engine_open(require_library(), &engine));
    for (int e = 0; mdp_env_list(e)->model != NULL; e++) compare_vectors(mdp_env_list(e), NULL, engine);
    mdp_engine_free(engine);
}

/* what the library prints on connecting is not in the way of what programs read */
static void test_library_is_quiet(void) {
    struct mdp_engine *engine;
    struct mdp_env *env;
    char path[512], text[64] = "";
    const char *library = require_library();
    snprintf(path, sizeof path, "%s/out", tap_temp_dir());
    fflush(stdout);
    int saved = dup(STDOUT_FILENO), file = open(path, O_CREAT | O_RDWR, 0600);
    CHECK(saved >= 0 && file >= 0 && dup2(file, STDOUT_FILENO) == STDOUT_FILENO);
    printf("before\n");
    CHECK_OK(mdp_engine_open(library, &engine));
    CHECK_OK(mdp_env_new_on(engine, mdp_env_list(0), &env));
    mdp_env_free(env);
    mdp_engine_free(engine);
    printf("after\n");
    fflush(stdout);
    CHECK(dup2(saved, STDOUT_FILENO) == STDOUT_FILENO);
    CHECK(pread(file, text, sizeof text - 1, 0) > 0);
    CHECK_STR(text, "before\nafter\n");
    close(saved);
    close(file);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_names_and_sizes),
        TAP_TEST(test_engines_say_what_they_are),
        TAP_TEST(test_recorded_steps),
        TAP_TEST(test_episodes),
        TAP_TEST(test_history_does_not_matter),
        TAP_TEST(test_recovers_from_broken_state),
        TAP_TEST(test_non_finite_action),
        TAP_TEST(test_worlds_in_threads),
        TAP_TEST(test_threads_do_not_matter),
        TAP_TEST(test_built_in_worlds_have_the_same_bits),
        TAP_TEST(test_vectors_have_the_same_bits),
        TAP_TEST(test_robots_of_any_shape),
        TAP_TEST(test_library_has_the_same_bits),
        TAP_TEST(test_library_in_lanes),
        TAP_TEST(test_library_is_quiet),
    };
    find_built_in();
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
