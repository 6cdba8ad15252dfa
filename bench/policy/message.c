#include "bench/policy/message.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "bench/run/names.h"
#include "results/show/json.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "questions and answers are copied as they lie in memory");

enum { SHOWN = 80, SIZE_MOST = 1024, STEPS_MOST = 1000000000, DIGITS_OF_FLOAT = 9 };

/* ---- lines ---- */

static mdp_err to_line(json_t *object, size_t flags, char **line) {
    char *text = object != NULL ? json_dumps(object, flags | JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    size_t n = text != NULL ? strlen(text) : 0;
    json_decref(object);
    *line = malloc(n + 2);
    if (text == NULL || *line == NULL) {
        free(text);
        free(*line);
        *line = NULL;
        return mdp_fail(MDP_E_NOMEM, "a message of a policy: no memory");
    }
    memcpy(*line, text, n);
    memcpy(*line + n, "\n", 2);
    free(text);
    return MDP_OK;
}

/* a JSON object, or a refusal that shows how the line begins */
static mdp_err from_line(const char *line, const char *expected, json_t **object) {
    *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(*object)) return MDP_OK;
    json_decref(*object);
    *object = NULL;
    return mdp_fail(MDP_E_DATA, "expected %s, found '%.*s%s'", expected, SHOWN, line, strlen(line) > SHOWN ? ".." : "");
}

static mdp_err refuse_member(const json_t *object, const char *key, const char *expected) {
    const json_t *value = json_object_get(object, key);
    char *text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    mdp_err err =
        mdp_fail(MDP_E_DATA, "%s: expected %s, found %.*s", key, expected, SHOWN, text != NULL ? text : "none");
    free(text);
    return err;
}

static mdp_err read_text(const json_t *object, const char *key, char *to, size_t size) {
    const char *text = json_string_value(json_object_get(object, key));
    size_t n = text != NULL ? strlen(text) : 0;
    if (n == 0 || n >= size || !mdp_text_is_name(text, n)) return refuse_member(object, key, "a short text");
    memcpy(to, text, n + 1);
    return MDP_OK;
}

static mdp_err read_whole(const json_t *object, const char *key, long low, long high, long *to) {
    const json_t *value = json_object_get(object, key);
    char expected[64];
    snprintf(expected, sizeof expected, "a whole number from %ld to %ld", low, high);
    if (!json_is_integer(value) || json_integer_value(value) < low || json_integer_value(value) > high)
        return refuse_member(object, key, expected);
    *to = (long)json_integer_value(value);
    return MDP_OK;
}

static mdp_err read_int(const json_t *object, const char *key, long high, int *to) {
    long value;
    mdp_err err = read_whole(object, key, 1, high, &value);
    if (err == MDP_OK) *to = (int)value;
    return err;
}

static mdp_err read_protocol(const json_t *object) {
    char expected[8];
    snprintf(expected, sizeof expected, "%d", MDP_POLICY_PROTOCOL);
    const json_t *value = json_object_get(object, "protocol");
    if (json_is_integer(value) && json_integer_value(value) == MDP_POLICY_PROTOCOL) return MDP_OK;
    return refuse_member(object, "protocol", expected);
}

/* lists are whole or NULL: one that lost a number for want of memory would be another */
static int append(json_t **list, json_t *value) {
    if (*list != NULL && json_array_append_new(*list, value) == 0) return 1;
    json_decref(*list);
    *list = NULL;
    return 0;
}

/* ---- how it begins ---- */

static json_t *bound(int n, double value) {
    json_t *list = json_array();
    for (int i = 0; i < n && append(&list, json_real(value)); i++) continue;
    return list;
}

mdp_err mdp_policy_write_greeting(const struct mdp_policy_greeting *g, char **line) {
    json_t *object = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "protocol",
                               MDP_POLICY_PROTOCOL, "mdpbench", MDP_VERSION, "mode", g->mode, "format",
                               mdp_names_at(mdp_talk_format_names(), (int)g->format), "task", g->task, "environment",
                               g->env_id, "physics", g->physics, "n_obs", g->n_obs, "n_act", g->n_act, "max_steps",
                               g->max_steps, "lanes", g->n_lanes, "seed", mdp_json_whole(g->seed), "action_low",
                               bound(g->n_act, -1), "action_high", bound(g->n_act, 1));
    return to_line(object, 0, line);
}

/* above 2^53 a seed is a text */
static mdp_err read_seed(const json_t *object, uint64_t *seed) {
    const json_t *value = json_object_get(object, "seed");
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *seed = (uint64_t)json_integer_value(value);
        return MDP_OK;
    }
    const char *text = json_string_value(value);
    int n_read = 0;
    if (text != NULL && text[0] >= '0' && text[0] <= '9' && sscanf(text, "%" SCNu64 "%n", seed, &n_read) == 1 &&
        text[n_read] == 0)
        return MDP_OK;
    return refuse_member(object, "seed", "a whole number");
}

