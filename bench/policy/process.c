#define _DEFAULT_SOURCE
#include "bench/policy/process.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/number.h"
#include "bench/policy/child.h"
#include "bench/policy/pipe.h"
#include "envs/engine.h"

/* how long a policy may take to end by itself, after the last question and after it has broken off. Units: seconds */
enum { END_SECONDS = 5, BROKEN_SECONDS = 1, SHOWN_BYTES = 40 };

struct mdp_policy_process {
    struct mdp_policy_request request;
    struct mdp_policy_hello hello;
    struct mdp_child child;
    struct mdp_pipe pipe;
    char *question;             /* [question bytes of all lanes] */
    double n_actions, n_beyond; /* rows so far, and those with a number beyond its bounds */
    int is_deaf;                /* it has closed its standard input */
    int is_broken;              /* nothing more is asked, and nothing is waited for */
};

mdp_err mdp_policy_describe(const struct mdp_task *task, const struct mdp_engine *engine,
                            struct mdp_policy_greeting *g) {
    const struct mdp_env_spec *spec = task->spec;
    struct mdp_engine_facts physics;
    mdp_err err = mdp_engine_describe(engine, spec, &physics);
    if (err != MDP_OK) return err;
    snprintf(g->task, sizeof g->task, "%s", task->name);
    snprintf(g->env_id, sizeof g->env_id, "%s", spec->id);
    snprintf(g->physics, sizeof g->physics, "%s", physics.label);
    g->n_obs = spec->n_obs;
    g->n_act = spec->n_act;
    g->max_steps = spec->max_steps;
    return MDP_OK;
}

/* ---- what goes wrong ---- */

/* puts the command before the newest message */
static mdp_err blame(struct mdp_policy_process *p, mdp_err err) {
    p->is_broken = 1;
    return mdp_fail_context(err, "policy '%.200s'", p->request.command);
}

/* as many of the bytes that came as can be shown, e.g. what a policy prints that should have gone to standard error */
static void describe_bytes(const struct mdp_policy_process *p, char text[2 * SHOWN_BYTES]) {
    const int n = p->pipe.n < SHOWN_BYTES ? (int)p->pipe.n : SHOWN_BYTES;
    text[0] = 0;
    if (n > 0 && p->pipe.bytes[0] != 0) snprintf(text, 2 * SHOWN_BYTES, ", which begin '%.*s'", n, p->pipe.bytes);
}

static mdp_err say_end(struct mdp_policy_process *p, const char *expected) {
    char how[64], begin[2 * SHOWN_BYTES];
    describe_bytes(p, begin);
    if (!mdp_child_wait(&p->child, BROKEN_SECONDS))
        return mdp_fail(MDP_E_IO, "expected %s, found a closed pipe after %zu bytes%s", expected, p->pipe.n, begin);
    mdp_child_how(&p->child, how);
    return mdp_fail(MDP_E_IO, "expected %s, found that it has ended with %s after %zu bytes%s", expected, how,
                    p->pipe.n, begin);
}

static mdp_err say_late(const struct mdp_policy_process *p, const char *expected) {
    char seconds[MDP_NUMBER_MAX];
    mdp_number_shortest(p->request.seconds, seconds);
    return mdp_fail(MDP_E_IO, "expected %s within %s seconds (--policy-timeout), found %zu bytes", expected, seconds,
                    p->pipe.n);
}

/* one that does not listen any more may have said why, which is read first; an answer to nothing is none */
static mdp_err check_listens(struct mdp_policy_process *p) {
    if (!p->is_deaf) return MDP_OK;
    return blame(p, mdp_fail(MDP_E_IO, "expected that it reads what it is asked, found its standard input closed"));
}

static double patience(const struct mdp_policy_process *p) { return p->is_deaf ? BROKEN_SECONDS : p->request.seconds; }

/* the error that waiting has come to */
static mdp_err fail(struct mdp_policy_process *p, enum mdp_pipe_end how, const char *expected) {
    char begin[2 * SHOWN_BYTES];
    switch (how) {
    case MDP_PIPE_DONE: return MDP_OK;
    case MDP_PIPE_STOPPED: p->is_broken = 1; return p->pipe.stop;
    case MDP_PIPE_CLOSED: return blame(p, say_end(p, expected));
    case MDP_PIPE_LATE: return p->is_deaf ? check_listens(p) : blame(p, say_late(p, expected));
    case MDP_PIPE_TOO_LONG:
        describe_bytes(p, begin);
        return blame(p, mdp_fail(MDP_E_DATA, "expected %s, found a longer line of bytes%s", expected, begin));
    case MDP_PIPE_FAILED: break;
    }
    return blame(p, mdp_fail(MDP_E_IO, "expected %s, found: %s", expected, strerror(errno)));
}

