/* messages of policies: what is written is read again, to the last bit, and whatever else comes is refused */
#include <stdlib.h>
#include <string.h>

#include "bench/policy/message.h"
#include "tests/tap.h"

static const struct mdp_policy_greeting world = {.format = MDP_TALK_JSON,
                                                 .mode = "eval",
                                                 .task = "hopper-medium",
                                                 .env_id = "HopperBullet-v0",
                                                 .physics = "bullet-float64 3.24",
                                                 .n_obs = 3,
                                                 .n_act = 2,
                                                 .max_steps = 1000,
                                                 .n_lanes = 2,
                                                 .seed = UINT64_MAX - 1};

/* a text with one part in place of another; NULL if the part is not there */
static char *replaced(const char *text, const char *part, const char *by) {
    static char out[4096];
    const char *place = strstr(text, part);
    if (place == NULL) return NULL;
    snprintf(out, sizeof out, "%.*s%s%s", (int)(place - text), text, by, place + strlen(part));
    return out;
}

static void test_greeting(void) {
    struct mdp_policy_greeting read;
    char *line;
    static const char *const bad[][3] = {{"\"protocol\":1", "\"protocol\":2", "protocol: expected 1, found 2"},
                                         {"\"n_obs\":3", "\"n_obs\":0", "n_obs: expected a whole number from 1"},
                                         {"\"n_act\":2,", "", "n_act: expected a whole number from 1"},
                                         {"\"json\"", "\"xml\"", "found 'xml'"},
                                         {"\"lanes\":2", "\"lanes\":1e9", "lanes: expected"},
                                         {"\"seed\":\"", "\"seed\":\"-", "seed: expected"},
                                         {"{", "[", "expected the first line of mdpbench"}};
    CHECK_OK(mdp_policy_write_greeting(&world, &line));
    CHECK(line[strlen(line) - 1] == '\n' && strchr(line, '\n') == line + strlen(line) - 1);
    CHECK_OK(mdp_policy_read_greeting(line, &read));
    CHECK(memcmp(&read, &world, sizeof read) == 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_FAILS(mdp_policy_read_greeting(replaced(line, bad[i][0], bad[i][1]), &read), MDP_E_DATA, bad[i][2]);
    free(line);
}

static void test_hello(void) {
    const struct mdp_policy_hello hello = {"mine", "v1 of \xc3\xa4", 400};
    struct mdp_policy_hello read;
    char *line;
    CHECK_OK(mdp_policy_write_hello(&hello, &line));
    CHECK_OK(mdp_policy_read_hello(line, &read));
    CHECK(strcmp(read.name, hello.name) == 0 && strcmp(read.hash, hello.hash) == 0 && read.step == 400);
    free(line);
    CHECK_OK(mdp_policy_read_hello("{\"name\": \"a\", \"protocol\": 1, \"more\": [1]}", &read));
    CHECK(read.hash[0] == 0 && read.step == -1);
    CHECK_FAILS(mdp_policy_read_hello("", &read), MDP_E_DATA, "expected a first line");
    CHECK_FAILS(mdp_policy_read_hello("{\"protocol\": 1, \"name\": \"../a\"}", &read), MDP_E_DATA,
                "name: expected 1 to");
    CHECK_FAILS(mdp_policy_read_hello("{\"protocol\": 1, \"name\": \"a\\nb\"}", &read), MDP_E_DATA, "name: expected");
    CHECK_FAILS(mdp_policy_read_hello("{\"protocol\": 1, \"name\": \"a\", \"step\": -2}", &read), MDP_E_DATA,
                "step: expected");
    CHECK_FAILS(mdp_policy_read_hello("{\"protocol\": 1, \"name\": \"a\", \"hash\": 3}", &read), MDP_E_DATA,
                "hash: expected");
    CHECK_FAILS(mdp_policy_read_hello("{\"error\": \"no \\u001b[1m\"}", &read), MDP_E_IO, "says: no ?[1m");
    CHECK_OK(mdp_policy_write_error("a \"word\"", &line));
    CHECK_FAILS(mdp_policy_read_error(line), MDP_E_IO, "says: a \"word\"");
    free(line);
    CHECK_FAILS(mdp_policy_read_error("{}"), MDP_E_DATA, "expected an answer, found '{}'");
}

/* numbers whose nine digits are needed, and the smallest and largest there are */
static const float observations[] = {0.1f, -16777217.0f, 1.17549435e-38f, 3.40282347e38f, 1e-45f, -0.0f};
static const uint32_t episodes[] = {0, UINT32_MAX}, steps[] = {7, 0x40000000u};
static const struct mdp_policy_question question = {2, observations, episodes, steps};

static void test_binary(void) {
    _Alignas(4) char bytes[64];
    struct mdp_policy_question read;
    CHECK_INT(mdp_policy_question_bytes(&world, 2), 4 + 2 * (4 + 4 + 12));
    CHECK_INT(mdp_policy_answer_bytes(&world, 2), 4 + 2 * 8);
    mdp_policy_pack(&world, &question, bytes);
    mdp_policy_unpack(bytes, &read);
    CHECK(read.n == 2 && memcmp(read.episodes, episodes, 8) == 0 && memcmp(read.steps, steps, 8) == 0);
    CHECK(memcmp(read.observations, observations, sizeof observations) == 0);
    CHECK(memcmp(bytes, "\2\0\0\0\0\0\0\0\377\377\377\377\7\0\0\0\0\0\0\100", 20) == 0);
}

static void test_json(void) {
    float o[6], actions[4];
    uint32_t e[2], s[2];
    char *line;
    int n;
    CHECK_OK(mdp_policy_write_question(&world, &question, &line));
    CHECK(strlen(line) < mdp_policy_json_bytes(&world, 2));
    CHECK_OK(mdp_policy_read_question(&world, line, &n, o, e, s));
    CHECK(n == 2 && memcmp(o, observations, sizeof o) == 0 && memcmp(e, episodes, 8) == 0 && memcmp(s, steps, 8) == 0);
    CHECK_FAILS(mdp_policy_read_question(&world, replaced(line, "[0,", "[0,1,"), &n, o, e, s), MDP_E_DATA,
                "episodes: expected");
    CHECK_FAILS(mdp_policy_read_question(&world, replaced(line, "\"steps\":[7,", "\"steps\":["), &n, o, e, s),
                MDP_E_DATA, "steps: expected");
    CHECK_FAILS(
        mdp_policy_read_question(&world, replaced(line, "\"observations\":[[", "\"observations\":[[1,"), &n, o, e, s),
        MDP_E_DATA, "observations: expected 2 rows of 3 numbers");
    free(line);
    CHECK_OK(mdp_policy_write_answer(&world, 2, observations, &line));
    CHECK_OK(mdp_policy_read_answer(&world, 2, line, actions));
    CHECK(memcmp(actions, observations, sizeof actions) == 0);
    CHECK_FAILS(mdp_policy_read_answer(&world, 1, line, actions), MDP_E_DATA,
                "actions: expected 1 rows of 2 numbers, found [[");
    free(line);
    CHECK_FAILS(mdp_policy_read_answer(&world, 1, "{\"actions\": [[1, null]]}", actions), MDP_E_DATA,
                "1 rows of 2 numbers");
    CHECK_FAILS(mdp_policy_read_answer(&world, 1, "{\"actions\": [[1, NaN]]}", actions), MDP_E_DATA,
                "expected an answer");
    CHECK_FAILS(mdp_policy_read_answer(&world, 1, "{\"actions\": [[1, 2]]} {}", actions), MDP_E_DATA,
                "expected an answer");
    CHECK_FAILS(mdp_policy_read_answer(&world, 1, "{\"error\": \"tired\"}", actions), MDP_E_IO, "says: tired");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_greeting), TAP_TEST(test_hello), TAP_TEST(test_binary),
                                            TAP_TEST(test_json)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
