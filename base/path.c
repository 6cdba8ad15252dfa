#include "base/path.h"

#include <stdio.h>
#include <string.h>

void mdp_path_folder(const char *path, char folder[MDP_PATH_MAX]) {
    snprintf(folder, MDP_PATH_MAX, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        strcpy(folder, ".");
    else if (slash == folder)
        folder[1] = 0;
    else
        *slash = 0;
}

int mdp_path_ends(const char *path, const char *ending) {
    size_t n = strlen(path), n_ending = strlen(ending);
    return n >= n_ending && strcmp(path + n - n_ending, ending) == 0;
}

const char *mdp_path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}