/* ---- talk ---- */

static mdp_err send_bytes(struct mdp_policy_process *p, const void *bytes, size_t size, const char *expected) {
    char begin[2 * SHOWN_BYTES];
    if (p->pipe.n > 0) {
        describe_bytes(p, begin);
        return blame(
            p, mdp_fail(MDP_E_DATA, "expected nothing before the next question, found %zu bytes%s", p->pipe.n, begin));
    }
    const size_t most = mdp_policy_json_bytes(&p->request.greeting, p->request.greeting.n_lanes);
    enum mdp_pipe_end how = mdp_pipe_send(&p->pipe, bytes, size, most, p->request.seconds);
    p->is_deaf = how == MDP_PIPE_CLOSED;
    return p->is_deaf ? MDP_OK : fail(p, how, expected);
}

/* a line as a text of its own. Owns: caller, free() */
static mdp_err take_line(struct mdp_policy_process *p, size_t most, const char *expected, char **line) {
    size_t length;
    *line = NULL;
    mdp_err err = fail(p, mdp_pipe_line(&p->pipe, most, patience(p), &length), expected);
    if (err != MDP_OK) return err;
    *line = strndup(p->pipe.bytes, length - 1);
    mdp_pipe_take(&p->pipe, length);
    return *line != NULL ? MDP_OK : blame(p, mdp_fail(MDP_E_NOMEM, "no memory for an answer"));
}

static mdp_err greet(struct mdp_policy_process *p) {
    static const char expected[] = "its first line";
    char *line = NULL, *answer = NULL;
    mdp_err err;
    MDP_TRY(mdp_policy_write_greeting(&p->request.greeting, &line));
    MDP_TRY(send_bytes(p, line, strlen(line), expected));
    MDP_TRY(take_line(p, MDP_POLICY_LINE_MAX, expected, &answer));
    err = mdp_policy_read_hello(answer, &p->hello);
    if (err != MDP_OK) MDP_TRY(blame(p, err));
    MDP_TRY(check_listens(p));
out:
    free(line);
    free(answer);
    return err;
}

/* a line in the place of a binary answer begins with a number of rows that no question has */
static mdp_err refuse_count(struct mdp_policy_process *p, int n) {
    uint32_t found;
    char *line = NULL, begin[2 * SHOWN_BYTES];
    mdp_err err;
    memcpy(&found, p->pipe.bytes, sizeof found);
    if (found > MDP_POLICY_LANES_MAX && p->pipe.bytes[0] == '{') {
        MDP_TRY(take_line(p, MDP_POLICY_LINE_MAX, "an answer", &line));
        MDP_TRY(blame(p, mdp_policy_read_error(line)));
    }
    describe_bytes(p, begin);
    err = blame(p, mdp_fail(MDP_E_DATA, "expected the actions of %d states, found %u%s", n, (unsigned)found, begin));
out:
    free(line);
    return err;
}

static mdp_err ask_binary(struct mdp_policy_process *p, const struct mdp_policy_question *q, float *actions) {
    const struct mdp_policy_greeting *g = &p->request.greeting;
    const size_t size = mdp_policy_answer_bytes(g, q->n), head = sizeof(uint32_t);
    const uint32_t count = (uint32_t)q->n;
    char expected[64];
    mdp_err err;
    snprintf(expected, sizeof expected, "an answer of %zu bytes", size);
    mdp_policy_pack(g, q, p->question);
    MDP_TRY(send_bytes(p, p->question, mdp_policy_question_bytes(g, q->n), expected));
    MDP_TRY(fail(p, mdp_pipe_fill(&p->pipe, head, patience(p)), expected));
    if (memcmp(p->pipe.bytes, &count, head) != 0) MDP_TRY(refuse_count(p, q->n));
    MDP_TRY(fail(p, mdp_pipe_fill(&p->pipe, size, patience(p)), expected));
    memcpy(actions, p->pipe.bytes + head, size - head);
    mdp_pipe_take(&p->pipe, size);
out:
    return err;
}

