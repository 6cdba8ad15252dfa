#include "bench/run/task.h"

#include <stdio.h>
#include <string.h>

static const char *const qualities[] = {
    [MDP_QUALITY_RANDOM] = "random",
    [MDP_QUALITY_MEDIUM] = "medium",
    [MDP_QUALITY_MEDIUM_REPLAY] = "medium-replay",
    [MDP_QUALITY_MEDIUM_EXPERT] = "medium-expert",
    [MDP_QUALITY_EXPERT] = "expert",
};
enum { N_QUALITIES = sizeof qualities / sizeof qualities[0] };

mdp_err mdp_task_parse(const char *text, struct mdp_task *task) {
    static const char prefix[] = "bullet-", suffix[] = "-v0";
    char name[MDP_TASK_MAX];
    const char *start = strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : text;
    snprintf(name, sizeof name, "%s", start);
    size_t n = strlen(name);
    if (n > strlen(suffix) && strcmp(name + n - strlen(suffix), suffix) == 0) name[n - strlen(suffix)] = 0;
    char *dash = strchr(name, '-');
    memset(task, 0, sizeof *task);
    for (int i = 0; dash != NULL && i < N_QUALITIES; i++) {
        if (strcmp(dash + 1, qualities[i]) != 0) continue;
        *dash = 0;
        task->spec = mdp_env_find(name);
        task->quality = (enum mdp_quality)i;
        if (task->spec == NULL) break;
        snprintf(task->name, sizeof task->name, "%.24s-%s", task->spec->robot, qualities[i]);
        return MDP_OK;
    }
    return mdp_fail(
        MDP_E_USAGE,
        "task: expected {halfcheetah,walker2d}-{random,medium,medium-replay,medium-expert,expert}, found '%s'", text);
}
