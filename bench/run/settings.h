/* what the stages are told: every setting of an evaluation, a training and a collection is one row here.
 *
 * a row makes the member of the struct, the option of the verbs that take it, the key of experiment files, the default,
 * the argument in a plan's commands, the mark in file names, the recorded setting, and the refusal where it would mean
 * nothing. adding one is a row, and its use. columns: base/setting.h; CONTRIBUTING.md has an example. */
#ifndef MDP_BENCH_RUN_SETTINGS_H
#define MDP_BENCH_RUN_SETTINGS_H

#include <jansson.h>
#include <stdio.h>

#include "algos/precision.h"
#include "algos/steering.h"
#include "base/setting.h"
#include "bench/run/task.h"

struct mdp_engine;
struct mdp_algorithm;
struct mdp_guidance_config;
struct mdp_diffusion_config;

/* ---- columns ---- */

/* who takes a setting; a row without a taker is the program's own */
enum {
    MDP_FOR_EVAL = 1,     /* the verb eval */
    MDP_FOR_GATE = 2,     /* gate --evaluate */
    MDP_FOR_SELFTEST = 4, /* gate selftest --run */
    MDP_FOR_DIAGNOSE = 8,
    MDP_FOR_PERF = 16,
    MDP_FOR_TRAIN = 32,
    MDP_FOR_COLLECT = 64,
    MDP_FOR_EXPERIMENT = 128, /* a key of experiment files, of all runs or arms */
    MDP_FOR_RUN = 256,        /* a key of each run */
    MDP_FOR_ARM = 512,        /* a key of each arm */
    MDP_FOR_ACTORS = 1024,    /* what an experiment evaluates once for each of a list */
    MDP_FOR_EXTENT = 2048,    /* how far a run goes: two wishes for one run are both met */
    MDP_FOR_PLAN = 4096,      /* said in a plan's commands even where it is the default */
    MDP_FOR_ACT = 16384,      /* the verb act */
    MDP_FOR_PACE = 8192,      /* how long work takes depends on it: plan looks at runs with the same value */
    MDP_FOR_LIBRARY = 32768,  /* a policy of the shared library, besides what act takes */
};

/* X(name): what a setting may need to mean something */
#define MDP_NEED_LIST(X)                                                                                               \
    X(MODULES)     /* a diffusion module acts, no behaviour policy */                                                  \
    X(BEHAVIOR)    /* a behaviour policy acts */                                                                       \
    X(PROCESS)     /* a policy in another process acts */                                                              \
    X(TASK)        /* what acts does not always say in which world */                                                  \
    X(GUIDANCE)    /* something selects */                                                                             \
    X(DIFFUSION)   /* a diffusion module is trained */                                                                 \
    X(POLICY_LOSS) /* it is trained by guidance, too */                                                                \
    X(SAMPLER)     /* training samples from a diffusion module: its own, or one that stays */                          \
    X(SUPPORT)     /* guidance learns from actions that a diffusion module supports, */                                \
    X(SUPPORTER)   /* and that module comes from a file */                                                             \
    X(LOADED)      /* training begins with the guidance of a file */                                                   \
    X(NOISE)       /* training is guided by noise */                                                                   \
    X(WINDOWS)     /* what is trained are modules of windows of steps */                                               \
    X(REWARDS)     /* guidance learns from rewards */                                                                  \
    X(TRANSITIONS) /* what is trained sees single transitions */                                                       \
    X(RETURNS)     /* what windows return is learnt, or told */
#define MDP_NEED_ENUM(name) MDP_NEED_##name,
#define MDP_NEED_BIT(name) MDP_WITH_##name = 1 << MDP_NEED_##name,
enum { MDP_NEED_LIST(MDP_NEED_ENUM) MDP_N_NEEDS };
enum { MDP_NEED_LIST(MDP_NEED_BIT) };
#undef MDP_NEED_ENUM
#undef MDP_NEED_BIT

/* when results record a setting */
enum {
    MDP_RECORDED_NEVER,
    MDP_RECORDED_ALWAYS,
    MDP_RECORDED_OF_MODULES,  /* where a diffusion module acts */
    MDP_RECORDED_WHERE_MEANT, /* where it means something */
    MDP_RECORDED_WHERE_USED,  /* and does something: for all that came after 0.1.0, whose files do not name it */
};

/* ---- what many verbs have: the same name, range and argument everywhere ---- */

#define MDP_USUAL(value) .fallback = (value), .usual = (value) /* names of folders do not say it */
#define MDP_THREADS(fallback_) .name = "threads", .low = 1, .high = 1024, .fallback = (fallback_)
#define MDP_RANDOM_SEED .name = "seed", .fallback = "0"
#define MDP_AS_JSON .name = "json"
#define MDP_JSON_PATHS "one JSON object: paths, the names of what was made"
#define MDP_ACTOR(fallback_) .name = "actor", .names = mdp_actor_names, .fallback = (fallback_)
#define MDP_STEP .name = "step", .low = -1, .high = 1e9, .fallback = "-1"
#define MDP_PHYSICS                                                                                                    \
    .name = "physics", .help = "native, lean, robotics:LIBRARY[:LIBPYTHON] or mujoco[:LIBRARY]; default: "             \
                               "$MDPBENCH_PHYSICS, else the robot's"

