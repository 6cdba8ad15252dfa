#include "bench/policy/serve.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/policy/pipe.h"

/* a talk on its way; arrays are of all lanes */
struct talk {
    struct mdp_pipe pipe;
    struct mdp_policy_greeting greeting;
    struct mdp_actor actor;
    float *observations;        /* [n_lanes, n_obs], of JSON alone */
    uint32_t *episodes, *steps; /* [n_lanes] likewise */
    char *answer;               /* [answer bytes of all lanes]: how many, and the actions */
};

static mdp_err fail(const struct talk *t, enum mdp_pipe_end how, const char *expected) {
    switch (how) {
    case MDP_PIPE_DONE: return MDP_OK;
    case MDP_PIPE_STOPPED: return t->pipe.stop;
    case MDP_PIPE_CLOSED: return mdp_fail(MDP_E_IO, "expected %s, found a closed pipe", expected);
    case MDP_PIPE_TOO_LONG: return mdp_fail(MDP_E_DATA, "expected %s, found a longer line", expected);
    default: return mdp_fail(MDP_E_IO, "expected %s, found: %s", expected, strerror(errno));
    }
}

static mdp_err send_bytes(struct talk *t, const void *bytes, size_t size) {
    return fail(t, mdp_pipe_send(&t->pipe, bytes, size, SIZE_MAX, 0), "that an answer is read");
}

/* drops the line */
static mdp_err send_line(struct talk *t, char *line) {
    mdp_err err = send_bytes(t, line, strlen(line));
    free(line);
    return err;
}

/* a line as a text of its own; NULL at the end of questions. Owns: caller, free() */
static mdp_err take_line(struct talk *t, size_t most, const char *expected, char **line) {
    size_t length;
    *line = NULL;
    enum mdp_pipe_end how = mdp_pipe_line(&t->pipe, most, 0, &length);
    if (how == MDP_PIPE_CLOSED && t->pipe.n == 0) return MDP_OK;
    if (how != MDP_PIPE_DONE) return fail(t, how, expected);
    *line = strndup(t->pipe.bytes, length - 1);
    mdp_pipe_take(&t->pipe, length);
    return *line != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "a question: no memory");
}

/* ---- questions and answers; *is_over is 1 after the last ---- */

/* actions are computed where they stand in the answer */
static float *answer_actions(const struct talk *t) { return (float *)(void *)(t->answer + sizeof(uint32_t)); }

/* JSON has no word for what is not finite */
static mdp_err check_finite(const struct talk *t, int n) {
    const float *actions = answer_actions(t);
    for (int i = 0; i < n * t->greeting.n_act; i++)
        if (!isfinite(actions[i]))
            return mdp_fail(MDP_E_DATA, "expected finite actions, found %g in row %d", (double)actions[i],
                            i / t->greeting.n_act);
    return MDP_OK;
}

static mdp_err answer_binary(struct talk *t, int *is_over) {
    static const char expected[] = "a whole question";
    struct mdp_policy_question q;
    uint32_t n;
    mdp_err err;
    enum mdp_pipe_end how = mdp_pipe_fill(&t->pipe, sizeof n, 0);
    *is_over = how == MDP_PIPE_CLOSED && t->pipe.n == 0;
    if (*is_over) return MDP_OK;
    MDP_TRY(fail(t, how, expected));
    memcpy(&n, t->pipe.bytes, sizeof n);
    if (n < 1 || n > (uint32_t)t->greeting.n_lanes)
        MDP_TRY(
            mdp_fail(MDP_E_DATA, "a question: expected 1 to %d states, found %u", t->greeting.n_lanes, (unsigned)n));
    const size_t size = mdp_policy_question_bytes(&t->greeting, (int)n);
    MDP_TRY(fail(t, mdp_pipe_fill(&t->pipe, size, 0), expected));
    mdp_policy_unpack(t->pipe.bytes, &q);
    MDP_TRY(t->actor.act(t->actor.context, q.n, q.observations, q.episodes, q.steps, answer_actions(t)));
    memcpy(t->answer, &n, sizeof n);
    mdp_pipe_take(&t->pipe, size);
    MDP_TRY(send_bytes(t, t->answer, mdp_policy_answer_bytes(&t->greeting, (int)n)));
out:
    return err;
}

