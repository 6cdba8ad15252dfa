/* what mdpbench and a policy in another process say to each other: one line of JSON each to begin with, then a question
 * and an answer for every decision, binary or as a line of JSON. both sides write and read by these functions.
 *
 * docs/policy-protocol.md describes every byte for those who write the other side. */
#ifndef MDP_BENCH_POLICY_MESSAGE_H
#define MDP_BENCH_POLICY_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "bench/run/settings.h"

enum {
    MDP_POLICY_PROTOCOL = 1,
    MDP_POLICY_LINE_MAX = 1 << 16, /* bytes of a line that begins, or ends, the talk */
    MDP_POLICY_NAME_MAX = 61,      /* with its zero */
    MDP_POLICY_HASH_MAX = 129,
    MDP_POLICY_TEXT_MAX = 64,
    MDP_POLICY_LANES_MAX = 10000
};

/* what mdpbench says first */
struct mdp_policy_greeting {
    unsigned format;                   /* enum mdp_talk_format, of all that follows */
    char mode[16];                     /* what the actions are for: "eval", "collect", "perf" */
    char task[MDP_POLICY_TEXT_MAX];    /* "halfcheetah-medium" */
    char env_id[MDP_POLICY_TEXT_MAX];  /* "HalfCheetahBullet-v0" */
    char physics[MDP_POLICY_TEXT_MAX]; /* "bullet-float64 3.24" */
    int n_obs, n_act;                  /* 1 to 1024 */
    int max_steps;                     /* of an episode */
    int n_lanes;                       /* most states of a question */
    uint64_t seed;                     /* of episodes, and of all that a policy may draw */
};

/* what the policy says first */
struct mdp_policy_hello {
    char name[MDP_POLICY_NAME_MAX]; /* a label that names of files can have */
    char hash[MDP_POLICY_HASH_MAX]; /* "": none; whatever tells one state of the policy from another */
    long step;                      /* of its training; -1: none */
};

/** Writes the first line of mdpbench. Owns: caller, free(). Errors: NOMEM. */
mdp_err mdp_policy_write_greeting(const struct mdp_policy_greeting *greeting, char **line);

/** Reads it. Errors: DATA for anything else, another protocol included. */
mdp_err mdp_policy_read_greeting(const char *line, struct mdp_policy_greeting *out);

/** Writes the first line of a policy. Owns: caller, free(). Errors: NOMEM. */
mdp_err mdp_policy_write_hello(const struct mdp_policy_hello *hello, char **line);

/** Reads it, or that the policy cannot act. Errors: DATA "expected .., found .."; IO with the policy's own words. */
mdp_err mdp_policy_read_hello(const char *line, struct mdp_policy_hello *out);

/** Writes why a policy does not go on, which may stand in the place of anything that it says. Owns: caller, free().
 * Errors: NOMEM. */
mdp_err mdp_policy_write_error(const char *message, char **line);

/** Reads a line in the place of an answer. Errors: IO with the policy's own words, DATA if it is no such line. */
mdp_err mdp_policy_read_error(const char *line);

/* ---- binary: numbers of 4 bytes, little endian, without gaps ---- */

/** Returns the bytes of a question of n states: how many, their episodes and steps, their observations. */
size_t mdp_policy_question_bytes(const struct mdp_policy_greeting *greeting, int n);

/** Returns the bytes of an answer: how many, and the actions. */
size_t mdp_policy_answer_bytes(const struct mdp_policy_greeting *greeting, int n);

/* a question, or what one says; rows are borrowed. Shapes: observations [n, n_obs], episodes and steps [n] */
struct mdp_policy_question {
    int n;
    const float *observations;
    const uint32_t *episodes, *steps;
};

/** Writes a question. Shapes: bytes [mdp_policy_question_bytes]. */
void mdp_policy_pack(const struct mdp_policy_greeting *greeting, const struct mdp_policy_question *question,
                     char *bytes);

/** Points to the parts of a question of bytes on a 4-byte boundary. */
void mdp_policy_unpack(const char *bytes, struct mdp_policy_question *out);

/* ---- JSON ---- */

/** Returns how long a line of n states may be at most, a question or an answer. */
size_t mdp_policy_json_bytes(const struct mdp_policy_greeting *greeting, int n);

/** Writes a question as a line; numbers have the digits that bring the same float32 back. Owns: caller, free(). Errors:
 * NOMEM. */
mdp_err mdp_policy_write_question(const struct mdp_policy_greeting *greeting,
                                  const struct mdp_policy_question *question, char **line);

/** Reads one. Shapes: observations [n_lanes, n_obs], episodes and steps [n_lanes]. Errors: DATA. */
mdp_err mdp_policy_read_question(const struct mdp_policy_greeting *greeting, const char *line, int *n,
                                 float *observations, uint32_t *episodes, uint32_t *steps);

/** Writes an answer as a line. Owns: caller, free(). Errors: NOMEM. */
mdp_err mdp_policy_write_answer(const struct mdp_policy_greeting *greeting, int n, const float *actions, char **line);

/** Reads the answer to a question of n states. Shapes: actions [n, n_act]. Errors: DATA "expected .., found .."; IO
 * with the policy's own words. */
mdp_err mdp_policy_read_answer(const struct mdp_policy_greeting *greeting, int n, const char *line, float *actions);

#endif