/* what programs may watch (results/show/live.h) */
#define MDP_BY_OBJECTIVE                                                                                               \
    .name = "objective", .help = "returns of the objective (eval --reward) in place of the world's, not normalized"
#define MDP_TENSORBOARD                                                                                                \
    .name = "tensorboard", .argument = "DIR", .help = "also write TensorBoard's event files there, while it goes on"
#define MDP_LOG_JSON .name = "log-json", .argument = "FILE", .help = "also write a line of JSON for each step"
#define MDP_POLICY_COMMAND .name = "policy", .argument = "COMMAND"
#define MDP_POLICY_FORMAT                                                                                              \
    .name = "policy-format", .names = mdp_talk_format_names, .fallback = "binary",                                     \
    .help = "what the process reads and writes; does not change the result"
#define MDP_POLICY_TIMEOUT                                                                                             \
    .name = "policy-timeout", .low = 1e-3, .high = 1e6, .argument = "S", .fallback = "60",                             \
    .help = "seconds that the process may take to start, and for each answer"

/* ---- evaluations ---- */

/* X(member, kind, columns) */
#define MDP_EVAL_SETTING_LIST(X)                                                                                       \
    X(is_stochastic, FLAG, .name = "stochastic", .takers = MDP_FOR_EVAL | MDP_FOR_ACT, .needs = MDP_WITH_BEHAVIOR,     \
      .help = "behaviour policies draw their actions")                                                                 \
    X(actor, TEXT, MDP_ACTOR("ema"), .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_DIAGNOSE | MDP_FOR_ACTORS,         \
      .needs = MDP_WITH_MODULES, .mark = ".", .json = "actor", .recorded = MDP_RECORDED_ALWAYS,                        \
      .help = "parameters that act")                                                                                   \
    X(n_episodes, WHOLE, .name = "episodes", .low = 1, .high = 1e6, .unit = "episodes", .fallback = "50",              \
      .takers = MDP_FOR_EVAL | MDP_FOR_EXPERIMENT | MDP_FOR_PLAN, .json = "episodes", .recorded = MDP_RECORDED_ALWAYS, \
      .help = "episodes")                                                                                              \
    X(seed, SEED, MDP_RANDOM_SEED, .key = "evaluation-seed",                                                           \
      .takers = MDP_FOR_EVAL | MDP_FOR_GATE | MDP_FOR_DIAGNOSE | MDP_FOR_EXPERIMENT | MDP_FOR_PLAN | MDP_FOR_LIBRARY,  \
      .json = "seed", .recorded = MDP_RECORDED_ALWAYS, .help = "seed of episodes and of all that is drawn")            \
    X(n_candidates, WHOLE, .name = "candidates", .low = 1, .high = 4096, .unit = "candidates", .fallback = "50",       \
      .neutral = "1",                                                                                                  \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_GATE | MDP_FOR_SELFTEST | MDP_FOR_DIAGNOSE | MDP_FOR_PERF |       \
                MDP_FOR_EXPERIMENT | MDP_FOR_ARM | MDP_FOR_PLAN,                                                       \
      .needs = MDP_WITH_MODULES | MDP_WITH_GUIDANCE, .mark = ".n", .json = "candidates",                               \
      .recorded = MDP_RECORDED_ALWAYS, .help = "candidate actions per state; without guidance 1")                      \
    X(is_paper_exact, FLAG, .name = "paper-exact", .takers = MDP_FOR_EVAL | MDP_FOR_ACT,                               \
      .needs = MDP_WITH_MODULES | MDP_WITH_GUIDANCE, .instead = "candidates",                                          \
      .help = "as the algorithm's code by its own guidance: idql with 256 candidates, qgpo with 1 on every task, "     \
              "from whole "                                                                                            \
              "noise, guided by its energy")                                                                           \
    X(guidance_task, TEXT, .name = "guidance-task", .argument = "T",                                                   \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_DIAGNOSE | MDP_FOR_ARM,                                           \
      .needs = MDP_WITH_MODULES | MDP_WITH_GUIDANCE, .mark = ".of-", .json = "guidance_task",                          \
      .recorded = MDP_RECORDED_WHERE_USED,                                                                             \
      .help = "of whose data the guidance is, on the same robot (the diffusion's)")                                    \
    X(solver, TEXT, .name = "solver", .names = mdp_solver_names,                                                       \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_ARM | MDP_FOR_PACE, .needs = MDP_WITH_MODULES, .mark = ".",       \
      .json = "solver", .recorded = MDP_RECORDED_OF_MODULES,                                                           \
      .help = "of the reverse process, as trained where none is given")                                                \
    X(n_sampling_steps, WHOLE, .name = "sampling-steps", .low = 1, .high = 1000, .unit = "steps",                      \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_ARM | MDP_FOR_PACE, .needs = MDP_WITH_MODULES, .mark = ".k",      \
      .json = "sampling_steps", .recorded = MDP_RECORDED_OF_MODULES, .help = "of the reverse process (as trained)")    \
    X(w_t, REAL, .name = "w-t", .low = 0, .high = 1e9,                                                                 \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_DIAGNOSE | MDP_FOR_ARM,                                           \
      .needs = MDP_WITH_MODULES | MDP_WITH_GUIDANCE, .mark = ".w", .json = "w_T", .recorded = MDP_RECORDED_ALWAYS,     \
      .help = "weight of scores in the softmax (of the guidance's algorithm and the task)")                            \
    X(lambda, REAL, .name = "lambda", .low = 0, .high = 1e6, .fallback = "0", .neutral = "0",                          \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_ARM | MDP_FOR_PACE,                                               \
      .needs = MDP_WITH_MODULES | MDP_WITH_GUIDANCE, .mark = ".lambda", .json = "lambda",                              \
      .recorded = MDP_RECORDED_OF_MODULES, .help = "step of candidates up the guidance's gradient")                    \
    X(guide, TEXT, .name = "guide", .names = mdp_guide_names, .fallback = "none", .neutral = "none",                   \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_ARM | MDP_FOR_PACE, .needs = MDP_WITH_MODULES, .mark = ".",       \
      .json = "guide.gradient", .recorded = MDP_RECORDED_WHERE_USED,                                                   \
      .help = "what bends every denoising step, besides what selects")                                                 \
    X(guide_weight, REAL, .name = "guide-weight", .low = -1e6, .high = 1e6, .argument = "W",                           \
      .takers = MDP_FOR_ACT | MDP_FOR_ARM, .needs = MDP_WITH_MODULES, .beside = "guide", .mark = "x",                  \
      .json = "guide.weight", .recorded = MDP_RECORDED_WHERE_USED,                                                     \
      .help = "weight of the bend (energy: of its algorithm and the task)")                                            \
    X(guide_schedule, TEXT, .name = "guide-schedule", .names = mdp_weight_schedule_names, .fallback = "const",         \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_ARM, .needs = MDP_WITH_MODULES, .beside = "guide", .mark = "-",   \
      .json = "guide.schedule", .recorded = MDP_RECORDED_WHERE_USED,                                                   \
      .help = "how the weight changes from the first denoising step to the last")                                      \
    X(target_return, REAL, .name = "target-return", .low = -1e9, .high = 1e9, .argument = "R",                         \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_ARM, .needs = MDP_WITH_MODULES, .mark = ".target",                \
      .json = "guide.target", .recorded = MDP_RECORDED_WHERE_USED,                                                     \
      .help = "what plans of dd are told to come to, in units of the training (the task's)")                           \
    X(langevin_steps, WHOLE, .name = "langevin-steps", .low = 0, .high = 1000, .unit = "steps", .fallback = "0",       \
      .neutral = "0", .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_ARM | MDP_FOR_PACE, .needs = MDP_WITH_MODULES,    \
      .beside = "langevin-step-size", .mark = ".langevin", .json = "langevin.steps",                                   \
      .recorded = MDP_RECORDED_WHERE_USED, .help = "Langevin steps of candidates on the tilted policy")                \
    X(langevin_step_size, REAL, .name = "langevin-step-size", .low = 1e-12, .high = 1e3, .argument = "H",              \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_ARM, .needs = MDP_WITH_MODULES, .beside = "langevin-steps",       \
      .mark = "x", .json = "langevin.step_size", .recorded = MDP_RECORDED_WHERE_USED, .help = "their step size")       \
    X(langevin_time, WHOLE, .name = "langevin-time", .low = 0, .high = 255, .argument = "I",                           \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_ARM, .needs = MDP_WITH_MODULES, .beside = "langevin-steps",       \
      .mark = "-", .json = "langevin.time", .recorded = MDP_RECORDED_WHERE_USED,                                       \
      .help = "denoising time of their score (the first with sigma of at least 0.1)")                                  \
    X(temperature, REAL, .name = "temperature", .low = 0, .high = 100, .fallback = "0.5",                              \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_DIAGNOSE | MDP_FOR_ARM, .needs = MDP_WITH_MODULES, .mark = ".t",  \
      .json = "temperature", .recorded = MDP_RECORDED_ALWAYS, .help = "scale of the start noise")                      \
    X(precision, TEXT, .name = "precision", .key = "evaluation-precision", .names = mdp_precision_names,               \
      .fallback = MDP_PRECISION_DEFAULT, .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_EXPERIMENT,                    \
      .needs = MDP_WITH_MODULES, .mark = ".", .json = "precision", .recorded = MDP_RECORDED_ALWAYS,                    \
      .help = "arithmetic")                                                                                            \
    X(rule, CHOICE, .name = "return-rule", .names = mdp_return_rule_names, .fallback = "standard",                     \
      .takers = MDP_FOR_EVAL | MDP_FOR_EXPERIMENT, .mark = ".", .json = "return_rule",                                 \
      .recorded = MDP_RECORDED_ALWAYS, .help = "what counts as an episode's return")                                   \
    X(reward, TEXT, .name = "reward", .argument = "TERMS", .takers = MDP_FOR_EVAL | MDP_FOR_ARM, .mark = ".",          \
      .json = "reward", .recorded = MDP_RECORDED_WHERE_USED,                                                           \
      .help = "also count by an objective, speed=3,effort=0.5 (what guidance was trained for)")                        \
    X(n_lanes, WHOLE, .name = "lanes", .low = 1, .high = 10000, .fallback = "50", .takers = MDP_FOR_EVAL,              \
      .help = "episodes side by side; does not change the result")                                                     \
    X(n_threads, WHOLE, MDP_THREADS(MDP_ALL_PROCESSORS),                                                               \
      .takers = MDP_FOR_EVAL | MDP_FOR_ACT | MDP_FOR_GATE | MDP_FOR_DIAGNOSE,                                          \
      .help = "threads; does not change the result")                                                                   \
    X(physics, TEXT, MDP_PHYSICS, .takers = MDP_FOR_EVAL)                                                              \
    X(task, TEXT, .name = "task", .argument = "T", .takers = MDP_FOR_EVAL | MDP_FOR_ACT, .needs = MDP_WITH_TASK,       \
      .help = "whose world a process acts in, or modules that are labelled with no task")                              \
    X(command, TEXT, MDP_POLICY_COMMAND, .takers = MDP_FOR_EVAL, .json = "policy_command",                             \
      .recorded = MDP_RECORDED_WHERE_USED, .help = "a process that acts instead, docs/policy-protocol.md")             \
    X(talk_format, CHOICE, MDP_POLICY_FORMAT, .takers = MDP_FOR_EVAL, .needs = MDP_WITH_PROCESS)                       \
    X(talk_seconds, REAL, MDP_POLICY_TIMEOUT, .takers = MDP_FOR_EVAL, .needs = MDP_WITH_PROCESS)                       \
    X(tensorboard, TEXT, MDP_TENSORBOARD, .takers = MDP_FOR_EVAL)                                                      \
    X(log_json, TEXT, MDP_LOG_JSON, .takers = MDP_FOR_EVAL)                                                            \
    X(label, TEXT, .name = "label", .takers = MDP_FOR_EVAL, .json = "label", .recorded = MDP_RECORDED_WHERE_USED,      \
      .help = "names the result stepNNNNNN.NAME.episodes.h5")                                                          \
    X(first_episode, WHOLE, .name = "first-episode", .fallback = "0", .neutral = "0", .json = "first_episode",         \
      .recorded = MDP_RECORDED_WHERE_USED, .help = "above 0 an earlier evaluation goes on")