static mdp_err answer_json(struct talk *t, int *is_over) {
    char *line = NULL, *answer;
    int n;
    mdp_err err;
    MDP_TRY(take_line(t, mdp_policy_json_bytes(&t->greeting, t->greeting.n_lanes), "a question", &line));
    *is_over = line == NULL;
    if (*is_over) return MDP_OK;
    MDP_TRY(mdp_policy_read_question(&t->greeting, line, &n, t->observations, t->episodes, t->steps));
    MDP_TRY(t->actor.act(t->actor.context, n, t->observations, t->episodes, t->steps, answer_actions(t)));
    MDP_TRY(check_finite(t, n));
    MDP_TRY(mdp_policy_write_answer(&t->greeting, n, answer_actions(t), &answer));
    MDP_TRY(send_line(t, answer));
out:
    free(line);
    return err;
}

static mdp_err talk_alloc(struct talk *t) {
    mdp_err err;
    const unsigned long n = (unsigned long)t->greeting.n_lanes, o = (unsigned long)t->greeting.n_obs;
    MDP_TRY(mdp_calloc(&t->observations, n * o, sizeof(float), "states"));
    MDP_TRY(mdp_calloc(&t->episodes, n, sizeof(uint32_t), "states"));
    MDP_TRY(mdp_calloc(&t->steps, n, sizeof(uint32_t), "states"));
    MDP_TRY(mdp_calloc(&t->answer, mdp_policy_answer_bytes(&t->greeting, t->greeting.n_lanes), 1, "actions"));
out:
    return err;
}

static mdp_err begin(struct talk *t, const struct mdp_policy_server *server) {
    struct mdp_policy_hello hello = {.step = -1};
    char *line = NULL, *answer;
    mdp_err err;
    MDP_TRY(take_line(t, MDP_POLICY_LINE_MAX, "the first line of mdpbench", &line));
    if (line == NULL)
        MDP_TRY(mdp_fail(MDP_E_DATA, "expected the first line of mdpbench on standard input, found nothing: '--policy' "
                                     "starts this, docs/policy-protocol.md"));
    MDP_TRY(mdp_policy_read_greeting(line, &t->greeting));
    MDP_TRY(server->begin(server->context, &t->greeting, &hello, &t->actor));
    MDP_TRY(talk_alloc(t));
    MDP_TRY(mdp_policy_write_hello(&hello, &answer));
    MDP_TRY(send_line(t, answer));
out:
    free(line);
    return err;
}

/* the other side hears why there is no answer; if it does not listen any more, nobody is told twice */
static void send_error(struct talk *t, mdp_err why) {
    char *message = strdup(mdp_err_message()), *line = NULL;
    if (message != NULL && mdp_policy_write_error(message, &line) == MDP_OK) (void)send_line(t, line);
    if (message != NULL) mdp_fail(why, "%s", message);
    free(message);
}

mdp_err mdp_policy_serve(int in, int out, const struct mdp_policy_server *server) {
    struct talk t = {.pipe = {.in = in, .out = out}};
    int is_over = 0;
    mdp_err err = begin(&t, server);
    while (err == MDP_OK && !is_over)
        err = t.greeting.format == MDP_TALK_JSON ? answer_json(&t, &is_over) : answer_binary(&t, &is_over);
    if (err != MDP_OK && err != MDP_E_INTERRUPTED) send_error(&t, err);
    free(t.observations);
    free(t.episodes);
    free(t.steps);
    free(t.answer);
    mdp_pipe_free(&t.pipe);
    return err;
}
