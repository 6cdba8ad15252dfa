/* what makes evaluations comparable: one table of all that an episodes file records, and of what follows where two
 * files differ in it.
 *
 * compare, gate, plan, tables, figures and diagnose all look here and keep no list of their own. what it means for each
 * of them: docs/statistics.md, alike. */
#ifndef MDP_RESULTS_ALIKE_H
#define MDP_RESULTS_ALIKE_H

#include <stdint.h>

#include "base/fsx.h"
#include "results/episodes.h"

/* what follows from a difference: the files are refused; people are told, or asked by a gate; people are told, and a
 * gate takes both; nothing */
enum mdp_alike { MDP_ALIKE_REFUSE, MDP_ALIKE_SAY, MDP_ALIKE_TELL, MDP_ALIKE_FREE };

/* what two files are to each other */
enum mdp_alike_use {
    MDP_ALIKE_SIDES,  /* the two sides of a comparison or a gate */
    MDP_ALIKE_SAMPLE, /* parts of one sample: checkpoints of a curve, files that are pooled, runs of a table's arm */
    MDP_ALIKE_TABLE,  /* shown side by side: arms of a table, curves of a figure, pairs of a diagnosis */
    MDP_N_ALIKE_USES
};

/* X(enum, name, kind, place, text of messages, word before the value in a verdict, SIDES, SAMPLE, TABLE).
 * name: as files and policies of gates have it. place: member of mdp_episodes_info; of a setting, what a file that does
 * not record it means. the first that differs is the one that is named */
#define MDP_FACT_LIST(X)                                                                                               \
    X(ENV_ID, env_id, TEXT, env_id, "environment", "", REFUSE, REFUSE, REFUSE)                                         \
    X(ENV_HASH, env_hash, HASH, env_hash, "hash of the environment's tables", "", REFUSE, REFUSE, REFUSE)              \
    X(PHYSICS, physics, TEXT, physics, "physics", "", REFUSE, REFUSE, REFUSE)                                          \
    X(REFERENCE, reference, TEXT, reference, "reference scores", "", REFUSE, REFUSE, REFUSE)                           \
    X(REF_MIN, ref_min, REAL, ref_min, "reference score of 0", "", REFUSE, REFUSE, REFUSE)                             \
    X(REF_MAX, ref_max, REAL, ref_max, "reference score of 1", "", REFUSE, REFUSE, REFUSE)                             \
    X(RETURN_RULE, return_rule, TEXT, return_rule, "return rule", "", REFUSE, REFUSE, REFUSE)                          \
    /* how it was evaluated, and the facts of the policy that its file's name does not tell */                         \
    X(PRECISION, precision, TEXT, precision, "precision", "", SAY, REFUSE, FREE)                                       \
    X(ACTOR, actor, TEXT, actor, "actor", "", SAY, REFUSE, FREE)                                                       \
    X(CANDIDATES, candidates, INT, candidates, "candidates", "candidates ", SAY, REFUSE, FREE)                         \
    X(TEMPERATURE, temperature, REAL, temperature, "temperature", "temperature ", SAY, REFUSE, FREE)                   \
    X(W_T, w_t, REAL, w_t, "w_t", "w_T ", SAY, REFUSE, FREE)                                                           \
    X(SOLVER, solver, SETTING, "none", "solver", "solver ", SAY, REFUSE, FREE)                                         \
    X(SAMPLING_STEPS, sampling_steps, SETTING, "none", "sampling_steps", "denoising steps ", SAY, REFUSE, FREE)        \
    X(LAMBDA, lambda, SETTING, "0", "lambda", "lambda ", SAY, REFUSE, FREE)                                            \
    X(LANGEVIN, langevin, SETTING, "none", "langevin", "Langevin ", SAY, REFUSE, FREE)                                 \
    X(GUIDE, guide, SETTING, "none", "guide", "guide ", SAY, REFUSE, FREE)                                             \
    X(STEP, step, INT, step, "step", "step ", SAY, FREE, FREE)                                                         \
    /* which way libraries computed: last bits, which in the course of an episode or a training become others */       \
    X(ISA, isa, TEXT, isa, "instructions of the libraries", "", TELL, FREE, TELL)                                      \
    X(POLICY, policy, SETTING, "none", "policy of a process", "policy ", TELL, FREE, FREE)                             \
    /* what is compared, drawn or found by, or follows from the rows above */                                          \
    X(TASK, task, TEXT, task, "task", "", FREE, FREE, FREE)                                                            \
    X(ALGO, algo, TEXT, algo, "algorithm", "", FREE, FREE, FREE)                                                       \
    X(DIFFUSION, diffusion, TEXT, diffusion.path, "diffusion module", "", FREE, FREE, FREE)                            \
    X(DIFFUSION_HASH, diffusion_hash, HASH, diffusion.hash, "hash of the diffusion module", "", FREE, FREE, FREE)      \
    X(GUIDANCE, guidance, TEXT, guidance.path, "guidance module", "", FREE, FREE, FREE)                                \
    X(GUIDANCE_HASH, guidance_hash, HASH, guidance.hash, "hash of the guidance module", "", FREE, FREE, FREE)          \
    X(SEED, seed, U64, seed, "seed", "", FREE, FREE, FREE)                                                             \
    X(PHYSICS_LIBRARY, physics_library, TEXT, physics_library, "physics library", "", FREE, FREE, FREE)                \
    X(PHYSICS_HASH, physics_hash, HASH, physics_hash, "hash of the physics library", "", FREE, FREE, FREE)

