#define _XOPEN_SOURCE 700
#include "bench/run/data.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* the first is where a root is known by */
static const char *const folders[] = {MDP_DATA_FOLDERS};
enum { N_FOLDERS = sizeof folders / sizeof *folders };

static int is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int is_below(const char *folder, const char *path) {
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == 0);
}

/* ---- the root ---- */

/* the folder of this program, "" where the system does not say */
static void program_folder(char folder[MDP_PATH_MAX]) {
    char path[MDP_PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    folder[0] = 0;
    if (n > 0) mdp_path_folder(path, folder);
}

/* MDP_DATA_FROM_PROGRAM is where an installation has them, seen from its programs: ../share/mdpbench */
mdp_err mdp_data_root(char root[MDP_PATH_MAX]) {
    static const char *const places[] = {"..", MDP_DATA_FROM_PROGRAM};
    const char *named = getenv("MDPBENCH_DATA");
    char program[MDP_PATH_MAX], path[MDP_PATH_MAX], *real;
    root[0] = 0;
    if (named != NULL && named[0] != 0) {
        if (is_folder(named)) return mdp_fsx_path(root, "%s", named);
        return mdp_fail(MDP_E_USAGE, "MDPBENCH_DATA: expected a folder with %s, found '%s'", folders[0], named);
    }
    program_folder(program);
    for (int i = 0; i < 2 && program[0] != 0; i++) {
        mdp_err err = mdp_fsx_path(path, "%s/%s/%s", program, places[i], folders[0]);
        if (err != MDP_OK) return err;
        if (!is_folder(path)) continue;
        path[strlen(path) - strlen(folders[0]) - 1] = 0;
        if ((real = realpath(path, NULL)) == NULL) continue;
        err = mdp_fsx_path(root, "%s", real);
        free(real);
        return err;
    }
    return MDP_OK;
}

/* ---- what is below it ---- */

mdp_err mdp_data_find(const char *name, char path[MDP_PATH_MAX]) {
    char root[MDP_PATH_MAX];
    mdp_err err;
    int is_data = 0;
    for (int i = 0; i < N_FOLDERS; i++) is_data |= is_below(folders[i], name);
    MDP_TRY(mdp_fsx_path(path, "%s", name));
    if (!is_data || mdp_fsx_exists(path)) return MDP_OK;
    MDP_TRY(mdp_data_root(root));
    if (root[0] == 0) return MDP_OK;
    MDP_TRY(mdp_fsx_path(path, "%s/%s", root, name));
    if (!mdp_fsx_exists(path)) err = mdp_fsx_path(path, "%s", name);
out:
    return err;
}

/* what stands behind the = of --option=NAME, or the whole */
static mdp_err replace_argument(char **argument) {
    const char *equals = strncmp(*argument, "--", 2) == 0 ? strchr(*argument, '=') : NULL;
    const char *name = equals != NULL ? equals + 1 : *argument;
    int n_before = (int)(name - *argument);
    char path[MDP_PATH_MAX], *text = NULL;
    mdp_err err;
    if (strlen(name) >= MDP_PATH_MAX) return MDP_OK;
    MDP_TRY(mdp_data_find(name, path));
    if (strcmp(path, name) == 0) return MDP_OK;
    MDP_TRY(mdp_calloc(&text, (size_t)n_before + strlen(path) + 1, 1, "an argument"));
    memcpy(text, *argument, (size_t)n_before);
    strcpy(text + n_before, path);
    *argument = text;
out:
    return err;
}

mdp_err mdp_data_arguments(int argc, char **argv) {
    mdp_err err = MDP_OK;
    for (int i = 1; i < argc && err == MDP_OK; i++) {
        if (strcmp(argv[i - 1], "--out") == 0 || strncmp(argv[i], "--out=", 6) == 0) continue;
        err = replace_argument(&argv[i]);
    }
    return err;
}

int mdp_data_is_ours(const char *path) {
    char root[MDP_PATH_MAX], *whole = realpath(path, NULL), *above = NULL;
    int is_ours = 0;
    if (whole != NULL && mdp_data_root(root) == MDP_OK && root[0] != 0) above = realpath(root, NULL);
    for (int i = 0; i < N_FOLDERS && above != NULL && is_below(above, whole); i++)
        is_ours |= is_below(folders[i], whole + strlen(above) + 1);
    free(above);
    free(whole);
    return is_ours;
}
