/* mdpbench as a C library: its environments, policies, episodes files and comparisons, with the bits of the command.
 *
 * link with libmdpbench (pkg-config mdpbench, or CMake's mdpbench::mdpbench). functions that can fail return a code of
 * enum mdpbench_status and leave a message for the calling thread (mdpbench_message); nothing prints or ends the
 * process. objects are opaque: whoever makes one frees it (freeing NULL is fine), and one thread at a time uses it;
 * different objects are independent. arrays are the caller's, row by row. documented, with examples, in
 * docs/library.md. */
#ifndef MDP_INCLUDE_MDPBENCH_H
#define MDP_INCLUDE_MDPBENCH_H

#include <stddef.h>
#include <stdint.h>

#define MDPBENCH_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

struct mdpbench_env;
struct mdpbench_vec;
struct mdpbench_policy;
struct mdpbench_episodes;
struct mdpbench_comparison;

/* what functions return */
enum mdpbench_status {
    MDPBENCH_OK = 0,
    MDPBENCH_FAILED = 1,
    MDPBENCH_UNDECIDED = 2,
    MDPBENCH_DATA = 3,  /* a file or an array has something in it that it may not have */
    MDPBENCH_USAGE = 4, /* a name, a setting, or a call that does not fit */
    MDPBENCH_IO = 5,    /* a file, a library or threads that cannot be had */
    MDPBENCH_BUSY = 6,  /* in use by another process */
    MDPBENCH_NOMEM = 7,
    MDPBENCH_INTERRUPTED = 8,
    MDPBENCH_INTERNAL = 9
};

/** Returns the version of the library that runs, "0.1.0"; borrowed. */
MDPBENCH_API const char *mdpbench_version(void);

/** Returns the message of this thread's newest failure: file or object, expected, found. "" if nothing failed yet;
 * borrowed until the next failure. */
MDPBENCH_API const char *mdpbench_message(void);

/** Returns the short text of a status; borrowed. */
MDPBENCH_API const char *mdpbench_status_text(int status);

/* ---- environments ---- */

/* what an environment is; its texts are the library's */
struct mdpbench_env_facts {
    const char *id;      /* "HalfCheetahBullet-v0" */
    const char *robot;   /* "halfcheetah", as in names of tasks */
    const char *physics; /* "Bullet" or "MuJoCo" */
    double ref_min;      /* return of D4RL's random policy, whose normalized return is 0 */
    double ref_max;      /* and of its expert, 1 */
    int32_t n_obs, n_act;
    int32_t max_steps; /* time limit */
    int32_t reserved;
};

/* what a step gave besides the observation; at most one of the three ends is 1 */
struct mdpbench_step {
    double reward;
    double terms[5];    /* alive, progress, effort, joints at limit, feet collision; 0 where there is none */
    int32_t terminated; /* the robot fell */
    int32_t truncated;  /* the time limit */
    int32_t non_finite; /* the simulation left the numbers: evaluations record a failure */
    int32_t reserved;
};

/** Returns the id of environment i of the list, NULL past its end; borrowed. */
MDPBENCH_API const char *mdpbench_env_id(int32_t i);

/** Tells what an environment is, by id or robot. Errors: USAGE, listing what is known. */
MDPBENCH_API int mdpbench_env_find(const char *name, struct mdpbench_env_facts *facts);

/** Builds an environment on physics as of the command's --physics. Nullable: physics (MDPBENCH_PHYSICS, else the
 * environment's own). Owns: caller, mdpbench_env_free. Errors: USAGE; NOMEM; IO, DATA of a library that is not there or
 * not as expected. */
MDPBENCH_API int mdpbench_env_new(const char *name, const char *physics, struct mdpbench_env **env);

/** Frees an environment. Nullable: env. */
MDPBENCH_API void mdpbench_env_free(struct mdpbench_env *env);

/** Starts an episode: number `episode` of a seed, which begins alike for every policy, as in the command's evaluations.
 * Shapes: observation [n_obs]. Errors: USAGE. */
MDPBENCH_API int mdpbench_env_reset(struct mdpbench_env *env, uint64_t seed, uint32_t episode, float *observation);

/** Takes a step of the episode. Shapes: action [n_act], observation [n_obs]. Range: actions beyond [-1, 1] are clipped;
 * whether they cost more is the environment's matter (docs/environments.md). Errors: DATA for an action that is not
 * finite, USAGE if no episode is under way; both change nothing. */
MDPBENCH_API int mdpbench_env_step(struct mdpbench_env *env, const float *action, float *observation,
                                   struct mdpbench_step *step);

/* ---- many environments at once ---- */

