/* a policy as a process: started by a command, asked for actions over pipes.
 *
 * the process is one talk: mdpbench says what is simulated, the policy who it is, then there is a question and an
 * answer a decision (bench/policy/message.h). whatever goes wrong is one error that names the command, and no process
 * is left. docs/policy-protocol.md. */
#ifndef MDP_BENCH_POLICY_PROCESS_H
#define MDP_BENCH_POLICY_PROCESS_H

#include "bench/policy/message.h"
#include "envs/actor.h"

/* what is started, and what it is told */
struct mdp_policy_request {
    const char *command;                 /* for "sh -c"; borrowed */
    double seconds;                      /* how long an answer may take, > 0 */
    struct mdp_policy_greeting greeting; /* all that is said first */
    int is_clipped;                      /* actions beyond their bounds become those; else the environment decides */
};

struct mdp_policy_process;

/** Writes the part of a greeting that follows from a task and the physics. Nullable: engine. Errors: as
 * mdp_engine_describe. */
mdp_err mdp_policy_describe(const struct mdp_task *task, const struct mdp_engine *engine,
                            struct mdp_policy_greeting *greeting);

/** Starts a policy and hears who it is. Owns: caller, mdp_policy_process_free. Errors: IO if it ends, does not answer
 * in time or says that it cannot; DATA for an answer that is none; INTERRUPTED. */
mdp_err mdp_policy_process_new(const struct mdp_policy_request *request, struct mdp_policy_process **out);

/** Returns who it is; borrowed. */
const struct mdp_policy_hello *mdp_policy_process_hello(const struct mdp_policy_process *process);

/** Returns it as something that acts; borrows it. Errors when it acts: as above; DATA also for actions that are not
 * finite. After any error but a stop it is over. */
struct mdp_actor mdp_policy_process_actor(struct mdp_policy_process *process);

/** Reads the processor time that it has taken, or the shell if that has not become it. Units: seconds. Errors: IO where
 * the system does not say. */
mdp_err mdp_policy_process_seconds(const struct mdp_policy_process *process, double *seconds);

/** Ends it, after as many seconds as its own end takes but at most 5, and says how many actions were beyond their
 * bounds. Nullable: process. */
void mdp_policy_process_free(struct mdp_policy_process *process);

#endif
