/* verify env: true recordings pass; a changed number fails; a file not of the layout is refused with one clear line. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsx.h"
#include "bench/verify/env.h"
#include "envs/env.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/write.h"
#include "tests/tap.h"

enum { N_STEPS = 120, N_OBS = 22, N_FEET = 2 };

/* a recording of our own, in the reference's layout; `defect` names what is wrong with it */
struct recording {
    double noise[6], actions[N_STEPS][6];
    double observations[N_STEPS + 1][N_OBS], rewards[N_STEPS], terms[N_STEPS][5];
    int32_t at_limit[N_STEPS];
    uint8_t terminated[N_STEPS], feet[N_STEPS + 1][N_FEET];
    double qpos[N_STEPS + 1][9], qvel[N_STEPS + 1][9], potential[N_STEPS + 1];
    double pos[N_STEPS + 1][3], quat[N_STEPS + 1][4], linvel[N_STEPS + 1][3], angvel[N_STEPS + 1][3];
    double xyz[N_STEPS + 1][3], rpy[N_STEPS + 1][3];
};

static void record_row(struct recording *r, int t, const struct mdp_env *env, const float *observation) {
    const struct mdp_env_view *view = mdp_env_get_view(env);
    for (int i = 0; i < N_OBS; i++) r->observations[t][i] = (double)observation[i];
    for (int i = 0; i < N_FEET; i++) r->feet[t][i] = (uint8_t)view->feet_contact[i];
    memcpy(r->qpos[t], view->qpos, sizeof r->qpos[t]);
    memcpy(r->qvel[t], view->qvel, sizeof r->qvel[t]);
    memcpy(r->pos[t], view->torso_pos, sizeof r->pos[t]);
    memcpy(r->quat[t], view->torso_quat, sizeof r->quat[t]);
    memcpy(r->linvel[t], view->torso_linvel, sizeof r->linvel[t]);
    memcpy(r->angvel[t], view->torso_angvel, sizeof r->angvel[t]);
    memcpy(r->xyz[t], view->body_xyz, sizeof r->xyz[t]);
    memcpy(r->rpy[t], view->rpy, sizeof r->rpy[t]);
    r->potential[t] = view->potential;
}

static void record(struct recording *r, int is_fresh) {
    struct mdp_env *env;
    float observation[MDP_ENV_MAX_OBS];
    CHECK_OK(mdp_env_new(mdp_env_find("walker2d"), &env));
    for (int i = 0; i < 6; i++) r->noise[i] = 0.01 * (i - 2.5);
    mdp_env_reset_to(env, r->noise, is_fresh, observation);
    record_row(r, 0, env, observation);
    for (int t = 0; t < N_STEPS; t++) {
        struct mdp_step step;
        for (int i = 0; i < 6; i++) r->actions[t][i] = 1.3 * sin(0.1 * t + i);
        mdp_env_step_raw_f64(env, r->actions[t], observation, &step);
        record_row(r, t + 1, env, observation);
        r->rewards[t] = step.reward;
        memcpy(r->terms[t], step.terms, sizeof r->terms[t]);
        r->at_limit[t] = mdp_env_get_view(env)->n_at_limit;
        r->terminated[t] = (uint8_t)step.terminated;
    }
    mdp_env_free(env);
}

static int has_defect(const char *defect, const char *name) { return defect != NULL && strcmp(defect, name) == 0; }

static void write_state(struct mdp_h5 *file, const struct recording *r) {
    const struct {
        const char *name;
        int width;
        const void *data;
    } parts[] = {
        {"qpos", 9, r->qpos},           {"qvel", 9, r->qvel},
        {"torso_pos", 3, r->pos},       {"torso_quat", 4, r->quat},
        {"torso_linvel", 3, r->linvel}, {"torso_angvel", 3, r->angvel},
        {"body_xyz", 3, r->xyz},        {"rpy", 3, r->rpy},
        {"potential", 1, r->potential},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "ep_00/state/%s", parts[i].name);
        CHECK_OK(
            mdp_h5_write(file, name, MDP_H5_F64, MDP_H5_2D(N_STEPS + 1, parts[i].width), MDP_H5_PLAIN, parts[i].data));
    }
}