/* when a lane whose episode has ended begins its next one: Gymnasium's modes */
enum mdpbench_autoreset {
    MDPBENCH_NEXT_STEP = 0, /* in the next step, which ignores the lane's action and has reward 0 */
    MDPBENCH_SAME_STEP = 1, /* at once: the observation is already the next episode's, the last one is kept apart */
    MDPBENCH_DISABLED = 2   /* not before mdpbench_vec_reset */
};

/* an episode of a lane */
struct mdpbench_episode_state {
    uint64_t seed;
    double episode_return;    /* of the steps so far */
    double normalized_return; /* the same, 0: random, 1: expert */
    uint32_t episode;         /* its number */
    int32_t length;           /* steps so far */
};

/** Builds n_lanes environments that are stepped together by n_threads. Results depend on neither number. Range: both at
 * least 1. Nullable: physics, as in mdpbench_env_new. Owns: caller, mdpbench_vec_free. Errors: as mdpbench_env_new; IO
 * if so many threads cannot be started. */
MDPBENCH_API int mdpbench_vec_new(const char *name, const char *physics, int32_t n_lanes, int32_t n_threads,
                                  int32_t autoreset, struct mdpbench_vec **vec);

/** Frees all lanes. Nullable: vec. */
MDPBENCH_API void mdpbench_vec_free(struct mdpbench_vec *vec);

/** Starts an episode in every lane, or in those that a mask names. A lane that begins its next episode by itself takes
 * the number `stride` higher. Shapes: mask, seeds, episodes [n_lanes], observations [n_lanes, n_obs]; rows of other
 * lanes hold their newest observations. Range: stride >= 1; without seeds 0 leaves each lane its own. Nullable: mask
 * (all); seeds and episodes, both or none (each lane's next episode). Errors: USAGE, as for a lane that has no next one
 * since none was before. */
MDPBENCH_API int mdpbench_vec_reset(struct mdpbench_vec *vec, const uint8_t *mask, const uint64_t *seeds,
                                    const uint32_t *episodes, uint32_t stride, float *observations);

/** Takes a step in every lane. Shapes: actions [n_lanes, n_act]; observations, final_observations [n_lanes, n_obs],
 * rewards, terminated, truncated [n_lanes], n_ended [1]: how many episodes ended in this step. Rows of
 * final_observations are written for those alone. An episode that is not finite counts as terminated. Nullable:
 * final_observations, n_ended. Errors: DATA for an action that is not finite, USAGE for a lane without an episode; both
 * change nothing. */
MDPBENCH_API int mdpbench_vec_step(struct mdpbench_vec *vec, const float *actions, float *observations, double *rewards,
                                   uint8_t *terminated, uint8_t *truncated, float *final_observations,
                                   int32_t *n_ended);

/** Tells of a lane's episode: of the newest one that has ended if `ended`, else of the one that began last. Errors:
 * USAGE if there is none. */
MDPBENCH_API int mdpbench_vec_episode(const struct mdpbench_vec *vec, int32_t i_lane, int32_t ended,
                                      struct mdpbench_episode_state *state);

/* ---- policies ---- */

/** Opens a policy file that acts: a behaviour policy, or a diffusion module with guidance as of the command's
 * --guidance. Options are "name=value" with the names of `eval --help` ("seed=1", "candidates=10", "stochastic=true"),
 * NULL behind the last one; one thread unless they say otherwise. Nullable: guidance (own), options. Owns: caller,
 * mdpbench_policy_free. Errors: IO; DATA; USAGE for options that do not go with the file. */
MDPBENCH_API int mdpbench_policy_open(const char *file, const char *guidance, const char *const *options,
                                      struct mdpbench_policy **policy);

/** Frees a policy. Nullable: policy. */
MDPBENCH_API void mdpbench_policy_free(struct mdpbench_policy *policy);

/** Returns the id of the environment that a policy acts in; borrowed. */
MDPBENCH_API const char *mdpbench_policy_env(const struct mdpbench_policy *policy);

/** Acts in many states. What it draws is a function of seed, episode and step, as in the command's evaluations: the
 * place and number of rows do not matter. Shapes: observations [n_states, n_obs] as the environment gave them, episodes
 * and steps [n_states], actions [n_states, n_act]. Errors: USAGE; DATA for an observation that is not finite. */
MDPBENCH_API int mdpbench_policy_act(struct mdpbench_policy *policy, int32_t n_states, const float *observations,
                                     const uint32_t *episodes, const uint32_t *steps, float *actions);

/* ---- episodes files ---- */

/* how an episode ended */
enum mdpbench_end { MDPBENCH_END_TERMINATED = 0, MDPBENCH_END_TIME_LIMIT = 1, MDPBENCH_END_NON_FINITE = 2 };