#define MDP_FACT_ENUM(ENUM, name, kind, place, text, said, sides, sample, table) MDP_FACT_##ENUM,
enum mdp_fact { MDP_FACT_LIST(MDP_FACT_ENUM) MDP_N_FACTS };
#undef MDP_FACT_ENUM

/* where a fact is in a file: an attribute of this type, or an entry of its settings */
enum mdp_fact_kind {
    MDP_FACT_KIND_TEXT,
    MDP_FACT_KIND_REAL,
    MDP_FACT_KIND_INT,
    MDP_FACT_KIND_U64,
    MDP_FACT_KIND_HASH,
    MDP_FACT_KIND_SETTING
};

/* a row of the table */
struct mdp_fact_row {
    const char *name, *text, *said;
    enum mdp_fact_kind kind;
    size_t offset;      /* in mdp_episodes_info, but for settings */
    const char *absent; /* of settings */
    enum mdp_alike what[MDP_N_ALIKE_USES];
};

/* sets of facts */
#define MDP_FACT_BIT(fact) (1u << (fact))
#define MDP_FACTS_ALL (MDP_FACT_BIT(MDP_N_FACTS) - 1)

/* longer texts are cut; none that is ever asked for is that long */
enum { MDP_FACT_MAX = 128, MDP_ALIKE_TOLD_MAX = 2 * MDP_PATH_MAX + 4 * MDP_FACT_MAX };

/* the facts of one file as texts, or those that one is expected to have */
struct mdp_facts {
    uint32_t known; /* MDP_FACT_BIT of those that are meant; the others agree with anything */
    char values[MDP_N_FACTS][MDP_FACT_MAX];
};

/* a file and what it says; path "" before there is one */
struct mdp_alike_file {
    char path[MDP_PATH_MAX];
    struct mdp_facts facts;
};

/* the facts that are an environment's own: files of two environments never have them in common */
#define MDP_FACTS_OF_ENV                                                                                               \
    (MDP_FACT_BIT(MDP_FACT_ENV_ID) | MDP_FACT_BIT(MDP_FACT_ENV_HASH) | MDP_FACT_BIT(MDP_FACT_REFERENCE) |              \
     MDP_FACT_BIT(MDP_FACT_REF_MIN) | MDP_FACT_BIT(MDP_FACT_REF_MAX))