/* ---- trainings ---- */

#define MDP_TRAIN_SETTING_LIST(X)                                                                                      \
    X(task_name, TEXT, .name = "task", .argument = "T", .takers = MDP_FOR_TRAIN, .json = "task",                       \
      .recorded = MDP_RECORDED_ALWAYS, .help = "robot and data quality, or beside --data any label")                   \
    X(algo, TEXT, .name = "algo", .names = mdp_algorithm_names, .argument = "A", .fallback = "dql",                    \
      .takers = MDP_FOR_TRAIN | MDP_FOR_RUN | MDP_FOR_PLAN | MDP_FOR_PACE, .needs = MDP_WITH_DIFFUSION,                \
      .json = "algo", .recorded = MDP_RECORDED_ALWAYS, .help = "algorithm")                                            \
    X(mode, CHOICE, .name = "guidance", .names = mdp_training_mode_names, .argument = "MODE", .fallback = "joint",     \
      .takers = MDP_FOR_TRAIN | MDP_FOR_RUN | MDP_FOR_PACE, .needs = MDP_WITH_DIFFUSION, .json = "mode",               \
      .recorded = MDP_RECORDED_ALWAYS, .help = "how guidance acts in training")                                        \
    X(guidance_file, TEXT, .name = "guidance-file", .argument = "FILE", .takers = MDP_FOR_TRAIN,                       \
      .needs = MDP_WITH_LOADED, .help = "what frozen and continued start from, or best:FOLDER:LABEL")                  \
    X(is_diffusion_only, FLAG, .name = "diffusion-only", .takers = MDP_FOR_TRAIN, .needs = MDP_WITH_DIFFUSION,         \
      .instead = "guidance", .help = "no guidance at all: --guidance none")                                            \
    X(diffusion_file, TEXT, .name = "diffusion-file", .argument = "FILE", .takers = MDP_FOR_TRAIN,                     \
      .needs = MDP_WITH_SUPPORTER, .help = "whose actions --guidance-only qgpo learns from")                           \
    X(n_value_steps, WHOLE, .name = "value-steps", .low = 1, .high = 1e8, .unit = "gradient steps",                    \
      .takers = MDP_FOR_TRAIN | MDP_FOR_RUN, .needs = MDP_WITH_SUPPORT, .mark = "-values", .json = "value_steps",      \
      .recorded = MDP_RECORDED_WHERE_USED,                                                                             \
      .help = "so many steps values learn alone, then the energy does (both in every step)")                           \
    X(alone, TEXT, .name = "guidance-only", .names = mdp_guidance_alone_names, .argument = "KIND",                     \
      .takers = MDP_FOR_TRAIN | MDP_FOR_RUN | MDP_FOR_PACE,                                                            \
      .help = "no diffusion module at all, what guidance learns from")                                                 \
    X(reward, TEXT, .name = "reward", .argument = "TERMS|COLUMN", .takers = MDP_FOR_TRAIN | MDP_FOR_RUN,               \
      .needs = MDP_WITH_REWARDS, .mark = "-", .json = "reward", .recorded = MDP_RECORDED_WHERE_USED,                   \
      .help = "what guidance is to maximise: the world's terms, speed=3,effort=0.5, or [FILE]:COLUMN of rewards")      \
    X(noise, CHOICE, .name = "noise", .names = mdp_noise_names, .argument = "KIND", MDP_USUAL("net"),                  \
      .takers = MDP_FOR_TRAIN | MDP_FOR_RUN, .needs = MDP_WITH_NOISE, .mark = "-", .json = "noise",                    \
      .recorded = MDP_RECORDED_WHERE_MEANT, .help = "what stands for values with --guidance noise")                    \
    X(eta, REAL, .name = "eta", .low = 0, .high = 1e6, .takers = MDP_FOR_TRAIN | MDP_FOR_RUN,                          \
      .needs = MDP_WITH_POLICY_LOSS, .mark = "-eta", .usual = "1", .json = "eta",                                      \
      .recorded = MDP_RECORDED_WHERE_MEANT, .help = "weight of the policy loss (the algorithm's); 0: cloning only")    \
    X(eta_schedule, TEXT, .name = "eta-schedule", .names = mdp_weight_schedule_names, .fallback = "const",             \
      .neutral = "const", .takers = MDP_FOR_TRAIN | MDP_FOR_RUN, .needs = MDP_WITH_POLICY_LOSS, .beside = "eta-steps", \
      .mark = "-eta", .json = "eta_schedule", .recorded = MDP_RECORDED_WHERE_USED,                                     \
      .help = "how eta changes from the first gradient step on")                                                       \
    X(eta_steps, WHOLE, .name = "eta-steps", .low = 1, .high = 1e8, .unit = "gradient steps",                          \
      .takers = MDP_FOR_TRAIN | MDP_FOR_RUN, .needs = MDP_WITH_POLICY_LOSS, .beside = "eta-schedule", .mark = "x",     \
      .json = "eta_steps", .recorded = MDP_RECORDED_WHERE_USED, .help = "it does so in so many, and then stays")       \
    X(precision, TEXT, .name = "precision", .names = mdp_precision_names, MDP_USUAL(MDP_PRECISION_DEFAULT),            \
      .takers = MDP_FOR_TRAIN | MDP_FOR_EXPERIMENT | MDP_FOR_PACE, .mark = "-", .is_marked_last = 1,                   \
      .json = "precision", .recorded = MDP_RECORDED_ALWAYS, .help = "arithmetic")                                      \
    X(solver, TEXT, .name = "solver", .names = mdp_solver_names, .takers = MDP_FOR_TRAIN, .needs = MDP_WITH_SAMPLER,   \
      .help = "of the reverse process, the algorithm's where none is given")                                           \
    X(n_sampling_steps, WHOLE, .name = "sampling-steps", .low = 1, .high = 1000, .takers = MDP_FOR_TRAIN,              \
      .needs = MDP_WITH_SAMPLER, .help = "of the reverse process (the algorithm's)")                                   \
    X(horizon, WHOLE, .name = "horizon", .low = 1, .high = 1024, .unit = "steps",                                      \
      .takers = MDP_FOR_TRAIN | MDP_FOR_RUN | MDP_FOR_PACE, .needs = MDP_WITH_WINDOWS, .mark = "-horizon",             \
      .help = "steps of a plan (the task's, else 32)")                                                                 \
    X(width, WHOLE, .name = "width", .low = 4, .high = 4096, .takers = MDP_FOR_TRAIN | MDP_FOR_RUN | MDP_FOR_PACE,     \
      .needs = MDP_WITH_WINDOWS, .mark = "-width", .help = "of the networks of plans (diffuser 32, dd 320)")           \
    X(return_scale, REAL, .name = "return-scale", .low = 1e-9, .high = 1e9, .takers = MDP_FOR_TRAIN | MDP_FOR_RUN,     \
      .needs = MDP_WITH_WINDOWS | MDP_WITH_RETURNS, .mark = "-scale",                                                  \
      .help = "unit of the returns of plans (diffuser 1; dd the task's, else the data's largest)")                     \
    X(batch, WHOLE, .name = "batch", .low = 1, .high = 65536, .unit = "transitions", .fallback = "256",                \
      .takers = MDP_FOR_TRAIN | MDP_FOR_EXPERIMENT | MDP_FOR_PLAN | MDP_FOR_PACE, .json = "batch",                     \
      .recorded = MDP_RECORDED_ALWAYS, .help = "transitions a step")                                                   \
    X(seed, SEED, MDP_RANDOM_SEED, .takers = MDP_FOR_TRAIN | MDP_FOR_PLAN, .json = "seed",                             \
      .recorded = MDP_RECORDED_ALWAYS, .help = "seed of the run")                                                      \
    X(data, TEXT, .name = "data", .argument = "FILE", .takers = MDP_FOR_TRAIN,                                         \
      .help = "dataset (datasets/TASK.hdf5), any in D4RL's layout or Minari's")                                        \
    X(bounds, TEXT, .name = "bounds", .argument = "LOW,HIGH", .takers = MDP_FOR_TRAIN,                                 \
      .help = "range of the data's actions, mapped to [-1, 1] (what Minari's file says, else -1,1)")                   \
    X(n_steps, WHOLE, .name = "steps", .low = 1, .high = 1e8, .unit = "gradient steps", .fallback = "20000",           \
      .takers = MDP_FOR_TRAIN | MDP_FOR_EXPERIMENT | MDP_FOR_EXTENT | MDP_FOR_PLAN, .help = "gradient steps")          \
    X(every, WHOLE, .name = "checkpoint-every", .low = 1, .high = 1e8, .unit = "gradient steps", .fallback = "400",    \
      .takers = MDP_FOR_TRAIN | MDP_FOR_EXPERIMENT | MDP_FOR_EXTENT | MDP_FOR_PLAN,                                    \
      .help = "steps between two checkpoints")                                                                         \
    X(learning_rate, REAL, .name = "lr", .low = 0, .high = 1, .takers = MDP_FOR_TRAIN, .json = "learning_rate",        \
      .recorded = MDP_RECORDED_ALWAYS, .help = "learning rate at the start (the algorithm's, 0.0003 or 0.0002)")       \
    X(lr_steps, WHOLE, .name = "lr-steps", .low = 1, .high = 1e9, .unit = "gradient steps", .mark = "-lrsteps",        \
      .usual = "2000000", .takers = MDP_FOR_TRAIN | MDP_FOR_EXPERIMENT | MDP_FOR_RUN, .json = "lr_steps",              \
      .recorded = MDP_RECORDED_ALWAYS,                                                                                 \
      .help = "the learning rate's cosine reaches 0 here (the algorithm's: 2000000, of plans 1000000; qgpo's stays)")  \
    X(keep, WHOLE, .name = "keep", .low = 0, .high = 1e8, .unit = "checkpoints",                                       \
      .takers = MDP_FOR_TRAIN | MDP_FOR_EXPERIMENT,                                                                    \
      .help = "only so many newest checkpoints, whatever older ones are still wanted for (all)")                       \
    X(save_minutes, REAL, .name = "save-minutes", .low = 0, .high = 1e6, .unit = "minutes", .fallback = "5",           \
      .takers = MDP_FOR_TRAIN, .help = "at most so long between two writes of resume.h5; does not change the result")  \
    X(n_threads, WHOLE, MDP_THREADS(MDP_ALL_PROCESSORS), .takers = MDP_FOR_TRAIN,                                      \
      .help = "threads; does not change the result")                                                                   \
    X(other_instructions, FLAG, .name = "other-instructions", .takers = MDP_FOR_TRAIN,                                 \
      .help = "go on with a run whose steps so far were computed by other instructions")                               \
    X(memory, SIZE, .name = "memory", .low = 0, .high = 1e13, .fallback = "1GB", .takers = MDP_FOR_TRAIN,              \
      .needs = MDP_WITH_TRANSITIONS,                                                                                   \
      .help = "for transitions, e.g. 512MB, in MB without a unit; what takes more goes to a scratch file")             \
    X(scratch, TEXT, .name = "scratch", .argument = "DIR", .takers = MDP_FOR_TRAIN, .needs = MDP_WITH_TRANSITIONS,     \
      .help = "where that file goes, without a name (the run's folder)")                                               \
    X(tensorboard, TEXT, MDP_TENSORBOARD, .takers = MDP_FOR_TRAIN)                                                     \
    X(log_json, TEXT, MDP_LOG_JSON, .takers = MDP_FOR_TRAIN)                                                           \
    X(folder, TEXT, .name = "out", .argument = "DIR", .takers = MDP_FOR_TRAIN,                                         \
      .help = "folder of the run (runs/TASK/ALGO/MODE/seedS)")                                                         \
    X(as_json, FLAG, MDP_AS_JSON, .takers = MDP_FOR_TRAIN, .help = MDP_JSON_PATHS)

