/* the terminal that somebody sits at: how wide it is now. */
#ifndef MDP_BASE_TERMINAL_H
#define MDP_BASE_TERMINAL_H

#include <stdio.h>

/** Returns how many characters a line of a terminal has at this moment (80 where it does not say); 0 for a stream that
 * is no terminal. */
int mdp_terminal_width(FILE *stream);

#endif
