/* who may write to a place: one process at a time.
 *
 * a claim is a file beside what will be written (.NAME.claim, or FOLDER/.claim for a folder), locked by its holder and
 * touched every few seconds. the lock decides where it can be seen; where it cannot, as between two machines that share
 * a disk, the age of the last touch does. every function that gives a file its name asks first whether all claims of
 * the process are still its own: one that was stopped for long may find that another has taken its place. */
#ifndef MDP_BASE_CLAIM_H
#define MDP_BASE_CLAIM_H

#include "base/err.h"

/* how often a claim is touched, and when it is taken for one of a dead process. Units: seconds */
enum { MDP_CLAIM_BEAT_SECONDS = 15, MDP_CLAIM_STALE_SECONDS = 120 };

struct mdp_claim;

/** Says what this process does, e.g. "train": other processes are told so by its claims. Owns: caller, as long as the
 * process. */
void mdp_claim_as(const char *verb);

/** Claims a file, which need not be there, or a folder, and removes what ended processes have left there. NULL where
 * the folder is there and cannot be written: nothing can be lost there. Waits for a holder as many seconds as the
 * variable MDPBENCH_CLAIM_SECONDS says, and not at all without it; a signal ends the wait. Owns: caller,
 * mdp_claim_free. Errors: BUSY, naming the holder; IO. */
mdp_err mdp_claim_take(const char *path, struct mdp_claim **out);

/** Does so, but waits up to ten seconds for a holder: for what is written in a moment, and where nobody's work is lost
 * by coming second. Errors: as above. */
mdp_err mdp_claim_wait(const char *path, struct mdp_claim **out);

/** Gives it back. Nullable: claim. */
void mdp_claim_free(struct mdp_claim *claim);

/** Refuses if a claim of this process is no longer its own. Errors: BUSY, naming who has it. */
mdp_err mdp_claims_check(void);

/** Returns 1 if that has been noticed by now; asked between steps. */
int mdp_claims_are_lost(void);

#endif