/* ---- collections ---- */

#define MDP_COLLECT_SETTING_LIST(X)                                                                                    \
    X(n_steps, WHOLE, .name = "steps", .key = "transitions", .low = 0, .high = 5e7, .unit = "transitions",             \
      .fallback = "0", .takers = MDP_FOR_COLLECT | MDP_FOR_EXPERIMENT, .json = "steps",                                \
      .recorded = MDP_RECORDED_ALWAYS, .help = "rows; 0: 1,000,000, or for replays all that the learner saw")          \
    X(seed, SEED, MDP_RANDOM_SEED, .takers = MDP_FOR_COLLECT, .json = "seed", .recorded = MDP_RECORDED_ALWAYS,         \
      .help = "seed of episodes and actions")                                                                          \
    X(behavior, TEXT, .name = "behavior", .argument = "DIR", .fallback = "results/reference/behavior",                 \
      .takers = MDP_FOR_COLLECT | MDP_FOR_EXPERIMENT, .instead = "policy",                                             \
      .help = "folder of ROBOT-medium.h5 and ROBOT-expert.h5")                                                         \
    X(medium, TEXT, .name = "medium", .argument = "FILE", .takers = MDP_FOR_COLLECT, .instead = "policy",              \
      .help = "the medium policy instead")                                                                             \
    X(expert, TEXT, .name = "expert", .argument = "FILE", .takers = MDP_FOR_COLLECT, .instead = "policy",              \
      .help = "the expert policy instead")                                                                             \
    X(command, TEXT, MDP_POLICY_COMMAND, .takers = MDP_FOR_COLLECT, .json = "policy_command",                          \
      .recorded = MDP_RECORDED_WHERE_USED, .help = "a process that acts instead, docs/policy-protocol.md")             \
    X(talk_format, CHOICE, MDP_POLICY_FORMAT, .takers = MDP_FOR_COLLECT, .needs = MDP_WITH_PROCESS)                    \
    X(talk_seconds, REAL, MDP_POLICY_TIMEOUT, .takers = MDP_FOR_COLLECT, .needs = MDP_WITH_PROCESS)                    \
    X(n_threads, WHOLE, MDP_THREADS(MDP_ALL_PROCESSORS), .takers = MDP_FOR_COLLECT,                                    \
      .help = "threads; does not change the file")                                                                     \
    X(physics, TEXT, MDP_PHYSICS, .takers = MDP_FOR_COLLECT)                                                           \
    X(as_minari, FLAG, .name = "minari", .takers = MDP_FOR_COLLECT,                                                    \
      .help = "in Minari's layout, a folder (datasets/TASK-v0)")                                                       \
    X(out, TEXT, .name = "out", .argument = "FILE", .takers = MDP_FOR_COLLECT,                                         \
      .help = "dataset to write (datasets/TASK.hdf5)")                                                                 \
    X(as_json, FLAG, MDP_AS_JSON, .takers = MDP_FOR_COLLECT, .help = MDP_JSON_PATHS)

