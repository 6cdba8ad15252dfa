#include "bench/run/paths.h"

#include <string.h>

#include "base/fsx.h"

static int is_one_path(char *text) {
    char *colon = strrchr(text, ':');
    if (mdp_fsx_exists(text)) return 1;
    if (colon == NULL || strpbrk(colon, "/,") != NULL) return 0;
    *colon = 0;
    int exists = mdp_fsx_exists(text);
    *colon = ':';
    return exists;
}

char *mdp_paths_next(char **rest) {
    char *path = *rest + strspn(*rest, ",");
    if (*path == 0) return NULL;
    size_t n = is_one_path(path) ? strlen(path) : strcspn(path, ",");
    *rest = path + n + (path[n] != 0);
    path[n] = 0;
    return path;
}
