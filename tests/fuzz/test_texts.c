/* damaged YAML and JSON: whatever became of a policy, an experiment, rates or results of perf, the verbs that read them
 * end with an outcome or with a message. What a verb prints stands for what it has read. */
#include "tests/fuzz/damage.h"

static void copy(const char *from, const char *path) {
    char *bytes, whole[MDP_PATH_MAX];
    size_t size;
    snprintf(whole, sizeof whole, "%s/%s", MDP_SOURCE_DIR, from);
    CHECK_OK(mdp_fsx_read(whole, FILE_BYTES_MAX, &bytes, &size));
    write_bytes(path, bytes, size);
    free(bytes);
}

static void make_policy(const char *path) { copy("bench/gates/strict.yaml", path); }
static void make_experiment(const char *path) { copy("bench/experiments/figure2a.yaml", path); }
static void make_rates(const char *path) { copy("bench/experiments/rates.json", path); }

/* ---- changes that leave most of the syntax whole ---- */

/* puts a text in place of n bytes; returns the new size */
static size_t splice(unsigned char *bytes, size_t size, size_t offset, size_t n, const char *text) {
    size_t length = strlen(text);
    memmove(bytes + offset + length, bytes + offset + n, size - offset - n);
    memcpy(bytes + offset, text, length);
    return size - n + length;
}

static size_t line_at(const unsigned char *bytes, size_t size, size_t offset, size_t *n) {
    size_t end = offset;
    while (offset > 0 && bytes[offset - 1] != '\n') offset--;
    while (end < size && bytes[end] != '\n') end++;
    *n = end + (end < size) - offset;
    return offset;
}

/* a number, a word or a line becomes another one, or goes */
static size_t change_once(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    static const char *const texts[] = {"0",      "-1",   "1e308", "nan", "99999999999999999999", "", "[",
                                        "{a: b}", "null", "\"",    "- "};
    size_t offset = mdp_rng_below(rng, (uint32_t)size), n = 0;
    const char *text = texts[mdp_rng_below(rng, sizeof texts / sizeof *texts)];
    switch (mdp_rng_below(rng, 4)) {
    case 0: bytes[offset] = (unsigned char)(' ' + mdp_rng_below(rng, 95)); return size;
    case 1:
        while (offset + n < size && n < 20 && strchr(" \n,:]}", bytes[offset + n]) == NULL) n++;
        return splice(bytes, size, offset, n, text);
    case 2:
        while (offset < size && (bytes[offset] < '0' || bytes[offset] > '9')) offset++;
        while (offset + n < size && bytes[offset + n] >= '0' && bytes[offset + n] <= '9') n++;
        return splice(bytes, size, offset, n, text);
    default: offset = line_at(bytes, size, offset, &n); return splice(bytes, size, offset, n, "");
    }
}

static size_t change_text(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    int n = 1 + (int)mdp_rng_below(rng, 3);
    for (int i = 0; i < n && size > 0; i++) size = change_once(rng, bytes, size);
    return size;
}

/* ---- the verbs that read them ---- */

/* what a gate decides is an outcome; a text that asks for what there is not is refused like any other */
static mdp_err judge(mdp_err err) {
    if (err == MDP_E_FAILED || err == MDP_E_UNDECIDED) return MDP_OK;
    return err == MDP_E_USAGE ? MDP_E_DATA : err;
}

static mdp_err load_policy(const char *path) {
    char *episodes = MDP_SOURCE_DIR "/results/reference/behavior/walker2d-expert.episodes.h5";
    char *argv[] = {"gate",   "--policy", (char *)path, "--baseline", episodes, "--candidate",
                    episodes, "--today",  "2026-06-01", "--json",     NULL};
    return judge(mdp_verb_gate.run(&mdp_verb_gate, 10, argv));
}

static mdp_err load_experiment(const char *path) {
    char *argv[] = {"plan", (char *)path, "--make", NULL};
    return judge(mdp_verb_plan.run(&mdp_verb_plan, 3, argv));
}

static mdp_err load_rates(const char *path) {
    char *argv[] = {"plan", MDP_SOURCE_DIR "/bench/experiments/figure2a.yaml", "--rates", (char *)path, NULL};
    return judge(mdp_verb_plan.run(&mdp_verb_plan, 4, argv));
}

static void test_policy(void) {
    fuzz(&(const struct kind){.name = "policy",
                              .make = make_policy,
                              .load = load_policy,
                              .suffix = ".yaml",
                              .change = change_text,
                              .is_unknown = 1});
}
static void test_experiment(void) {
    fuzz(&(const struct kind){.name = "experiment",
                              .make = make_experiment,
                              .load = load_experiment,
                              .suffix = ".yaml",
                              .change = change_text,
                              .is_unknown = 1});
}
static void test_rates(void) {
    fuzz(&(const struct kind){.name = "rates",
                              .make = make_rates,
                              .load = load_rates,
                              .suffix = ".json",
                              .change = change_text,
                              .is_unknown = 1});
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST_LIMIT(test_policy, 600),
        TAP_TEST_LIMIT(test_experiment, 600),
        TAP_TEST_LIMIT(test_rates, 600),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