/* ---- structs and tables ---- */

#define MDP_SETTING_MEMBER(member, kind, ...) MDP_TYPE_##kind member;

/* how policies are evaluated; lanes and threads change no result */
struct mdp_eval_settings {
    MDP_EVAL_SETTING_LIST(MDP_SETTING_MEMBER)
    uint64_t given;
    const struct mdp_engine *engine; /* what `physics` means; NULL: the built-in physics */
};

/* how a policy in another process is asked and answers */
enum mdp_talk_format { MDP_TALK_BINARY, MDP_TALK_JSON };

/* what noise takes the place of, in the order of mdp_noise_names */
enum mdp_noise_of { MDP_NOISE_OF_NET, MDP_NOISE_OF_GRADIENT };

/* how a run is trained; all but steps, checkpoints, threads, memory and scratch decides its bits */
struct mdp_training {
    MDP_TRAIN_SETTING_LIST(MDP_SETTING_MEMBER)
    uint64_t given;
    struct mdp_task task; /* what `task_name` means */
};

/* how a dataset is collected */
struct mdp_collection {
    MDP_COLLECT_SETTING_LIST(MDP_SETTING_MEMBER)
    uint64_t given;
    struct mdp_task task;
    const struct mdp_engine *engine; /* NULL: the built-in physics */
};

