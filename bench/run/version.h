/* which program and which libraries made a result. */
#ifndef MDP_BENCH_RUN_VERSION_H
#define MDP_BENCH_RUN_VERSION_H

#include <stdio.h>

enum { MDP_BUILD_TEXT_MAX = 512 };

/** Writes program, libraries and processor in one line, as every result file records it; `physics` names the physics of
 * the simulation. */
void mdp_version_text(const char *physics, char text[MDP_BUILD_TEXT_MAX]);

/** Prints program, libraries and processor, one to a line. */
void mdp_version_print(FILE *stream);

#endif
