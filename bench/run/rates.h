/* the rates that perf measures and plan reads back from perf's JSON: their names, and what they count. */
#ifndef MDP_BENCH_RUN_RATES_H
#define MDP_BENCH_RUN_RATES_H

enum { MDP_RATE_NAME_MAX = 64 };

/* train/ALGO/MODE/PRECISION: gradient steps per second, on batches of MDP_RATE_BATCH */
#define MDP_RATE_TRAIN "train"
enum { MDP_RATE_BATCH = 256 };
/* infer/ALGO/PRECISION: calls per second, of MDP_RATE_STATES states with MDP_RATE_CANDIDATES candidates each */
#define MDP_RATE_INFER "infer"
enum { MDP_RATE_STATES = 50, MDP_RATE_CANDIDATES = 50 };
/* plan/ALGO/hHORIZON/train: gradient steps per second, on batches of the algorithm's own size; plan/ALGO/hHORIZON/act:
 * plans per second, of as many candidates as the algorithm has */
#define MDP_RATE_PLAN "plan"
/* vec/ENVIRONMENT: steps per second of many lanes together */
#define MDP_RATE_VEC "vec"

/** Writes a rate's name, its parts with slashes between them. Nullable: b, c. */
void mdp_rate_name(char name[MDP_RATE_NAME_MAX], const char *kind, const char *a, const char *b, const char *c);

/** Writes the name of a rate of plans. */
void mdp_rate_plan_name(char name[MDP_RATE_NAME_MAX], const char *algo, int horizon, int is_training);

#endif
