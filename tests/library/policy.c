/* a policy through the library: its episodes, side by side, beside the file that the command's eval has made of it. */
#include <mdpbench.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_LANES = 7, N_OBS = 32, N_ACT = 8 };

/* one lane's place in the work */
struct lane {
    uint32_t episode, step;
    double sum;
};

static int fail(const char *what) {
    printf("%s: %s\n", what, mdpbench_message());
    return 1;
}

/* whether an episode went as row number `episode` of the file says */
static int is_same(const struct mdpbench_episodes *wanted, const struct lane *lane, const struct mdpbench_step *step) {
    struct mdpbench_episode row;
    if (mdpbench_episodes_get(wanted, lane->episode, &row) != MDPBENCH_OK) return 0;
    int end = step->terminated  ? MDPBENCH_END_TERMINATED
              : step->truncated ? MDPBENCH_END_TIME_LIMIT
                                : MDPBENCH_END_NON_FINITE;
    return row.episode_return == lane->sum && row.length == (int32_t)lane->step && row.end == end;
}

/* plays all episodes of the file in a few lanes; returns how many went otherwise */
static int play(struct mdpbench_policy *policy, const struct mdpbench_episodes *wanted, uint64_t seed) {
    struct mdpbench_env_facts facts;
    struct mdpbench_env *envs[N_LANES];
    struct mdpbench_step step;
    struct lane lanes[N_LANES];
    float observations[N_LANES * N_OBS], actions[N_LANES * N_ACT];
    uint32_t next = 0, episodes[N_LANES], steps[N_LANES], n = (uint32_t)mdpbench_episodes_count(wanted);
    int n_active = 0, n_wrong = 0;
    mdpbench_env_find(mdpbench_policy_env(policy), &facts);
    for (; n_active < N_LANES && next < n; n_active++, next++) {
        lanes[n_active] = (struct lane){next, 0, 0};
        mdpbench_env_new(facts.id, NULL, &envs[n_active]);
        mdpbench_env_reset(envs[n_active], seed, next, observations + n_active * facts.n_obs);
    }
    while (n_active > 0) {
        for (int i = 0; i < n_active; i++) {
            episodes[i] = lanes[i].episode;
            steps[i] = lanes[i].step;
        }
        if (mdpbench_policy_act(policy, n_active, observations, episodes, steps, actions) != MDPBENCH_OK) return -1;
        for (int i = n_active - 1; i >= 0; i--) {
            float *row = observations + i * facts.n_obs;
            mdpbench_env_step(envs[i], actions + i * facts.n_act, row, &step);
            lanes[i].sum += step.reward;
            lanes[i].step++;
            if (!step.terminated && !step.truncated && !step.non_finite) continue;
            n_wrong += !is_same(wanted, &lanes[i], &step);
            if (next < n) {
                lanes[i] = (struct lane){next, 0, 0};
                mdpbench_env_reset(envs[i], seed, next++, row);
                continue;
            }
            /* the last lane takes the place of one that has nothing left to do */
            mdpbench_env_free(envs[i]);
            n_active--;
            envs[i] = envs[n_active];
            lanes[i] = lanes[n_active];
            memcpy(row, observations + n_active * facts.n_obs, (size_t)facts.n_obs * sizeof *row);
        }
    }
    return n_wrong;
}

/* arguments: policy file, its guidance or "", episodes file, seed, options */
int main(int argc, char **argv) {
    struct mdpbench_policy *policy;
    struct mdpbench_episodes *wanted;
    if (argc < 5) return 1;
    const char *guidance = argv[2][0] != 0 ? argv[2] : NULL;
    if (mdpbench_policy_open(argv[1], guidance, (const char *const *)argv + 5, &policy) != MDPBENCH_OK)
        return fail("policy");
    if (mdpbench_episodes_read(argv[3], &wanted) != MDPBENCH_OK) return fail("episodes");
    int n_wrong = play(policy, wanted, strtoull(argv[4], NULL, 10));
    printf("%d of %lld episodes are others\n", n_wrong, (long long)mdpbench_episodes_count(wanted));
    mdpbench_policy_free(policy);
    mdpbench_episodes_free(wanted);
    return n_wrong != 0;
}
