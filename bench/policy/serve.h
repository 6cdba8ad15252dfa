/* the other side: a policy of this program that answers for whoever asks by the protocol. */
#ifndef MDP_BENCH_POLICY_SERVE_H
#define MDP_BENCH_POLICY_SERVE_H

#include "bench/policy/message.h"
#include "envs/actor.h"

/* who serves. begin is told what is simulated, and says who acts; what it refuses is told the other side */
struct mdp_policy_server {
    mdp_err (*begin)(void *context, const struct mdp_policy_greeting *greeting, struct mdp_policy_hello *hello,
                     struct mdp_actor *actor);
    void *context;
};

/** Answers until the other side closes its end. The descriptors are those of pipes, read from and written to. Errors:
 * DATA for what is no question; IO; INTERRUPTED; those of begin and of the actor. */
mdp_err mdp_policy_serve(int in, int out, const struct mdp_policy_server *server);

#endif