static void write_episode(struct mdp_h5 *file, const struct recording *r, int is_fresh, const char *defect) {
    long n = has_defect(defect, "short actions") ? N_STEPS - 1 : N_STEPS,
         wide = has_defect(defect, "narrow observations") ? 21 : 22;
    CHECK_OK(mdp_h5_make_group(file, "ep_00"));
    CHECK_OK(mdp_h5_put_text(file, "ep_00", "kind", "sin"));
    CHECK_OK(mdp_h5_put_text(file, "ep_00", "action_dtype", has_defect(defect, "dtype") ? "float16" : "float64"));
    CHECK_OK(mdp_h5_put_int(file, "ep_00", "fresh_env", has_defect(defect, "fresh") ? 2 : is_fresh));
    CHECK_OK(mdp_h5_write(file, "ep_00/initial_joint_noise", MDP_H5_F64, MDP_H5_1D(6), MDP_H5_PLAIN, r->noise));
    CHECK_OK(mdp_h5_write(file, "ep_00/actions", MDP_H5_F64, MDP_H5_2D(n, 6), MDP_H5_PLAIN, r->actions));
    CHECK_OK(mdp_h5_write(file, "ep_00/observations", MDP_H5_F64, MDP_H5_2D(N_STEPS + 1, wide), MDP_H5_PLAIN,
                          r->observations));
    CHECK_OK(mdp_h5_write(file, "ep_00/rewards", MDP_H5_F64, MDP_H5_1D(N_STEPS), MDP_H5_PLAIN, r->rewards));
    CHECK_OK(mdp_h5_write(file, "ep_00/reward_terms", MDP_H5_F64, MDP_H5_2D(N_STEPS, 5), MDP_H5_PLAIN, r->terms));
    CHECK_OK(mdp_h5_write(file, "ep_00/joints_at_limit", MDP_H5_I32, MDP_H5_1D(N_STEPS), MDP_H5_PLAIN, r->at_limit));
    CHECK_OK(mdp_h5_write(file, "ep_00/terminated", MDP_H5_U8, MDP_H5_1D(N_STEPS), MDP_H5_PLAIN, r->terminated));
    if (!has_defect(defect, "no feet"))
        CHECK_OK(
            mdp_h5_write(file, "ep_00/feet_contact", MDP_H5_U8, MDP_H5_2D(N_STEPS + 1, N_FEET), MDP_H5_PLAIN, r->feet));
    write_state(file, r);
}

/* returns the path of a recording with one defect, NULL for none */
static char *write_recording(const struct recording *r, int is_fresh, const char *defect) {
    static char path[MDP_PATH_MAX];
    struct mdp_h5 *file;
    CHECK_OK(mdp_fsx_path(path, "%s/recording.h5", tap_temp_dir()));
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(
        mdp_h5_put_text(file, "/", "env_id", has_defect(defect, "env") ? "AntBulletEnv-v0" : "Walker2DBulletEnv-v0"));
    if (!has_defect(defect, "no episodes")) write_episode(file, r, is_fresh, defect);
    CHECK_OK(mdp_h5_commit(&file));
    return path;
}

static mdp_err verify(const struct recording *r, int is_fresh, const char *defect) {
    char *path = write_recording(r, is_fresh, defect);
    return mdp_verify_env(NULL, 1, &path, tap_output());
}

static struct recording recording;

static void test_own_recordings_pass(void) {
    for (int is_fresh = 0; is_fresh <= 1; is_fresh++) {
        record(&recording, is_fresh);
        CHECK_OK(verify(&recording, is_fresh, NULL));
        CHECK_FAILS(verify(&recording, !is_fresh, NULL), MDP_E_FAILED, "of 3 checks failed");
    }
}

