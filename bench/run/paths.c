#include "bench/run/paths.h"

#include <string.h>

#include "base/fsx.h"
#include "bench/run/best.h"

/* whether a text is the path of something that is there; what it stands for may be beside it: best:PATH:LABEL */
static int is_one_path(char *text) {
    char *path = mdp_guidance_is_best(text) ? text + strlen(MDP_BEST_PREFIX) : text, *colon = strrchr(path, ':');
    if (mdp_fsx_exists(path)) return 1;
    if (colon == NULL || strpbrk(colon, "/,") != NULL) return 0;
    *colon = 0;
    int exists = mdp_fsx_exists(path);
    *colon = ':';
    return exists;
}

/* the longest start of a list, up to a comma, that is one path; else what stands before the first comma */
static size_t path_length(char *list) {
    size_t first = strcspn(list, ",");
    for (size_t n = strlen(list); n > first; n--) {
        char after = list[n];
        if (after != 0 && after != ',') continue;
        list[n] = 0;
        int is_path = is_one_path(list);
        list[n] = after;
        if (is_path) return n;
    }
    return first;
}

char *mdp_paths_next(char **rest) {
    char *path = *rest + strspn(*rest, ",");
    if (*path == 0) return NULL;
    size_t n = path_length(path);
    *rest = path + n + (path[n] != 0);
    path[n] = 0;
    return path;
}