static mdp_err ask_json(struct mdp_policy_process *p, const struct mdp_policy_question *q, float *actions) {
    static const char expected[] = "an answer of one line";
    const struct mdp_policy_greeting *g = &p->request.greeting;
    char *line = NULL, *answer = NULL;
    mdp_err err;
    MDP_TRY(mdp_policy_write_question(g, q, &line));
    MDP_TRY(send_bytes(p, line, strlen(line), expected));
    MDP_TRY(take_line(p, mdp_policy_json_bytes(g, q->n), expected, &answer));
    err = mdp_policy_read_answer(g, q->n, answer, actions);
    if (err != MDP_OK) MDP_TRY(blame(p, err));
out:
    free(line);
    free(answer);
    return err;
}

/* numbers beyond the bounds are no fault, as environments take them, but numbers that are none are */
static mdp_err check_actions(struct mdp_policy_process *p, const struct mdp_policy_question *q, float *actions) {
    const int n_act = p->request.greeting.n_act;
    for (int i = 0; i < q->n; i++) {
        int is_beyond = 0;
        for (int j = 0; j < n_act; j++) {
            float *a = &actions[i * n_act + j];
            if (!isfinite(*a))
                return blame(p, mdp_fail(MDP_E_DATA,
                                         "action %d of episode %u, step %u: expected a finite number, found %s", j,
                                         (unsigned)q->episodes[i], (unsigned)q->steps[i],
                                         isnan(*a) ? "nan" : "an infinite one"));
            is_beyond |= fabsf(*a) > 1;
            if (p->request.is_clipped) *a = fminf(fmaxf(*a, -1), 1);
        }
        p->n_beyond += is_beyond;
    }
    p->n_actions += q->n;
    return MDP_OK;
}

static mdp_err act(void *context, int n_states, const float *observations, const uint32_t *episodes,
                   const uint32_t *steps, float *actions) {
    struct mdp_policy_process *p = context;
    const struct mdp_policy_question q = {n_states, observations, episodes, steps};
    mdp_err err = p->request.greeting.format == MDP_TALK_JSON ? ask_json(p, &q, actions) : ask_binary(p, &q, actions);
    if (err == MDP_OK) err = check_listens(p);
    return err == MDP_OK ? check_actions(p, &q, actions) : err;
}

/* ---- life ---- */

mdp_err mdp_policy_process_new(const struct mdp_policy_request *request, struct mdp_policy_process **out) {
    struct mdp_policy_process *p = NULL;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&p, 1, sizeof *p, "a policy"));
    p->request = *request;
    p->child = MDP_CHILD_NONE;
    MDP_TRY(mdp_calloc(&p->question, mdp_policy_question_bytes(&request->greeting, request->greeting.n_lanes), 1,
                       "a policy's questions"));
    err = mdp_child_start(request->command, &p->child);
    if (err != MDP_OK) MDP_TRY(blame(p, err));
    p->pipe = (struct mdp_pipe){.in = p->child.in, .out = p->child.out};
    MDP_TRY(greet(p));
    *out = p;
    p = NULL;
out:
    if (p != NULL) p->is_broken = 1;
    mdp_policy_process_free(p);
    return err;
}

const struct mdp_policy_hello *mdp_policy_process_hello(const struct mdp_policy_process *process) {
    return &process->hello;
}

struct mdp_actor mdp_policy_process_actor(struct mdp_policy_process *process) {
    return (struct mdp_actor){.context = process, .act = act, .may_remember = 1};
}

mdp_err mdp_policy_process_seconds(const struct mdp_policy_process *process, double *seconds) {
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(process->child.pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return mdp_fail(MDP_E_IO, "policy '%.200s': the system does not say which processor time it has taken",
                        process->request.command);
    *seconds = (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
    return MDP_OK;
}

void mdp_policy_process_free(struct mdp_policy_process *process) {
    if (process == NULL) return;
    mdp_child_end(&process->child, process->is_broken ? 0 : END_SECONDS);
    if (process->n_beyond > 0 && !process->is_broken)
        mdp_log("policy '%.200s': %.0f of %.0f actions were beyond [-1, 1]%s", process->request.command,
                process->n_beyond, process->n_actions, process->request.is_clipped ? " and have been clipped" : "");
    mdp_pipe_free(&process->pipe);
    free(process->question);
    free(process);
}