mdp_err mdp_policy_read_greeting(const char *line, struct mdp_policy_greeting *out) {
    json_t *object;
    char format[16];
    int i_format;
    mdp_err err;
    *out = (struct mdp_policy_greeting){.format = MDP_TALK_BINARY};
    MDP_TRY(from_line(line, "the first line of mdpbench, a JSON object", &object));
    MDP_TRY(read_protocol(object));
    MDP_TRY(read_text(object, "format", format, sizeof format));
    MDP_TRY(mdp_names_find(mdp_talk_format_names(), "format", format, &i_format));
    out->format = (unsigned)i_format;
    MDP_TRY(read_text(object, "mode", out->mode, sizeof out->mode));
    MDP_TRY(read_text(object, "task", out->task, sizeof out->task));
    MDP_TRY(read_text(object, "environment", out->env_id, sizeof out->env_id));
    MDP_TRY(read_text(object, "physics", out->physics, sizeof out->physics));
    MDP_TRY(read_int(object, "n_obs", SIZE_MOST, &out->n_obs));
    MDP_TRY(read_int(object, "n_act", SIZE_MOST, &out->n_act));
    MDP_TRY(read_int(object, "max_steps", STEPS_MOST, &out->max_steps));
    MDP_TRY(read_int(object, "lanes", MDP_POLICY_LANES_MAX, &out->n_lanes));
    MDP_TRY(read_seed(object, &out->seed));
out:
    json_decref(object);
    return err == MDP_E_USAGE ? mdp_fail_context(MDP_E_DATA, "the first line of mdpbench") : err;
}

mdp_err mdp_policy_write_hello(const struct mdp_policy_hello *hello, char **line) {
    json_t *object = json_pack("{s:i, s:s}", "protocol", MDP_POLICY_PROTOCOL, "name", hello->name);
    if (hello->hash[0] != 0) json_object_set_new(object, "hash", json_string(hello->hash));
    if (hello->step >= 0) json_object_set_new(object, "step", json_integer(hello->step));
    return to_line(object, 0, line);
}

/* the policy's own words, if a line says that it does not go on */
static mdp_err check_error(const json_t *object) {
    const char *words = json_string_value(json_object_get(object, "error"));
    return words != NULL ? mdp_fail(MDP_E_IO, "says: %.400s", words) : MDP_OK;
}

mdp_err mdp_policy_read_hello(const char *line, struct mdp_policy_hello *out) {
    json_t *object;
    mdp_err err;
    *out = (struct mdp_policy_hello){.step = -1};
    MDP_TRY(from_line(line, "a first line {\"protocol\": 1, \"name\": ..}", &object));
    MDP_TRY(check_error(object));
    MDP_TRY(read_protocol(object));
    MDP_TRY(read_text(object, "name", out->name, sizeof out->name));
    err = mdp_label_check(out->name);
    if (err != MDP_OK) MDP_TRY(mdp_fail_context(MDP_E_DATA, "name"));
    if (json_object_get(object, "hash") != NULL) MDP_TRY(read_text(object, "hash", out->hash, sizeof out->hash));
    if (json_object_get(object, "step") != NULL) MDP_TRY(read_whole(object, "step", 0, STEPS_MOST, &out->step));
out:
    json_decref(object);
    return err;
}

mdp_err mdp_policy_write_error(const char *message, char **line) {
    return to_line(json_pack("{s:o}", "error", mdp_json_of_text(message)), 0, line);
}

mdp_err mdp_policy_read_error(const char *line) {
    json_t *object;
    mdp_err err = from_line(line, "an answer", &object);
    if (err == MDP_OK) err = check_error(object);
    if (err == MDP_OK) err = mdp_fail(MDP_E_DATA, "expected an answer, found '%.*s'", SHOWN, line);
    json_decref(object);
    return err;
}

/* ---- binary ---- */

size_t mdp_policy_question_bytes(const struct mdp_policy_greeting *g, int n) {
    return sizeof(uint32_t) + (size_t)n * (2 * sizeof(uint32_t) + (size_t)g->n_obs * sizeof(float));
}

size_t mdp_policy_answer_bytes(const struct mdp_policy_greeting *g, int n) {
    return sizeof(uint32_t) + (size_t)n * (size_t)g->n_act * sizeof(float);
}

void mdp_policy_pack(const struct mdp_policy_greeting *g, const struct mdp_policy_question *q, char *bytes) {
    const uint32_t count = (uint32_t)q->n;
    const size_t n = (size_t)q->n * sizeof(uint32_t);
    memcpy(bytes, &count, sizeof count);
    bytes += sizeof count;
    memcpy(bytes, q->episodes, n);
    memcpy(bytes + n, q->steps, n);
    memcpy(bytes + 2 * n, q->observations, n * (size_t)g->n_obs);
}

