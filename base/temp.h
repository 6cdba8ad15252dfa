/* files on their way to a name of their own.
 *
 * a temporary file lies beside the name that it will get, as NAME.tmp-<16 letters and digits>: four tell this start of
 * the machine, eight are random, four check all before them. it is made exclusively, never through a link, and locked
 * while its process lives. a sweep removes only what has such a name and can be locked. */
#ifndef MDP_BASE_TEMP_H
#define MDP_BASE_TEMP_H

#include "base/err.h"
#include "base/path.h"

struct mdp_temp {
    int fd; /* open for reading and writing, locked; -1 for none */
    char path[MDP_PATH_MAX];
};
#define MDP_TEMP_NONE ((struct mdp_temp){-1, ""})

/* what happens to a file that has the name already */
enum mdp_publish { MDP_PUBLISH_NEW, MDP_PUBLISH_REPLACE };

/** Makes an empty file on its way to `path`. Owns: caller, mdp_temp_discard, or one of the functions that publish it.
 * Errors: IO; USAGE for a path that is too long. */
mdp_err mdp_temp_open(const char *path, struct mdp_temp *out);

/** Makes one that gets no other name, in $TMPDIR or /tmp. Owns: caller, mdp_temp_discard. Errors: as above. */
mdp_err mdp_temp_open_aside(const char *name, struct mdp_temp *out);

/** Gives a file another name in one step. *is_taken is 1, and nothing has happened, where NEW finds something there.
 * Errors: IO, also where a device or a pipe stands, or a link to one. */
mdp_err mdp_temp_move(const char *from, const char *path, enum mdp_publish how, int *is_taken);

/** Removes a temporary file, if there is one. */
void mdp_temp_discard(struct mdp_temp *temp);

/** Closes one that has got its name. */
void mdp_temp_close(struct mdp_temp *temp);

/** Returns 1 for a name that only this program gives. */
int mdp_temp_is_ours(const char *name);

/** Removes what ended processes have left in a folder: files of such names that nobody has locked. those of another
 * machine, or of an earlier start of this one, only if nobody has written to them for an hour, as locks may not reach
 * from one machine to another. */
void mdp_temp_sweep(const char *folder);

/** Does so in the folder that holds a file. */
void mdp_temp_sweep_beside(const char *path);

#endif
