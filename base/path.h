/* paths as texts: how long they may be, and which folder a name is in. */
#ifndef MDP_BASE_PATH_H
#define MDP_BASE_PATH_H

enum { MDP_PATH_MAX = 1024 };

/** Writes the folder that holds `path`: "." for a bare name. */
void mdp_path_folder(const char *path, char folder[MDP_PATH_MAX]);

/** Returns 1 if a path ends so, e.g. in ".yaml". */
int mdp_path_ends(const char *path, const char *ending);

/** Returns where the name begins, behind the last slash. Owns: the path's owner. */
const char *mdp_path_name(const char *path);

#endif
