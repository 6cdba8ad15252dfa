#include "bench/run/task.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "bench/run/names.h"

static const char *const qualities[] = {
    [MDP_QUALITY_RANDOM] = "random",
    [MDP_QUALITY_MEDIUM] = "medium",
    [MDP_QUALITY_MEDIUM_REPLAY] = "medium-replay",
    [MDP_QUALITY_MEDIUM_EXPERT] = "medium-expert",
    [MDP_QUALITY_EXPERT] = "expert",
};
static const struct mdp_names quality_names = MDP_NAMES_OF_TEXTS(qualities);

const char *mdp_task_forms(char text[MDP_NAMES_MAX]) {
    char robots[MDP_NAMES_MAX], forms[MDP_NAMES_MAX];
    snprintf(text, MDP_NAMES_MAX, "{%.*s}-{%.*s}", MDP_NAMES_MAX / 2 - 4, mdp_names_join(mdp_env_names(), ",", robots),
             MDP_NAMES_MAX / 2 - 4, mdp_names_join(&quality_names, ",", forms));
    return text;
}

/* finds the robot that a name begins with and returns the quality that follows; -1 if there is none. robots' names have
 * hyphens, too */
static int split(const char *name, const struct mdp_env_spec **spec) {
    for (int k = 0; (*spec = mdp_env_list(k)) != NULL; k++) {
        size_t n = strlen((*spec)->robot);
        if (strncmp(name, (*spec)->robot, n) != 0 || name[n] != '-') continue;
        int i = mdp_names_index(&quality_names, name + n + 1);
        if (i >= 0) return i;
    }
    return -1;
}

mdp_err mdp_task_parse(const char *text, struct mdp_task *task) {
    static const char prefix[] = "bullet-", suffix[] = "-v0";
    char name[MDP_TASK_MAX];
    const char *start = strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : text;
    snprintf(name, sizeof name, "%s", start);
    size_t n = strlen(name);
    if (n > strlen(suffix) && strcmp(name + n - strlen(suffix), suffix) == 0) name[n - strlen(suffix)] = 0;
    memset(task, 0, sizeof *task);
    int i = split(name, &task->spec);
    if (i < 0 || (start != text && task->spec->model == NULL)) {
        char forms[MDP_NAMES_MAX];
        return mdp_fail(MDP_E_USAGE, "task: expected %s, found '%s'", mdp_task_forms(forms), text);
    }
    task->quality = (enum mdp_quality)i;
    task->n_obs = task->spec->n_obs;
    task->n_act = task->spec->n_act;
    snprintf(task->name, sizeof task->name, "%.24s-%s", task->spec->robot, qualities[i]);
    return MDP_OK;
}

mdp_err mdp_task_label(const char *text, struct mdp_task *task) {
    if (mdp_task_parse(text, task) == MDP_OK) return MDP_OK;
    if (mdp_label_check(text) != MDP_OK) return mdp_fail_context(MDP_E_USAGE, "task");
    if (strlen(text) >= sizeof task->name)
        return mdp_fail(MDP_E_USAGE, "task: expected a text below %zu bytes, found %zu", sizeof task->name,
                        strlen(text));
    *task = (struct mdp_task){.spec = NULL};
    snprintf(task->name, sizeof task->name, "%s", text);
    return MDP_OK;
}

void mdp_task_note(const struct mdp_task *task) {
    if (task->spec == NULL) mdp_log("%s: a label: no world of this name is here", task->name);
}

int mdp_task_worlds(int n_obs, int n_act, char text[MDP_NAMES_MAX]) {
    const struct mdp_env_spec *spec;
    int n = 0;
    text[0] = 0;
    for (int i = 0; (spec = mdp_env_list(i)) != NULL; i++) {
        if (spec->n_obs != n_obs || spec->n_act != n_act) continue;
        size_t used = strlen(text);
        snprintf(text + used, MDP_NAMES_MAX - used, "%s%s", n++ > 0 ? ", " : "", spec->id);
    }
    size_t used = strlen(text);
    snprintf(text + used, MDP_NAMES_MAX - used, "%s",
             n > 1    ? " have them"
             : n == 1 ? " has them"
                      : "no world here has them");
    return n;
}

mdp_err mdp_task_check_sizes(const struct mdp_task *task, const char *path, int n_obs, int n_act) {
    char worlds[MDP_NAMES_MAX];
    if (task->n_obs == 0 || (task->n_obs == n_obs && task->n_act == n_act)) return MDP_OK;
    (void)mdp_task_worlds(n_obs, n_act, worlds);
    return mdp_fail(MDP_E_DATA, "%s: expected %d observations and %d actions as %s has, found %d and %d; %s", path,
                    task->n_obs, task->n_act, task->spec != NULL ? task->spec->id : task->name, n_obs, n_act, worlds);
}
