/* a program outside the tree: it rolls out episodes with the installed library, and is refused what is wrong. */
#include <stdio.h>
#include <string.h>

#include <mdpbench.h>

enum { N_LANES = 4, N_STEPS = 1200, N_OBS = 32, N_ACT = 8 };

static int n_failed;

static void check(int condition, const char *what) {
    printf("%s %s%s%s\n", condition ? "ok" : "not ok", what, condition ? "" : ": ",
           condition ? "" : mdpbench_message());
    n_failed += !condition;
}

/* one environment and a lane of many, given the same actions, go the same way */
static void roll_out(void) {
    struct mdpbench_env *env = NULL;
    struct mdpbench_vec *vec = NULL;
    struct mdpbench_episode_state over;
    struct mdpbench_step step;
    float action[N_LANES * N_ACT], one[N_OBS], many[N_LANES * N_OBS];
    double rewards[N_LANES], sum = 0;
    uint8_t terminated[N_LANES], truncated[N_LANES];
    const uint64_t seeds[N_LANES] = {1, 2, 3, 4};
    const uint32_t episodes[N_LANES] = {0};
    int is_same = 1, has_ended = 0;
    check(mdpbench_env_new("hopper", NULL, &env) == MDPBENCH_OK, "an environment");
    check(mdpbench_vec_new("hopper", NULL, N_LANES, 1, MDPBENCH_NEXT_STEP, &vec) == MDPBENCH_OK, "four of them");
    if (env == NULL || vec == NULL) return;
    mdpbench_env_reset(env, seeds[0], 0, one);
    check(mdpbench_vec_reset(vec, NULL, seeds, episodes, 1, many) == MDPBENCH_OK, "their episodes begin");
    for (int t = 0; t < N_STEPS && !has_ended; t++) {
        for (int i = 0; i < N_LANES * N_ACT; i++) action[i] = (float)(t % 3 - 1);
        mdpbench_env_step(env, action, one, &step);
        mdpbench_vec_step(vec, action, many, rewards, terminated, truncated, NULL, NULL);
        is_same = is_same && memcmp(one, many, 15 * sizeof(float)) == 0 && step.reward == rewards[0];
        sum += step.reward;
        has_ended = step.terminated || step.truncated;
    }
    check(is_same && has_ended, "go the same way");
    mdpbench_vec_episode(vec, 0, 1, &over);
    check(over.episode_return == sum && over.seed == 1, "to the same return");
    mdpbench_vec_free(vec);
    mdpbench_env_free(env);
}

static void be_refused(void) {
    struct mdpbench_env *env = NULL;
    check(mdpbench_env_new("ant", NULL, &env) == MDPBENCH_USAGE && env == NULL, "an unknown environment is refused");
    check(strstr(mdpbench_message(), "found 'ant'") != NULL, "by its name");
    check(mdpbench_env_new("hopper", "robotics:none.so", &env) == MDPBENCH_IO && env == NULL, "missing physics, too");
}

int main(void) {
    check(strlen(mdpbench_version()) > 0, "a version");
    roll_out();
    be_refused();
    return n_failed != 0;
}
