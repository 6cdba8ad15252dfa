/* which start of which machine this is: what tells whether another process can be seen from here. */
#ifndef MDP_BASE_HOST_H
#define MDP_BASE_HOST_H

enum { MDP_HOST_TEXT_MAX = 64 };

/** Writes the name of the machine. */
void mdp_host_name(char name[MDP_HOST_TEXT_MAX]);

/** Returns what the kernel calls its current start, "" if it does not say; two containers of one machine have the same.
 * Owns: library. */
const char *mdp_host_boot(void);

/** Returns a number that a machine keeps over its starts, made from /etc/machine-id; 0 if it has none. */
unsigned long long mdp_host_machine(void);

/** Returns the number of the space in which process numbers mean something, 0 if it is unknown. */
unsigned long mdp_host_process_space(void);

/** Returns when a process of this space began, in ticks since the machine's start; 0 if it is unknown. */
unsigned long long mdp_host_process_start(long process);

/** Returns 1 if a process of this space runs, and began then; started 0: whenever it began. */
int mdp_host_process_lives(long process, unsigned long long started);

#endif
