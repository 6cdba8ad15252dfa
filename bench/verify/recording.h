/* recorded episodes of an environment, whatever their layout: arrays that are read at their only allowed shapes,
 * comparisons with what this build makes of the same actions, and the lines that say how far apart they are. */
#ifndef MDP_BENCH_VERIFY_RECORDING_H
#define MDP_BENCH_VERIFY_RECORDING_H

#include <stdio.h>

#include "envs/engine.h"
#include "envs/env.h"
#include "results/h5/file.h"
#include "results/h5/group.h"

enum { MDP_RECORDING_MAX_FIELDS = 16 };

/* an array of a recording. width 0: one number a row, rank 1. the factor leads to a unit of about 1 */
struct mdp_recording_field {
    const char *name;
    int width, has_reset; /* it has a row for the reset, before that of the first step */
    double factor;
};

/* one recorded episode, whole */
struct mdp_recording {
    const char *file;
    char name[MDP_H5_NAME_MAX], kind[32];
    const struct mdp_env_spec *spec;
    int is_f64, is_fresh, is_wrapped; /* double actions; an object's very first reset; through D4RL's wrapper */
    long n_steps;
    double noise[MDP_ENV_MAX_JOINTS];
    int n_fields, n_compared; /* the compared ones come first */
    struct mdp_recording_field fields[MDP_RECORDING_MAX_FIELDS];
    double *data[MDP_RECORDING_MAX_FIELDS]; /* [n_steps (+ 1), width] */
};

/* the largest deviation of a replay and where it was, and how long a replay stayed near */
struct mdp_deviation {
    double error, want, got;
    int is_exact; /* every bit equal so far */
    int i_field;
    long row;
    long first_above[2]; /* steps after which 1e-9 and 1e-3 were passed, 0 if they were not */
};

/* where lines go, and what they have come to */
struct mdp_env_report {
    FILE *stream;
    int n_lines, n_failed;
    int has_fused_sine;
    const struct mdp_engine *engine;
    struct mdp_engine_facts physics; /* of the newest file, as it was printed */
};

/* what a layout makes of one field after a step, or after the reset for fields that have such a row */
typedef void (*mdp_live_row)(int i_field, const struct mdp_recording *r, const struct mdp_env_view *view,
                             const float *observation, const struct mdp_step *step, double *row);

/** Starts reading an episode: its name, kind, type of actions and number of steps. The caller then sets the fields and
 * reads them; it frees what was read also after a failure. Errors: DATA. */
mdp_err mdp_recording_begin(struct mdp_h5 *file, const struct mdp_env_spec *spec, const char *group,
                            struct mdp_recording *r);

/** Reads all fields. Errors: DATA, also for a number that is not finite. */
mdp_err mdp_recording_read(struct mdp_h5 *file, struct mdp_recording *r);

/** Reads an attribute that is 0 or 1. Errors: DATA. */
mdp_err mdp_recording_flag(struct mdp_h5 *file, const struct mdp_recording *r, const char *name, int *flag);

/** Frees the arrays. */
void mdp_recording_free(struct mdp_recording *r);

/** Writes an action and returns it in the type that it was recorded in; `narrow` is room for one. */
struct mdp_action mdp_recording_action(const struct mdp_recording *r, const double *action, float *narrow);

/** Compares everything after step t, -1 for the reset. A number that is not finite is infinitely wrong. */
void mdp_recording_compare(const struct mdp_recording *r, mdp_live_row live, long t, const struct mdp_env *env,
                           const float *observation, const struct mdp_step *step, struct mdp_deviation *worst);

/** Prints one line of TAP. */
void mdp_env_report_line(struct mdp_env_report *report, const struct mdp_recording *r, int is_ok, const char *what,
                         const struct mdp_deviation *worst);

/** Finds the physics of an environment and prints it where it is another than that of the file before. Errors: as
 * mdp_engine_describe. */
mdp_err mdp_env_report_physics(struct mdp_env_report *report, const struct mdp_env_spec *spec);

/** Returns a path without its folders; borrowed. */
const char *mdp_recording_base(const char *path);

/** Reads and checks a recording of Bullet and, where the report has a stream, replays it. Errors: DATA; as of the
 * physics. */
mdp_err mdp_verify_bullet_file(struct mdp_h5 *file, struct mdp_env_report *report);

/** As mdp_verify_bullet_file, a recording of MuJoCo. */
mdp_err mdp_verify_gym_file(struct mdp_h5 *file, struct mdp_env_report *report);

/** As mdp_verify_bullet_file, transitions that others recorded on MuJoCo. */
mdp_err mdp_verify_transitions_file(struct mdp_h5 *file, struct mdp_env_report *report);

#endif