extern const struct mdp_settings mdp_eval_table, mdp_train_table, mdp_collect_table;

/** Lists how a process may be talked to, in the order of enum mdp_talk_format. */
const struct mdp_names *mdp_talk_format_names(void);

/** Lists ema and online. */
const struct mdp_names *mdp_actor_names(void);

/** Lists the return rules, in the order of enum mdp_return_rule. */
const struct mdp_names *mdp_return_rule_names(void);

/** Lists what guidance alone may learn from. */
const struct mdp_names *mdp_guidance_alone_names(void);

/* what guidance alone is and learns from */
struct mdp_guidance_alone {
    const char *name, *what;
    const struct mdp_guidance_kind *kind;
    int needs_next_actions; /* what the dataset did next */
};

/** Returns the row of a name of that list; NULL for another name. */
const struct mdp_guidance_alone *mdp_guidance_alone_find(const char *name);

/** Lists how guidance acts on a diffusion module in training, in the order of enum mdp_mode. */
const struct mdp_names *mdp_training_mode_names(void);

/** Lists what noise takes the place of: the network, or the gradient of the policy loss. */
const struct mdp_names *mdp_noise_names(void);

/* ---- what is made of rows ---- */

/* where settings are: which needs are met, and what a refusal expects where one is not */
struct mdp_meaning {
    unsigned holds;                    /* MDP_WITH_ bits */
    const char *expected[MDP_N_NEEDS]; /* what is expected where a need is not met, e.g. "none beside --behavior"; NULL:
                                          anything */
    int lets_neutral[MDP_N_NEEDS]; /* a value that does nothing is accepted all the same; `expected` is "none" or that
                                      value */
    const char *dashes;            /* before names of other settings: "--" of options */
};