/* the facts of the world that episodes were played in */
#define MDP_FACTS_OF_WORLD (MDP_FACTS_OF_ENV | MDP_FACT_BIT(MDP_FACT_PHYSICS))

/* the first file of each environment among those that stand side by side, and the first two that differ in what people
 * are told */
struct mdp_alike_group {
    int n, n_told;
    struct mdp_alike_file *first, *told;
};

/** Returns a row. Range: fact 0 to MDP_N_FACTS - 1. Owns: library. */
const struct mdp_fact_row *mdp_fact_row(enum mdp_fact fact);

/** Returns the facts for which a use does this, as bits. */
uint32_t mdp_alike_facts(enum mdp_alike_use use, enum mdp_alike what);

/** Writes the facts of an evaluation. */
void mdp_facts_read(const struct mdp_episodes_info *info, struct mdp_facts *out);

/** Does the same behind an evaluation whose facts are known: what is equal is copied, which for the checkpoints of a
 * run is nearly all. Nullable: before. */
void mdp_facts_read_after(const struct mdp_episodes_info *before, const struct mdp_facts *of_before,
                          const struct mdp_episodes_info *info, struct mdp_facts *out);

/** Returns 1 if returns are those of an objective (mdp_episodes_by_objective), which is then the reference. */
int mdp_facts_are_by_objective(const struct mdp_facts *facts);

/** Sets a fact that is expected to a text. */
void mdp_facts_expect(struct mdp_facts *facts, enum mdp_fact fact, const char *value);

/** Sets a fact that is expected to a whole number. */
void mdp_facts_expect_int(struct mdp_facts *facts, enum mdp_fact fact, int64_t value);

/** Sets a fact that is expected to a number. */
void mdp_facts_expect_real(struct mdp_facts *facts, enum mdp_fact fact, double value);

/** Returns 1 if two values of a fact differ. Of instructions, "oneDNN A + libm B", only what both name counts: a result
 * that nothing of oneDNN is in does not depend on it; values that name nothing in common differ. */
int mdp_fact_unlike(enum mdp_fact fact, const char *a, const char *b);

/** Returns the first fact of a set that both know and that differs, -1 if there is none. */
int mdp_facts_unlike(uint32_t set, const struct mdp_facts *a, const struct mdp_facts *b);

/** Returns 1 if two evaluations have all facts of a set in common to the letter, without making texts of them; 0 says
 * nothing. */
int mdp_infos_equal(uint32_t set, const struct mdp_episodes_info *a, const struct mdp_episodes_info *b);

/** Writes path and facts of an evaluation. Errors: USAGE for a path that does not fit. */
mdp_err mdp_alike_read(const char *path, const struct mdp_episodes_info *info, struct mdp_alike_file *out);

/** Refuses two files that differ in a fact of a set. Errors: DATA, naming fact, files, expected and found. */
mdp_err mdp_alike_check(uint32_t set, const struct mdp_alike_file *expected, const struct mdp_alike_file *found);

/** Refuses a file that differs from the first one in what the use refuses; where there is no first one yet, this is it.
 * Errors: DATA as above. */
mdp_err mdp_alike_join(enum mdp_alike_use use, const struct mdp_alike_file *file, struct mdp_alike_file *first);

/** Refuses a file that cannot be shown beside those of a group. Files of its own environment must agree with it in all
 * that MDP_ALIKE_TABLE refuses, files of others in all but MDP_FACTS_OF_ENV. Owns: group, mdp_alike_group_free. Errors:
 * DATA as above; NOMEM. */
mdp_err mdp_alike_group_join(const struct mdp_alike_file *file, struct mdp_alike_group *group);

/** Writes one sentence if files of a group differ in what MDP_ALIKE_TABLE tells; "" if none do. */
void mdp_alike_group_told(const struct mdp_alike_group *group, char text[MDP_ALIKE_TOLD_MAX]);

/** Frees a group and clears it. */
void mdp_alike_group_free(struct mdp_alike_group *group);

#endif
