/* a process group as the system accounts for it: what the harness limits a test by.
 *
 * other work on the machine makes a test wait but not compute, so limits count processor time, of the test and of all
 * that it started. a test that neither computes nor is kept from it waits for what does not come. */
#ifndef MDP_TESTS_GROUP_H
#define MDP_TESTS_GROUP_H

#include <sys/types.h>

struct tap_group {
    pid_t leader;
    int status;         /* of the leader, as waitpid leaves it; valid once it has ended */
    int has_ended;      /* the leader has */
    double reaped;      /* seconds of processor time of those who have ended */
    double used;        /* of all, at the last look */
    double progress_at; /* seconds of the clock when the group was last seen to get on, or to be kept from it */
};

/** Begins to watch a group whose leader is a child of this process; from here on orphans of this process's descendants
 * are its own. */
void tap_group_watch(struct tap_group *group, pid_t leader);

/** Waits for the members that have ended, so that none stays a zombie; returns 1 once the leader has ended. */
int tap_group_reap(struct tap_group *group);

/** Brings `used` and `progress_at` up to date. */
void tap_group_look(struct tap_group *group);

/** Ends all that is left of a group and waits until it is gone. */
void tap_group_end(struct tap_group *group);

#endif