/** Refuses settings that were given but would be ignored. Errors: USAGE, "expected .., found ..", with its row in
 * *culprit. */
mdp_err mdp_settings_check_meaning(const struct mdp_settings *table, unsigned takers, const void *base,
                                   const struct mdp_meaning *meaning, const struct mdp_setting **culprit);

/** Returns the guide that settings name. */
enum mdp_guide mdp_guide_of(const struct mdp_eval_settings *settings);

/** Returns 1 if the averaged parameters act. */
int mdp_acts_by_ema(const struct mdp_eval_settings *settings);

/** Describes a training as MDP_WITH_ bits: what it trains, what it begins with, and what guides it. */
unsigned mdp_training_holds(const struct mdp_training *training);

/** Refuses settings of a training that would be ignored, as mdp_settings_check_meaning; what holds is the training's
 * own. Errors: USAGE. */
mdp_err mdp_training_check_meaning(const struct mdp_training *training, const struct mdp_meaning *words,
                                   const struct mdp_setting **culprit);

/** Refuses a precision in which the training's modules are not computed. Errors: USAGE, "expected .., found ..". */
mdp_err mdp_training_check_precision(const struct mdp_training *training);

/** Writes what guidance a training begins with that loads none. Nullable: algorithm, of guidance alone. */
void mdp_training_guidance(const struct mdp_training *training, const struct mdp_algorithm *algorithm, int n_obs,
                           int n_act, struct mdp_guidance_config *out);

