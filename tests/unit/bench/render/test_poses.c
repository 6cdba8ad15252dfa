/* a recorded episode that does not come out again is not drawn. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/render/film.h"
#include "bench/render/picture.h"
#include "bench/run/evaluations.h"
#include "results/episodes.h"
#include "results/h5/file.h"
#include "results/h5/write.h"
#include "tests/tap.h"

static const char recorded[] = MDP_SOURCE_DIR "/results/reference/behavior/walker2d-medium.episodes.h5";
static const char policy[] = MDP_SOURCE_DIR "/results/reference/behavior/walker2d-medium.h5";

/* the recorded evaluation beside a copy of its policy, with one number changed */
static void change(const char *path, void (*how)(struct mdp_episodes *)) {
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
    char copy[MDP_PATH_MAX], *bytes;
    size_t size;
    CHECK_OK(mdp_episodes_read(recorded, &info, &episodes));
    how(&episodes);
    free(episodes.normalized_returns);
    episodes.normalized_returns = NULL;
    CHECK_OK(mdp_episodes_write(path, &info, &episodes, MDP_PUBLISH_REPLACE));
    CHECK_OK(mdp_fsx_read(policy, 1 << 24, &bytes, &size));
    CHECK_OK(mdp_fsx_path(copy, "%s/walker2d-medium.h5", tap_temp_dir()));
    CHECK_OK(mdp_fsx_write(copy, bytes, size));
    free(bytes);
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
}

static void nothing(struct mdp_episodes *episodes) { (void)episodes; }
static void last_bit(struct mdp_episodes *episodes) { episodes->returns[3] = nextafter(episodes->returns[3], 1e9); }
static void shorter(struct mdp_episodes *episodes) { episodes->lengths[3]--; }
static void longer(struct mdp_episodes *episodes) { episodes->lengths[3]++; }
static void other_end(struct mdp_episodes *episodes) { episodes->ends[3] = MDP_END_TIME_LIMIT; }

static void test_every_bit_counts(void) {
    void (*const changes[])(struct mdp_episodes *) = {last_bit, shorter, longer, other_end};
    struct mdp_poses poses;
    char path[MDP_PATH_MAX];
    CHECK_OK(mdp_fsx_path(path, "%s/a.episodes.h5", tap_temp_dir()));
    change(path, nothing);
    CHECK_OK(mdp_poses_of_evaluation(path, 3, NULL, &poses));
    CHECK(poses.n == 87);
    CHECK(strstr(poses.title, "86 steps, fell") != NULL);
    mdp_poses_free(&poses);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        change(path, changes[i]);
        CHECK_FAILS(mdp_poses_of_evaluation(path, 3, NULL, &poses), MDP_E_DATA, "expected the recorded return");
        CHECK(poses.qpos == NULL);
    }
    CHECK_FAILS(mdp_poses_of_evaluation(path, 50, NULL, &poses), MDP_E_USAGE,
                "expected a number from 0 to 49, found 50");
}

/* the best of the recorded ones */
static long best_of(const char *path) {
    struct mdp_episodes episodes;
    long best = 0;
    CHECK_OK(mdp_episodes_read(path, NULL, &episodes));
    for (long i = 1; i < episodes.n; i++)
        if (episodes.normalized_returns[i] > episodes.normalized_returns[best]) best = i;
    mdp_episodes_free(&episodes);
    return best;
}

static long changed; /* which row */
static void change_a_bit(struct mdp_episodes *episodes) {
    episodes->returns[changed] = nextafter(episodes->returns[changed], -1e9);
}

/* what is kept has the bits of what was played, needs no policy, and goes with these episodes alone */
static void test_film(void) {
    struct mdp_poses played, kept;
    char path[MDP_PATH_MAX], film[MDP_PATH_MAX], copy[MDP_PATH_MAX];
    CHECK_OK(mdp_fsx_path(path, "%s/f.episodes.h5", tap_temp_dir()));
    CHECK_OK(mdp_fsx_path(film, "%s.film", path));
    CHECK_OK(mdp_fsx_path(copy, "%s/walker2d-medium.h5", tap_temp_dir()));
    change(path, nothing);
    const long best = best_of(path);
    CHECK_OK(mdp_poses_of_evaluation(path, best, NULL, &played));
    CHECK(!mdp_fsx_exists(film));
    CHECK_OK(mdp_film_keep(path, NULL));
    CHECK(mdp_fsx_exists(film));
    CHECK_OK(mdp_fsx_remove(copy));
    CHECK_OK(mdp_poses_of_evaluation(path, best, NULL, &kept));
    CHECK(kept.n == played.n && kept.spec == played.spec && strcmp(kept.title, played.title) == 0);
    CHECK(memcmp(kept.qpos, played.qpos, (size_t)kept.n * MDP_ENV_MAX_DOF * sizeof(double)) == 0);
    mdp_poses_free(&kept);
    mdp_poses_free(&played);
    CHECK_OK(mdp_film_keep(path, NULL)); /* all is kept, and nothing played */
    changed = best;
    change(path, change_a_bit);
    CHECK_FAILS(mdp_poses_of_evaluation(path, best, NULL, &kept), MDP_E_DATA, "poses of another evaluation");
    CHECK(kept.qpos == NULL);
    CHECK_FAILS(mdp_film_keep(path, NULL), MDP_E_DATA, "poses of another evaluation");
}

/* an evaluation whose policy no file is recorded of, as the C library and Python write them */
static void test_no_policy(void) {
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
    struct mdp_poses poses;
    const char *path = tap_temp_path("none.episodes.h5");
    CHECK_OK(mdp_episodes_read(recorded, &info, &episodes));
    info.diffusion.path[0] = 0;
    free(episodes.normalized_returns);
    episodes.normalized_returns = NULL;
    CHECK_OK(mdp_episodes_write(path, &info, &episodes, MDP_PUBLISH_REPLACE));
    CHECK_FAILS(mdp_poses_of_evaluation(path, 3, NULL, &poses), MDP_E_DATA,
                "the file of its policy, found none recorded");
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
}

/* positions as a simulation has them that has come apart: in data they are refused, of a replay they are not kept */
static void test_out_of_bounds(void) {
    static const double values[] = {1e6, 1.1e6, -1e300, INFINITY, NAN};
    enum { N_DOF = 9, ROW = 1 };
    const char *path = tap_temp_path("d.hdf5");
    for (int i = 0; i < 5; i++) {
        double qpos[2 * N_DOF] = {0};
        struct mdp_h5 *file;
        struct mdp_poses poses;
        qpos[ROW * N_DOF + 2] = values[i];
        CHECK_INT(mdp_pose_can_be_drawn(qpos, 2 * N_DOF), i == 0);
        CHECK_OK(mdp_h5_create(path, &file));
        CHECK_OK(mdp_h5_write(file, "infos/qpos", MDP_H5_F64, MDP_H5_2D(2, N_DOF), 0, qpos));
        CHECK_OK(mdp_h5_commit(&file));
        const mdp_err err = mdp_poses_of_dataset(path, 0, "walker2d-random", &poses);
        if (i == 0)
            CHECK_OK(err);
        else
            CHECK_FAILS(err, MDP_E_DATA, "infos/qpos: expected finite values of at most 1e6, found");
        mdp_poses_free(&poses);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_every_bit_counts), TAP_TEST(test_film),
                                            TAP_TEST(test_no_policy), TAP_TEST(test_out_of_bounds)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
