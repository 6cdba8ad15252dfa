/* run.json: counts go on over interruptions, damage is refused by readers and forgotten by writers */
#include <stdio.h>
#include <string.h>

#include "bench/run/run_facts.h"
#include "tests/tap.h"

static void write_text(const char *text) { CHECK_OK(mdp_fsx_write(tap_temp_path("run.json"), text, strlen(text))); }

static struct mdp_run_facts read_facts(void) {
    struct mdp_run_facts facts;
    int found;
    CHECK_OK(mdp_run_facts_read(tap_temp_dir(), &facts, &found));
    CHECK(found);
    return facts;
}

static void test_counts_go_on(void) {
    struct mdp_run_meter meter;
    struct mdp_run_facts facts;
    int found;
    CHECK_OK(mdp_run_facts_read(tap_temp_dir(), &facts, &found));
    CHECK(!found);
    mdp_run_meter_start(&meter, tap_temp_dir(), 3);
    CHECK_OK(mdp_run_meter_write(&meter, tap_temp_dir(), 400));
    facts = read_facts();
    CHECK_INT(facts.steps, 400);
    CHECK_INT(facts.threads, 3);
    CHECK(facts.peak_bytes > 1e5 && facts.wall_seconds >= 0 && facts.wall_seconds < 60 && facts.cpu_seconds < 60);
    write_text("{\"steps\": 400, \"wall_seconds\": 1000, \"cpu_seconds\": 2000, \"peak_bytes\": 1e15, \"threads\": 2}");
    mdp_run_meter_start(&meter, tap_temp_dir(), 1);
    CHECK_OK(mdp_run_meter_write(&meter, tap_temp_dir(), 800));
    facts = read_facts();
    CHECK_INT(facts.steps, 800);
    CHECK(facts.wall_seconds >= 1000 && facts.wall_seconds < 1060);
    CHECK(facts.cpu_seconds >= 2000 && facts.cpu_seconds < 2060);
    CHECK(facts.peak_bytes == 1e15);
    CHECK_INT(facts.threads, 1);
}

static void test_damage(void) {
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"", "expected a JSON object"},
        {"[1]", "expected a JSON object"},
        {"{\"steps\": 1", "expected a JSON object, found line 1"},
        {"{\"wall_seconds\": 1}", "steps: expected a number of 0 or more, found none"},
        {"{\"steps\": -1}", "steps: expected a number of 0 or more"},
        {"{\"steps\": \"1\"}", "steps: expected a number of 0 or more, found something else"},
    };
    struct mdp_run_facts facts;
    struct mdp_run_meter meter;
    int found;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_text(bad[i].text);
        CHECK_FAILS(mdp_run_facts_read(tap_temp_dir(), &facts, &found), MDP_E_DATA, bad[i].part);
        mdp_run_meter_start(&meter, tap_temp_dir(), 1);
        CHECK(meter.before.wall_seconds == 0);
    }
    CHECK_OK(mdp_run_meter_write(&meter, tap_temp_dir(), 5));
    CHECK_INT(read_facts().steps, 5);
    CHECK_FAILS(mdp_run_meter_write(&meter, "/proc/none", 5), MDP_E_IO, "/proc/none");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_counts_go_on), TAP_TEST(test_damage)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
