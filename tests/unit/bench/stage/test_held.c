/* which episodes that are there may begin a longer evaluation, and which may not */
#include "bench/stage/held.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unlike.h"

enum { N = 4, MAX_STEPS = 100 };

/* lengths 10, 11, ..; the last one as long as `last` */
static void write_file(const char *path, const struct mdp_episodes_info *info, long first, int last) {
    struct mdp_episodes rows;
    CHECK_OK(mdp_episodes_alloc(&rows, N));
    for (int i = 0; i < N; i++) {
        rows.returns[i] = 100.5 + i;
        rows.lengths[i] = i + 1 < N ? 10 + i : last;
        rows.ends[i] = (uint8_t)(i % 3);
        rows.seeds[i] = info->seed;
        rows.indices[i] = first + i;
    }
    CHECK_OK(mdp_episodes_write(path, info, &rows, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&rows);
}

static struct mdp_episodes_info info_of(char settings[UNLIKE_SETTINGS], const char *text) {
    struct mdp_episodes_info info = unlike_info(UNLIKE_NOTHING, settings);
    info.head.settings = text;
    return info;
}

static void test_read(void) {
    static const struct {
        const char *there, *wanted, *refusal; /* of the settings; NULL: none */
        int is_whole;
    } cases[] = {{"{\"episodes\":4,\"seed\":0}", "{\"episodes\":4,\"seed\":0}", NULL, 1},
                 {"{\"episodes\":4,\"seed\":0}", "{\"seed\":0,\"episodes\":9}", NULL, 0},
                 {"{\"episodes\":4,\"seed\":0}", "{\"episodes\":3,\"seed\":0}", "episodes 4 there, 3 wanted", 0},
                 {"{\"episodes\":4,\"seed\":0}", "{\"episodes\":9,\"seed\":1}",
                  "episodes 4 there, 9 wanted; seed 0 there, 1 wanted; another --label or --out", 0},
                 {"{\"episodes\":\"4\"}", "{\"episodes\":9}", "episodes \"4\" there, 9 wanted", 0},
                 {"{}", "{\"episodes\":9}", "episodes none there, 9 wanted", 0}};
    char settings[UNLIKE_SETTINGS];
    const char *path = tap_temp_path("e.h5");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct mdp_episodes_info there = info_of(settings, cases[i].there),
                                       wanted = info_of(settings, cases[i].wanted);
        struct mdp_held held;
        write_file(path, &there, 0, 20);
        mdp_err err = mdp_held_read(path, &wanted, &held);
        if (cases[i].refusal != NULL) {
            CHECK_FAILS(err, MDP_E_USAGE, cases[i].refusal);
            continue;
        }
        CHECK_OK(err);
        CHECK_INT(held.is_whole, cases[i].is_whole);
        CHECK_INT(held.episodes.n, N);
        mdp_held_free(&held);
    }
}

/* episodes that would come out otherwise today are not the first ones of today's; whole ones are read all the same */
static void test_other_bits(void) {
    static const int facts[] = {MDP_FACT_ENV_ID, MDP_FACT_ENV_HASH, MDP_FACT_PHYSICS, MDP_FACT_REF_MAX, MDP_FACT_ISA};
    char settings[UNLIKE_SETTINGS];
    const char *path = tap_temp_path("e.h5");
    struct mdp_held held;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct mdp_episodes_info there = info_of(settings, "{\"episodes\":4}"),
                                 wanted = info_of(settings, "{\"episodes\":5}");
        unlike_change(facts[i], &there);
        write_file(path, &there, 0, 20);
        CHECK_FAILS(mdp_held_read(path, &wanted, &held), MDP_E_USAGE, mdp_fact_row((enum mdp_fact)facts[i])->text);
        CHECK(strstr(mdp_err_message(), "so that no others can follow them") != NULL);
        wanted.head.settings = "{\"episodes\":4}";
        CHECK_OK(mdp_held_read(path, &wanted, &held));
        CHECK(held.is_whole);
        mdp_held_free(&held);
    }
}

static void read_held(const char *path, long first, int last, struct mdp_held *held) {
    char settings[UNLIKE_SETTINGS];
    const struct mdp_episodes_info there = info_of(settings, "{\"episodes\":4}"),
                                   wanted = info_of(settings, "{\"episodes\":9}");
    write_file(path, &there, first, last);
    CHECK_OK(mdp_held_read(path, &wanted, held));
}

static void test_tape(void) {
    const char *path = tap_temp_path("e.h5");
    struct mdp_held held;
    struct mdp_tape tape;
    read_held(path, 3, 20, &held);
    CHECK_OK(mdp_tape_new(9, MAX_STEPS, 2, &tape));
    CHECK_FAILS(mdp_held_to_tape(&held, path, 0, MDP_RETURN_STANDARD, &tape), MDP_E_DATA, "expected episodes 0 to 8");
    CHECK(mdp_tape_is_empty(&tape));
    CHECK_OK(mdp_held_to_tape(&held, path, 3, MDP_RETURN_STANDARD, &tape));
    for (int i = 0; i < 9; i++) {
        CHECK_INT(tape.is_done[i], i < N);
        if (i >= N) continue;
        CHECK(tape.returns[i] == 100.5 + i && tape.early_returns[i] == 100.5 + i);
        CHECK_INT(tape.lengths[i], i + 1 < N ? 10 + i : 20);
        CHECK_INT(tape.ends[i], 1 << i % 3);
    }
    mdp_tape_free(&tape);
    CHECK_OK(mdp_tape_new(3, MAX_STEPS, 2, &tape));
    CHECK_FAILS(mdp_held_to_tape(&held, path, 3, MDP_RETURN_STANDARD, &tape), MDP_E_DATA, "episodes 3 to 5");
    mdp_tape_free(&tape);
    CHECK_OK(mdp_tape_new(9, 12, 2, &tape));
    CHECK_FAILS(mdp_held_to_tape(&held, path, 3, MDP_RETURN_STANDARD, &tape), MDP_E_DATA,
                "of at most 12 steps, found 6 of 20");
    mdp_tape_free(&tape);
    mdp_held_free(&held);
}

/* under the rule of CleanDiffuser's loop a single episode that lasts changes what all others count */
static void test_rule(void) {
    const char *path = tap_temp_path("e.h5");
    for (int lasts = 0; lasts < 2; lasts++) {
        struct mdp_held held;
        struct mdp_tape tape;
        read_held(path, 0, lasts ? MAX_STEPS : 20, &held);
        CHECK_OK(mdp_tape_new(9, MAX_STEPS, 2, &tape));
        CHECK_OK(mdp_held_to_tape(&held, path, 0, MDP_RETURN_CLEANDIFFUSER, &tape));
        CHECK_INT(mdp_tape_is_empty(&tape), !lasts);
        mdp_tape_free(&tape);
        mdp_held_free(&held);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_read),
        TAP_TEST(test_other_bits),
        TAP_TEST(test_tape),
        TAP_TEST(test_rule),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
