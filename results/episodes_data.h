/* what an evaluation found and how it was made, in memory: facts, and one row per episode. */
#ifndef MDP_RESULTS_EPISODES_DATA_H
#define MDP_RESULTS_EPISODES_DATA_H

#include <stdint.h>

#include "base/err.h"
#include "results/head.h"

enum { MDP_EPISODES_MAX = 1000000, MDP_LABEL_MAX = 64, MDP_FILE_LABEL_MAX = 512 };

/* how an episode ended; the numbers are the file's */
enum mdp_episode_end { MDP_END_TERMINATED, MDP_END_TIME_LIMIT, MDP_END_NON_FINITE };

/* one policy file and the FNV-1a hash of its bytes; "" and 0 where there is none */
struct mdp_input_file {
    char path[MDP_FILE_LABEL_MAX];
    uint64_t hash;
};

/* what was evaluated and how */
struct mdp_episodes_info {
    char task[MDP_LABEL_MAX];                 /* "halfcheetah-medium" */
    char env_id[MDP_LABEL_MAX];               /* "HalfCheetahBullet-v0" */
    char physics[MDP_LABEL_MAX];              /* build of the physics library: equal texts, equal bits */
    char physics_library[MDP_FILE_LABEL_MAX]; /* its files, "" in files older than this field */
    uint64_t physics_hash;                    /* over their bytes, 0 likewise */
    uint64_t env_hash;             /* hash of the environment's tables; 0 in older files, which do not record it */
    char reference[MDP_LABEL_MAX]; /* "bullet-halfcheetah" */
    double ref_min, ref_max;       /* returns of that reference, ref_max above ref_min */
    char algo[MDP_LABEL_MAX];      /* "dql", "behavior", ... */
    struct mdp_input_file diffusion, guidance;
    char actor[MDP_LABEL_MAX];       /* "ema" or "online" */
    char precision[MDP_LABEL_MAX];   /* "float32" */
    char return_rule[MDP_LABEL_MAX]; /* "standard" */
    int64_t step;                    /* training step of the policy, -1 if it has none */
    int64_t candidates;              /* actions per state, >= 1 */
    double temperature;              /* of the start noise, >= 0 */
    double w_t;                      /* weight of the softmax selection */
    uint64_t seed;                   /* of the evaluation */
    char isa[MDP_LABEL_MAX];         /* which way the libraries computed, "" in files older than this field */
    struct mdp_head head;
};

/* the rows; owned by the caller when writing, by the struct after reading */
struct mdp_episodes {
    long n;
    double *returns;            /* [n] finite, undiscounted */
    double *objective_returns;  /* [n] by the objective that settings name (mdp_episodes_objective); NULL: none */
    double *normalized_returns; /* [n] fraction; a written file always holds (return - ref_min) / (ref_max - ref_min) */
    int32_t *lengths;           /* [n] steps, >= 0 */
    uint8_t *ends;              /* [n] enum mdp_episode_end */
    uint64_t *seeds;            /* [n] */
    int64_t *indices;           /* [n] episode numbers, ascending */
};

/** Allocates zeroed rows. Owns: caller, mdp_episodes_free. Errors: NOMEM. */
mdp_err mdp_episodes_alloc(struct mdp_episodes *episodes, long n);

/** Allocates zeroed returns of an objective. Errors: NOMEM. */
mdp_err mdp_episodes_add_objective(struct mdp_episodes *episodes);

/** Writes the objective by which an evaluation counted besides the world's reward, "speed=3"; "" for none. */
void mdp_episodes_objective(const struct mdp_episodes_info *info, char text[MDP_LABEL_MAX]);

/** Puts the returns of the objective in place of the world's, on a scale of their own: normalized returns are the
 * returns, and the reference is the objective, so that others are no match. Errors: DATA if there is none. */
mdp_err mdp_episodes_by_objective(const char *path, struct mdp_episodes_info *info, struct mdp_episodes *episodes);

/** Copies rows into new ones. Owns: caller, mdp_episodes_free. Errors: NOMEM. */
mdp_err mdp_episodes_copy(const struct mdp_episodes *from, struct mdp_episodes *to);

/** Refuses facts out of range; `path` names where they are. Errors: DATA. */
mdp_err mdp_episodes_check_info(const char *path, const struct mdp_episodes_info *info);

/** Refuses rows out of range. Errors: DATA. */
mdp_err mdp_episodes_check_rows(const char *path, const struct mdp_episodes *episodes);

/** Refuses returns of an objective that settings do not name, and none of one that they do. Errors: DATA. */
mdp_err mdp_episodes_check_objective(const char *path, const struct mdp_episodes_info *info,
                                     const struct mdp_episodes *episodes);

/** Computes the normalized returns of all rows. Shapes: scores [n]. Errors: DATA. */
mdp_err mdp_episodes_scores(const struct mdp_episodes_info *info, const struct mdp_episodes *episodes, double *scores);

/** Returns how many episodes ended in one way. */
long mdp_episodes_ended(const struct mdp_episodes *episodes, enum mdp_episode_end end);

/** Frees the rows and clears the struct. */
void mdp_episodes_free(struct mdp_episodes *episodes);

/** Frees what reading allocated and clears the struct. */
void mdp_episodes_info_free(struct mdp_episodes_info *info);

#endif