void mdp_policy_unpack(const char *bytes, struct mdp_policy_question *out) {
    const uint32_t *words = (const uint32_t *)(const void *)bytes;
    out->n = (int)words[0];
    out->episodes = words + 1;
    out->steps = words + 1 + out->n;
    out->observations = (const float *)(const void *)(words + 1 + 2 * out->n);
}

/* ---- JSON ---- */

/* a number of 9 digits takes up to 16 bytes with its comma; of others' digits and blanks there may be more */
size_t mdp_policy_json_bytes(const struct mdp_policy_greeting *g, int n) {
    return MDP_POLICY_LINE_MAX + (size_t)n * (size_t)(g->n_obs + g->n_act + 2) * 64;
}

static json_t *rows_to_json(int n, int width, const float *rows) {
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        json_t *row = json_array();
        for (int j = 0; j < width && append(&row, json_real((double)rows[i * width + j])); j++) continue;
        if (!append(&list, row)) break;
    }
    return list;
}

static json_t *counts_to_json(int n, const uint32_t *counts) {
    json_t *list = json_array();
    for (int i = 0; i < n && append(&list, json_integer(counts[i])); i++) continue;
    return list;
}

mdp_err mdp_policy_write_question(const struct mdp_policy_greeting *g, const struct mdp_policy_question *q,
                                  char **line) {
    return to_line(json_pack("{s:o, s:o, s:o}", "episodes", counts_to_json(q->n, q->episodes), "steps",
                             counts_to_json(q->n, q->steps), "observations",
                             rows_to_json(q->n, g->n_obs, q->observations)),
                   JSON_REAL_PRECISION(DIGITS_OF_FLOAT), line);
}

mdp_err mdp_policy_write_answer(const struct mdp_policy_greeting *g, int n, const float *actions, char **line) {
    return to_line(json_pack("{s:o}", "actions", rows_to_json(n, g->n_act, actions)),
                   JSON_REAL_PRECISION(DIGITS_OF_FLOAT), line);
}

/* n rows of so many numbers */
static mdp_err rows_from_json(const json_t *object, const char *key, int n, int width, float *rows) {
    const json_t *list = json_object_get(object, key);
    char expected[64];
    snprintf(expected, sizeof expected, "%d rows of %d numbers", n, width);
    if (json_array_size(list) != (size_t)n) return refuse_member(object, key, expected);
    for (int i = 0; i < n; i++) {
        const json_t *row = json_array_get(list, (size_t)i);
        if (json_array_size(row) != (size_t)width) return refuse_member(object, key, expected);
        for (int j = 0; j < width; j++) {
            const json_t *value = json_array_get(row, (size_t)j);
            if (!json_is_number(value)) return refuse_member(object, key, expected);
            rows[i * width + j] = (float)json_number_value(value);
        }
    }
    return MDP_OK;
}

static mdp_err counts_from_json(const json_t *object, const char *key, int n, uint32_t *counts) {
    const json_t *list = json_object_get(object, key);
    if (json_array_size(list) != (size_t)n) return refuse_member(object, key, "as many as episodes");
    for (int i = 0; i < n; i++) {
        const json_t *value = json_array_get(list, (size_t)i);
        if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > UINT32_MAX)
            return refuse_member(object, key, "whole numbers");
        counts[i] = (uint32_t)json_integer_value(value);
    }
    return MDP_OK;
}

mdp_err mdp_policy_read_question(const struct mdp_policy_greeting *g, const char *line, int *n, float *observations,
                                 uint32_t *episodes, uint32_t *steps) {
    json_t *object;
    mdp_err err;
    MDP_TRY(from_line(line, "a question, a JSON object", &object));
    size_t count = json_array_size(json_object_get(object, "episodes"));
    if (count < 1 || count > (size_t)g->n_lanes) MDP_TRY(refuse_member(object, "episodes", "1 for each lane at most"));
    *n = (int)count;
    MDP_TRY(counts_from_json(object, "episodes", *n, episodes));
    MDP_TRY(counts_from_json(object, "steps", *n, steps));
    MDP_TRY(rows_from_json(object, "observations", *n, g->n_obs, observations));
out:
    json_decref(object);
    return err;
}

mdp_err mdp_policy_read_answer(const struct mdp_policy_greeting *g, int n, const char *line, float *actions) {
    json_t *object;
    mdp_err err;
    MDP_TRY(from_line(line, "an answer {\"actions\": [[..], ..]}", &object));
    MDP_TRY(check_error(object));
    MDP_TRY(rows_from_json(object, "actions", n, g->n_act, actions));
out:
    json_decref(object);
    return err;
}
