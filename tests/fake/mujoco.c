/* a library that answers as MuJoCo 3 would for a model of gym's robots, or wrongly where MDPBENCH_FAKE_MUJOCO says so:
 * "old" (a version), "compile", "mass", "sizes", and with a number of calls before it happens "error 3",
 * "warning 3", "nan 3". A step moves every position by its velocity; controls add to velocities.
 *
 * what the real library does where nobody handles its errors is to wait for a key and end the process: here that is an
 * exit with status 99. With FAKE_LACKS a function is missing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 16, QPOS = 2, QVEL = 4, WARM = 32, CONTROL = 64 };

struct model {
    int n_dof, n_act;
};

struct data {
    double qpos[MAX], qvel[MAX], warm[MAX], control[MAX];
};

void (*mju_user_error)(const char *);
void (*mju_user_warning)(const char *);
int fake_n_steps;

/* what the variable says after a word; NULL if it says another */
static const char *told(const char *word) {
    const char *text = getenv("MDPBENCH_FAKE_MUJOCO");
    return text != NULL && strncmp(text, word, strlen(word)) == 0 ? text + strlen(word) : NULL;
}

static int is_time(const char *word) { return told(word) != NULL && fake_n_steps == atoi(told(word)); }

int mj_version(void) { return told("old") ? 231 : 3009000; }
const char *mj_versionString(void) { return told("old") ? "2.3.1" : "3.9.0"; }

static int count(const char *text, const char *word) {
    int n = 0;
    for (const char *p = text; (p = strstr(p, word)) != NULL; p++) n++;
    return n;
}

void *mj_parseXMLString(const char *text, const void *files, char *problem, int size) {
    struct model *model = malloc(sizeof *model);
    (void)files;
    (void)problem;
    (void)size;
    *model = (struct model){count(text, "<joint name"), count(text, "<motor ")};
    return model;
}

void *mj_compile(void *spec, const void *files) {
    struct model *model = malloc(sizeof *model);
    (void)files;
    *model = *(struct model *)spec;
    if (told("compile") == NULL) return model;
    free(model);
    return NULL;
}

const char *mjs_getError(void *spec) {
    (void)spec;
    return "no such element";
}
void mj_deleteSpec(void *spec) { free(spec); }
void mj_deleteModel(void *model) { free(model); }

/* by the number of joints: a hopper's, or a cheetah's */
double mj_getTotalmass(const void *model) {
    const struct model *m = model;
    return told("mass") ? 1 : m->n_dof == 6 ? 15.820013405927003 : 14;
}

void *mj_makeData(const void *model) {
    (void)model;
    return calloc(1, sizeof(struct data));
}
void mj_deleteData(void *data) { free(data); }

void mj_resetData(const void *model, void *data) {
    (void)model;
    memset(data, 0, sizeof(struct data));
}
void mj_forward(const void *model, void *data) {
    (void)model;
    (void)data;
}

static void say(void (*handler)(const char *)) {
    if (handler == NULL) exit(99);
    handler("something is wrong");
}

void mj_step(const void *model, void *data) {
    const struct model *m = model;
    struct data *d = data;
    fake_n_steps++;
    for (int i = 0; i < m->n_act; i++) d->qvel[i] += 0.001 * d->control[i];
    for (int i = 0; i < m->n_dof; i++) d->qpos[i] += 0.001 * d->qvel[i];
    if (is_time("nan ")) d->qpos[2] = NAN;
    if (is_time("warning ")) say(mju_user_warning);
    if (is_time("error ")) say(mju_user_error);
}

/* a bit that there is none of is an error, as in the real library */
int mj_stateSize(const void *model, int bits) {
    const struct model *m = model;
    if (bits == QPOS || bits == QVEL || bits == WARM) return told("sizes") ? m->n_dof + 1 : m->n_dof;
    if (bits == CONTROL) return m->n_act;
    if (bits > 4096) say(mju_user_error);
    return 0;
}

static double *part(struct data *d, int bits) {
    return bits == QPOS ? d->qpos : bits == QVEL ? d->qvel : bits == WARM ? d->warm : d->control;
}

void mj_getState(const void *model, const void *data, double *state, int bits) {
    memcpy(state, part((struct data *)data, bits), (size_t)mj_stateSize(model, bits) * sizeof *state);
}

#ifndef FAKE_LACKS
void mj_setState(const void *model, void *data, const double *state, int bits) {
    memcpy(part(data, bits), state, (size_t)mj_stateSize(model, bits) * sizeof *state);
}
#endif