/* every recorded quantity is looked at: the smallest change beyond the bound in any of them fails */
static void test_any_changed_number_fails(void) {
    record(&recording, 0);
    double *changed[] = {&recording.observations[3][4], &recording.rewards[7],      &recording.terms[90][1],
                         &recording.qpos[60][2],        &recording.qvel[61][8],     &recording.pos[50][0],
                         &recording.quat[2][1],         &recording.linvel[9][2],    &recording.angvel[9][1],
                         &recording.xyz[33][1],         &recording.rpy[44][1],      &recording.potential[80],
                         &recording.observations[0][8], &recording.actions[110][0], &recording.noise[5]};
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        double before = *changed[i];
        *changed[i] += 1e-3;
        CHECK_FAILS(verify(&recording, 0, NULL), MDP_E_FAILED, "of 3 checks failed");
        *changed[i] = before;
    }
    recording.terminated[100] ^= 1;
    CHECK_FAILS(verify(&recording, 0, NULL), MDP_E_FAILED, "of 3 checks failed");
    recording.terminated[100] ^= 1;
    recording.feet[100][1] ^= 1;
    CHECK_FAILS(verify(&recording, 0, NULL), MDP_E_FAILED, "of 3 checks failed");
    recording.feet[100][1] ^= 1;
    recording.at_limit[10] += 1;
    CHECK_FAILS(verify(&recording, 0, NULL), MDP_E_FAILED, "of 3 checks failed");
    recording.at_limit[10] -= 1;
    CHECK_OK(verify(&recording, 0, NULL));
}

static void test_malformed_files_are_refused(void) {
    static const struct {
        const char *defect, *message;
    } cases[] = {
        {"env", "found \"AntBulletEnv-v0\""},
        {"no episodes", "ep_00"},
        {"dtype", "float16"},
        {"fresh", "found 2"},
        {"short actions", "ep_00/actions"},
        {"narrow observations", "ep_00/observations"},
        {"no feet", "ep_00/feet_contact"},
    };
    record(&recording, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_FAILS(verify(&recording, 0, cases[i].defect), MDP_E_DATA, cases[i].message);
    recording.qpos[5][3] = NAN;
    CHECK_FAILS(verify(&recording, 0, NULL), MDP_E_DATA,
                "ep_00/state/qpos: expected finite numbers, found nan in row 5");
    record(&recording, 0);
    recording.noise[1] = INFINITY;
    CHECK_FAILS(verify(&recording, 0, NULL), MDP_E_DATA, "initial_joint_noise");
}

static void test_unreadable_files_are_refused(void) {
    char missing[] = "/nonexistent/recording.h5", *none = missing;
    CHECK_FAILS(mdp_verify_env(NULL, 1, &none, tap_output()), MDP_E_IO, "/nonexistent/recording.h5");
    CHECK_FAILS(mdp_verify_env(NULL, 0, NULL, tap_output()), MDP_E_USAGE, "at least one");

    record(&recording, 0);
    char *path = write_recording(&recording, 0, NULL);
    CHECK(truncate(path, 20000) == 0);
    CHECK_FAILS(mdp_verify_env(NULL, 1, &path, tap_output()), MDP_E_DATA, "recording.h5");
    CHECK_OK(mdp_fsx_write(path, "no HDF5 at all", 14));
    CHECK_FAILS(mdp_verify_env(NULL, 1, &path, tap_output()), MDP_E_DATA, "recording.h5");
}

/* a bad second file is found before the first one is replayed */
static void test_second_file_is_checked_first(void) {
    record(&recording, 0);
    char *path = write_recording(&recording, 0, NULL), missing[] = "/nonexistent/second.h5";
    char *files[] = {path, missing};
    CHECK_FAILS(mdp_verify_env(NULL, 2, files, tap_output()), MDP_E_IO, "second.h5");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_own_recordings_pass),          TAP_TEST(test_any_changed_number_fails),
        TAP_TEST(test_malformed_files_are_refused),  TAP_TEST(test_unreadable_files_are_refused),
        TAP_TEST(test_second_file_is_checked_first),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