/** Writes what diffusion module a training makes. Range: return_scale as it is said, else 1. */
void mdp_training_diffusion(const struct mdp_training *training, const struct mdp_algorithm *algorithm, int n_obs,
                            int n_act, struct mdp_diffusion_config *out);

/** Returns the algorithm whose plans, or whose returns of windows, a training learns; NULL if it learns others. */
const struct mdp_algorithm *mdp_training_planner(const struct mdp_training *training);

/** Sets what was not given and depends on the algorithm: batch and rates of one that plans, and its mode where it has
 * no guidance. */
void mdp_training_complete(struct mdp_training *training);

/** Sets what was not given of an evaluation of plans: how many there are, and what guides them, as far as that is tuned
 * for the task. Range: an algorithm that plans. */
void mdp_eval_complete(struct mdp_eval_settings *settings, const struct mdp_algorithm *algorithm, const char *task,
                       int has_guidance);

/** Settles mode and algorithm of a training of one module alone, and rates that are the algorithm's. */
void mdp_training_settle(struct mdp_training *training);

/** Writes " --name value" for each setting that differs from its default, and for every one of MDP_FOR_PLAN. */
void mdp_settings_put_command(const struct mdp_settings *table, unsigned takers, const void *base, FILE *stream);

/** Appends the given settings that have a mark and are not the usual ones to a part of a file name. Errors: USAGE if it
 * does not fit. */
mdp_err mdp_settings_append_label(const struct mdp_settings *table, unsigned takers, const void *base, size_t size,
                                  char *label);

/** Returns which fact of results/alike a setting is recorded as, e.g. of three settings the one of Langevin steps; -1
 * if it is none. */
int mdp_setting_fact(const struct mdp_setting *row);

/** Adds what results record to an object; `holds` are MDP_WITH_ bits. Errors: NOMEM. */
mdp_err mdp_settings_record(const struct mdp_settings *table, const void *base, unsigned holds, json_t *object);

/** Refuses recorded settings that are not those wanted; what either does not say is no difference. Errors: USAGE,
 * naming path and setting. */
mdp_err mdp_settings_check_recorded(const struct mdp_settings *table, const void *base, unsigned holds,
                                    const char *path, const json_t *recorded);

/** Sets settings to defaults and then, as far as they mean something where that holds (MDP_WITH_ bits), to what results
 * have recorded; texts without a list of names are borrowed from
 * the object. Errors: DATA, naming the setting. */
mdp_err mdp_settings_restore(const struct mdp_settings *table, const json_t *recorded, unsigned holds, void *base);

#endif
