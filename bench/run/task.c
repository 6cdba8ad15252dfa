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
    [MDP_QUALITY_FULL_REPLAY] = "full-replay",
    [MDP_QUALITY_SIMPLE] = "simple",
};
static const struct mdp_names quality_names = MDP_NAMES_OF_TEXTS(qualities);

const char *mdp_task_forms(char text[MDP_NAMES_MAX]) {
    char robots[MDP_NAMES_MAX], forms[MDP_NAMES_MAX];
    snprintf(text, MDP_NAMES_MAX, "{%.*s}-{%.*s}", MDP_NAMES_MAX / 2 - 4, mdp_names_join(mdp_env_names(), ",", robots),
             MDP_NAMES_MAX / 2 - 4, mdp_names_join(&quality_names, ",", forms));
    return text;
}

const char *mdp_task_at(int i, char text[MDP_NAMES_MAX]) {
    const struct mdp_env_spec *spec = mdp_env_list(i / quality_names.n);
    if (spec == NULL) return NULL;
    snprintf(text, MDP_NAMES_MAX, "%s-%s", spec->robot, qualities[i % quality_names.n]);
    return text;
}

/* the names of a world: what stands before the robot, between robot and quality, and behind; and what the robots of the
 * list begin with that it means. the one table of them */
enum { FORM_NAME_MAX = 2 * MDP_TASK_MAX };
static const struct form {
    const char *before, *between, *behind;
    const char *robots; /* NULL: the name is that of two worlds */
} forms[] = {
    {"", "-", "", ""},
    {"bullet-", "-", "", ""},
    {"bullet-", "-", "-v0", ""},
    {"mujoco-", "-", "", "mujoco-"},
    {"mujoco-", "-", "-v0", "mujoco-"}, /* D4RL's data of every version come from the -v2 environments */
    {"mujoco-", "-", "-v1", "mujoco-"},
    {"mujoco-", "-", "-v2", "mujoco-"},
    {"", "-", "-v1", "mujoco-"}, /* D4RL's own names: there were no others of these versions */
    {"", "-", "-v2", "mujoco-"},
    {"mujoco-v4-", "-", "", "mujoco-v4-"},
    {"mujoco-v5-", "-", "", "mujoco-v5-"},
    {"mujoco/", "/", "-v0", "mujoco-v5-"}, /* Minari's */
    {"", "-", "-v0", NULL},
};

/* robots of Bullet, which alone have no prefix */
static int is_plain(const struct mdp_env_spec *spec) { return strncmp(spec->robot, "mujoco-", strlen("mujoco-")) != 0; }

static void write_name(const struct form *form, const char *robot, int i_quality, char name[FORM_NAME_MAX]) {
    snprintf(name, FORM_NAME_MAX, "%s%s%s%s%s", form->before, robot, form->between, qualities[i_quality], form->behind);
}

/* 1 if a text is a form's name of a robot, with the quality; D4RL's files have _ for - but before the version */
static int is_of_form(const char *text, const struct form *form, const char *robot, int *i_quality) {
    char name[FORM_NAME_MAX];
    for (*i_quality = 0; *i_quality < quality_names.n; ++*i_quality) {
        size_t n = strlen(form->before) + strlen(robot) + strlen(form->between) + strlen(qualities[*i_quality]);
        write_name(form, robot, *i_quality, name);
        if (strcmp(text, name) == 0) return 1;
        if (form->before[0] != 0 || form->behind[0] == 0) continue;
        for (size_t i = 0; i < n; i++)
            if (name[i] == '-') name[i] = '_';
        if (strcmp(text, name) == 0) return 1;
    }
    return 0;
}

/* NULL if there is none; *form says why, where the name is one of two worlds */
static const struct mdp_env_spec *find_world(const char *text, const struct form **form, int *i_quality) {
    const struct mdp_env_spec *plain;
    char robot[MDP_TASK_MAX];
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (int e = 0; (plain = mdp_env_list(e)) != NULL; e++) {
            *form = &forms[f];
            if (!is_plain(plain) || !is_of_form(text, *form, plain->robot, i_quality)) continue;
            snprintf(robot, sizeof robot, "%s%s", forms[f].robots != NULL ? forms[f].robots : "", plain->robot);
            return mdp_env_find(robot);
        }
    *form = NULL;
    return NULL;
}

/* of all names in all forms the one that a text is near to */
static const char *suggest(const char *text, char suggestion[MDP_NAMES_MAX]) {
    enum { MOST = 512 };
    char names[MOST][FORM_NAME_MAX];
    const char *texts[MOST];
    const struct mdp_env_spec *spec;
    int n = 0;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (int e = 0; (spec = mdp_env_list(e)) != NULL; e++)
            for (int q = 0; q < quality_names.n && is_plain(spec) && n < MOST; q++, n++) {
                write_name(&forms[f], spec->robot, q, names[n]);
                texts[n] = names[n];
            }
    const struct mdp_names all = MDP_NAMES_OF_FIRST(texts, n);
    return mdp_names_suggest(&all, text, suggestion);
}

mdp_err mdp_task_parse(const char *text, struct mdp_task *task) {
    const struct form *form;
    char list[MDP_NAMES_MAX], meant[MDP_NAMES_MAX];
    int i = 0;
    memset(task, 0, sizeof *task);
    task->spec = find_world(text, &form, &i);
    if (form != NULL && form->robots == NULL)
        return mdp_fail(MDP_E_USAGE,
                        "task: expected bullet-%s or mujoco-%s, found '%s', which D4RL has of both (data of MuJoCo are "
                        "also called -v1 and -v2)",
                        text, text, text);
    if (task->spec == NULL)
        return mdp_fail(MDP_E_USAGE, "task: expected %s, found '%s'%s", mdp_task_forms(list), text,
                        suggest(text, meant));
    task->quality = (enum mdp_quality)i;
    task->n_obs = task->spec->n_obs;
    task->n_act = task->spec->n_act;
    snprintf(task->name, sizeof task->name, "%.24s-%s", task->spec->robot, qualities[i]);
    return MDP_OK;
}

/* a name of two worlds is no label: it would hide which one is meant */
mdp_err mdp_task_label(const char *text, struct mdp_task *task) {
    const struct form *form;
    int i;
    mdp_err err = mdp_task_parse(text, task);
    if (err == MDP_OK) return MDP_OK;
    (void)find_world(text, &form, &i);
    if (form != NULL) return err;
    if (mdp_label_check(text) != MDP_OK) return mdp_fail_context(MDP_E_USAGE, "task");
    if (strlen(text) >= sizeof task->name)
        return mdp_fail(MDP_E_USAGE, "task: expected a text below %zu bytes, found %zu", sizeof task->name,
                        strlen(text));
    *task = (struct mdp_task){.spec = NULL};
    snprintf(task->name, sizeof task->name, "%s", text);
    return MDP_OK;
}

void mdp_task_note(const struct mdp_task *task) {
    char meant[MDP_NAMES_MAX];
    if (task->spec == NULL)
        mdp_log("%s: a label: no world of this name is here%s", task->name, suggest(task->name, meant));
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