/* a row of an episodes file */
struct mdpbench_episode {
    double episode_return;
    double normalized_return; /* follows from the return; ignored by mdpbench_episodes_set */
    uint64_t seed;
    int64_t number; /* ascending from row to row */
    int32_t length; /* steps */
    int32_t end;    /* enum mdpbench_end */
};

/** Makes n empty rows of episodes in an environment on physics, of which files record what they are. Nullable: physics.
 * Owns: caller, mdpbench_episodes_free. Errors: USAGE; IO, DATA of the physics; NOMEM. */
MDPBENCH_API int mdpbench_episodes_new(const char *env, const char *physics, int64_t n,
                                       struct mdpbench_episodes **episodes);

/** Reads and checks an episodes file, or one evaluation of a curve, FILE#stepNNNNNN. Owns: caller,
 * mdpbench_episodes_free. Errors: IO, DATA. */
MDPBENCH_API int mdpbench_episodes_read(const char *path, struct mdpbench_episodes **episodes);

/** Writes an episodes file whole or not at all; one that is there is kept. Errors: IO, also for that; DATA for rows
 * out of range. */
MDPBENCH_API int mdpbench_episodes_write(const struct mdpbench_episodes *episodes, const char *path);

/** Frees episodes. Nullable: episodes. */
MDPBENCH_API void mdpbench_episodes_free(struct mdpbench_episodes *episodes);

/** Returns how many rows there are. */
MDPBENCH_API int64_t mdpbench_episodes_count(const struct mdpbench_episodes *episodes);

/** Tells a row. Errors: USAGE beyond the last one. */
MDPBENCH_API int mdpbench_episodes_get(const struct mdpbench_episodes *episodes, int64_t i,
                                       struct mdpbench_episode *episode);

/** Sets a row. Errors: USAGE beyond the last one. */
MDPBENCH_API int mdpbench_episodes_set(struct mdpbench_episodes *episodes, int64_t i,
                                       const struct mdpbench_episode *episode);

/** Writes a fact of the evaluation as text: an attribute of docs/formats.md, "task" or "step". Errors: USAGE for an
 * unknown name or too little room. */
MDPBENCH_API int mdpbench_episodes_get_fact(const struct mdpbench_episodes *episodes, const char *name, char *text,
                                            size_t room);

/** Sets a fact of who acted: task, algo, actor, diffusion, guidance, precision, step, candidates, temperature, w_t,
 * seed. Errors: USAGE for another name or a value that does not fit. */
MDPBENCH_API int mdpbench_episodes_set_fact(struct mdpbench_episodes *episodes, const char *name, const char *text);

/* ---- comparisons ---- */

/* what `compare` finds for one task */
struct mdpbench_difference {
    const char *task;  /* borrowed from the comparison */
    int32_t verdict;   /* 1: A is better, -1: B is, 0: it cannot be told */
    int32_t is_paired; /* both sides have the same episodes */
    int32_t is_equal;  /* within the option margin, if that was asked */
    int32_t reserved;
    int64_t n_a, n_b;       /* units a side */
    double p, p_corrected;  /* of the test that decides, alone and within all that the sentence claims */
    double size, low, high; /* Hodges-Lehmann A - B of normalized returns, with its interval of 95 % */
};

/** Compares two evaluations. Options are those of `compare --help`, "alpha=0.01"; NULL behind the last one. Nullable:
 * options. Owns: caller, mdpbench_comparison_free. Errors: DATA if they are not comparable, with what differs; USAGE.
 */
MDPBENCH_API int mdpbench_compare(const struct mdpbench_episodes *a, const struct mdpbench_episodes *b,
                                  const char *const *options, struct mdpbench_comparison **comparison);

/** As mdpbench_compare, of what the command's `compare A B` takes: files, curves and run folders, several of them
 * parted by commas. Errors: also IO. */
MDPBENCH_API int mdpbench_compare_files(const char *a, const char *b, const char *const *options,
                                        struct mdpbench_comparison **comparison);

/** Frees a comparison. Nullable: comparison. */
MDPBENCH_API void mdpbench_comparison_free(struct mdpbench_comparison *comparison);

/** Returns the first line of what the command says; borrowed. */
MDPBENCH_API const char *mdpbench_comparison_verdict(const struct mdpbench_comparison *comparison);

/** Returns its whole table as JSON, as of `compare --format json`; borrowed. */
MDPBENCH_API const char *mdpbench_comparison_json(const struct mdpbench_comparison *comparison);

/** Returns how many tasks were compared. */
MDPBENCH_API int32_t mdpbench_comparison_count(const struct mdpbench_comparison *comparison);

/** Tells what was found for a task. Errors: USAGE beyond the last one. */
MDPBENCH_API int mdpbench_comparison_get(const struct mdpbench_comparison *comparison, int32_t i,
                                         struct mdpbench_difference *difference);

#ifdef __cplusplus
}
#endif

#endif
