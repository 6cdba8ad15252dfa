/* other objectives than the worlds' rewards: what is read, refused, computed, and found again in recorded steps. the
 * conformance suite compares recorded steps with simulated ones. */
#include <string.h>

#include "envs/env.h"
#include "envs/objective.h"
#include "tests/tap.h"

static const struct mdp_env_spec *bullet(void) { return mdp_env_find("HalfCheetahBullet-v0"); }
static const struct mdp_env_spec *mujoco(void) { return mdp_env_find("HalfCheetah-v4"); }

static void test_shortest_form(void) {
    struct mdp_objective o, again;
    CHECK_OK(mdp_objective_parse("effort=0.50,speed=3.0", bullet(), &o));
    CHECK_STR(o.text, "speed=3,effort=0.5");
    CHECK(o.speed == 3 && o.weights[2] == 0.5 && o.weights[0] == 1);
    CHECK_OK(mdp_objective_parse(o.text, bullet(), &again));
    CHECK_STR(again.text, "speed=3,effort=0.5");
    /* a weight of 1 is the world's */
    CHECK_OK(mdp_objective_parse("limits=0,alive=1", bullet(), &o));
    CHECK_STR(o.text, "limits=0");
    CHECK_OK(mdp_objective_parse("speed=0", mujoco(), &o));
    CHECK_STR(o.text, "speed=0");
}

static void refused(const char *text, const struct mdp_env_spec *spec, const char *why) {
    struct mdp_objective o;
    CHECK_FAILS(mdp_objective_parse(text, spec, &o), MDP_E_USAGE, why);
}

static void test_refusals(void) {
    refused("", bullet(), "expected terms NAME=NUMBER of alive, progress, effort, limits, speed, as rewards of Half");
    refused("speed", bullet(), "found 'speed'");
    refused("velocity=3", bullet(), "found 'velocity=3'");
    refused("speed=3,", bullet(), "found ''");
    refused("spee=3", bullet(), "found 'spee=3'");
    refused("speed =3", bullet(), "found 'speed =3'");
    refused("speed=", bullet(), "expected a number from -1e+06 to 1e+06 behind speed=, found ''");
    refused("speed=fast", bullet(), "found 'fast'");
    refused("effort=nan", bullet(), "found 'nan'");
    refused("effort=2e6", bullet(), "found '2e6'");
    refused("effort=1", bullet(), "expected a weight that is not 1, found the world's own reward");
    refused("effort=0.5,effort=0.5", bullet(), "expected every term once, found 'effort' again");
    refused("speed=3,progress=2", bullet(), "every term once, and speed in place of progress, found 'progress' again");
    refused("alive=0.1234567890123456,effort=0.1234567890123456,limits=0.1234567890123456", bullet(), "fewer digits");
    /* what a world does not pay has no weight */
    refused("limits=0", mujoco(), "of progress, effort, speed, as rewards of HalfCheetah-v4");
    refused("alive=0", mujoco(), "found 'alive=0'");
    refused("limits=0", mdp_env_find("Walker2d-v2"), "of alive, progress, effort, speed");
}

static void test_values(void) {
    const double terms[MDP_ENV_N_TERMS] = {1, 5, -0.5, -0.25, 0};
    struct mdp_objective o;
    CHECK_OK(mdp_objective_parse("speed=3,effort=2", bullet(), &o));
    CHECK_CLOSE(mdp_objective_value(&o, terms), 1 - 2 - 1 - 0.25, 1e-15);
    CHECK_OK(mdp_objective_parse("progress=0,alive=-1", bullet(), &o));
    CHECK_CLOSE(mdp_objective_value(&o, terms), -1 - 0.5 - 0.25, 1e-15);
}

/* a state that clips, and one that is not there, do not tell what a joint's speed cost */
static void test_what_cannot_be_had(void) {
    const float action[MDP_ENV_MAX_ACT] = {0.5f};
    float next[MDP_ENV_MAX_OBS] = {0};
    double terms[MDP_ENV_N_TERMS];
    const double qvel[MDP_ENV_MAX_DOF] = {[3] = 60};
    struct mdp_recorded_step step = {action, next, NULL, 2, 0};
    CHECK(mdp_objective_terms(bullet(), &step, terms) == NULL);
    CHECK_CLOSE(terms[0] + terms[1] + terms[2] + terms[3], 2, 1e-15);
    next[9] = 5;
    CHECK(strstr(mdp_objective_terms(bullet(), &step, terms), "faster than its observation shows") != NULL);
    /* the first joint at 60 rad/s, whose observation would be 6: what an action of 0.5 costs there, over six joints */
    step.next_qvel = qvel;
    CHECK(mdp_objective_terms(bullet(), &step, terms) == NULL);
    CHECK_CLOSE(terms[2], -2 * (0.5 * 6 / 6) - 0.1 * (0.25 / 6), 1e-6);
    CHECK_CLOSE(terms[1], 2 - terms[0] - terms[2], 1e-15);
    step.next_observation = NULL;
    CHECK(strstr(mdp_objective_terms(bullet(), &step, terms), "has no next_observations") != NULL);
    /* MuJoCo's costs are those of the action alone */
    CHECK(mdp_objective_terms(mujoco(), &step, terms) == NULL);
    CHECK_CLOSE(terms[2], -0.025, 1e-9);
    CHECK_CLOSE(terms[1], 2.025, 1e-9);
    CHECK(terms[0] == 0);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_shortest_form), TAP_TEST(test_refusals),
                                            TAP_TEST(test_values), TAP_TEST(test_what_cannot_be_had)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
