/* bench/run/disk: what is said beforehand is what files take, to a few per cent, and never less. */
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "algos/algorithm.h"
#include "algos/learner.h"
#include "bench/run/disk.h"
#include "bench/run/modules.h"
#include "tests/tap.h"

enum { N_OBS = 22, N_ACT = 6 };

static double size_of(const char *leaf) {
    struct stat status;
    CHECK_INT(stat(tap_temp_path(leaf), &status), 0);
    return (double)status.st_size;
}

static void check_near(double said, const char *leaf) {
    double found = size_of(leaf);
    if (said < found || said > 1.03 * found) fprintf(stderr, "%s: %g bytes, said %g\n", leaf, found, said);
    CHECK(said >= found && said <= 1.03 * found);
}

static void check_algorithm(const char *name) {
    const struct mdp_algorithm *algorithm;
    struct mdp_diffusion_config diffusion_config;
    struct mdp_guidance_config guidance_config;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_learner_config learner_config;
    struct mdp_learner *learner;
    struct mdp_run_disk disk, before;
    static const char resume[] = "resume.h5";
    int64_t counters[3] = {1, 2, 3};
    const struct mdp_training_state state = {.n_counters = 3, .counters = counters};
    const struct mdp_normalizer normalizer = {0, {0}, {0}};
    const struct mdp_module_facts facts = {name, "walker2d-medium", 1, 10, N_OBS, N_ACT, &normalizer, "{}", "{}",
                                           NULL, MDP_PUBLISH_REPLACE};
    CHECK_OK(mdp_algorithm_find(name, &algorithm));
    mdp_algorithm_diffusion(algorithm, N_OBS, N_ACT, &diffusion_config);
    mdp_algorithm_guidance(algorithm, N_OBS, N_ACT, &guidance_config);
    CHECK_OK(mdp_diffusion_new(&diffusion_config, 0, &diffusion));
    CHECK_OK(mdp_guidance_new(&guidance_config, 0, &guidance));
    CHECK_OK(mdp_diffusion_write(tap_temp_path("d.h5"), diffusion, &facts));
    CHECK_OK(mdp_guidance_write(tap_temp_path("g.h5"), guidance, &facts));
    /* as a learner does before its first step; what was said before is said after, too */
    mdp_run_disk(diffusion, guidance, &before);
    mdp_learner_defaults(&learner_config);
    mdp_algorithm_learner(algorithm, &learner_config);
    CHECK_OK(mdp_learner_new(&learner_config, diffusion, guidance, &learner));
    CHECK_OK(mdp_training_state_write(tap_temp_path(resume), diffusion, guidance, &facts, &state));
    mdp_learner_free(learner);
    mdp_run_disk(diffusion, guidance, &disk);
    CHECK(memcmp(&before, &disk, sizeof disk) == 0);
    check_near(disk.diffusion, "d.h5");
    check_near(disk.guidance, "g.h5");
    check_near(disk.state, resume);
    CHECK(mdp_run_disk_total(&disk, 10) == 10 * (disk.diffusion + disk.guidance) + 2 * disk.state);
    mdp_run_disk(diffusion, NULL, &disk);
    CHECK(disk.guidance == 0 && disk.state < size_of(resume));
    mdp_diffusion_free(diffusion);
    mdp_guidance_free(guidance);
}

static void test_files(void) {
    check_algorithm("dql");
    check_algorithm("edp");
    check_algorithm("idql");
}

/* a folder that does not exist yet has the free space of the disk on which it will be made */
static void test_free(void) {
    double here = mdp_disk_free(tap_temp_path("."));
    CHECK(here > 0);
    CHECK(mdp_disk_free(tap_temp_path("not/yet/there")) > 0);
    CHECK(mdp_disk_free("not-here-either") > 0);
    CHECK(mdp_disk_free("/not/even/here") > 0 || isnan(mdp_disk_free("/not/even/here")));
}

static void test_texts(void) {
    char text[MDP_BYTES_TEXT_MAX];
    CHECK_STR(mdp_bytes_text(0, text), "0.0 kB");
    CHECK_STR(mdp_bytes_text(1403636, text), "1.4 MB");
    CHECK_STR(mdp_bytes_text(29268982, text), "29 MB");
    CHECK_STR(mdp_bytes_text(999600000, text), "1.0 GB");
    CHECK_STR(mdp_bytes_text(2.5e15, text), "2500 TB");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_files), TAP_TEST(test_free), TAP_TEST(test_texts)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
