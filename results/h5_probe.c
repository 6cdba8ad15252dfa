/* a damaged file is walked by a process of its own first. libhdf5 believes much of what a file says about itself: a
 * wild pointer in a file can end or hang the process that reads it. here that costs a child, and the caller gets a
 * message. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "results/h5_internal.h"

enum { CPU_SECONDS = 1, WALL_SECONDS = 60, DEPTH_MAX = 8 };

/* text of variable length lies on a heap that is only followed when the text is read */
static void read_text(hid_t object, hid_t type, hid_t space, int is_attribute) {
    char *text = NULL;
    if (H5Tis_variable_str(type) <= 0 || H5Sget_simple_extent_npoints(space) != 1) return;
    herr_t status =
        is_attribute ? H5Aread(object, type, &text) : H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text);
    if (status >= 0 && text != NULL) H5free_memory(text);
}

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data) {
    (void)info, (void)data;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return 0;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    read_text(attribute, type, space, 1);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return 0;
}

/* the chunk index is a structure of its own, which only a question about the chunks makes libhdf5 follow */
static void visit_dataset(hid_t dataset) {
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset), plist = H5Dget_create_plist(dataset);
    hsize_t n_chunks = 0;
    (void)H5Dget_storage_size(dataset);
    if (H5Pget_layout(plist) == H5D_CHUNKED) (void)H5Dget_num_chunks(dataset, space, &n_chunks);
    read_text(dataset, type, space, 0);
    H5Pclose(plist);
    H5Sclose(space);
    H5Tclose(type);
}

/* asks for the same order as the readers of this program do: each order has code, and faults, of its own */
static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    int depth = *(const int *)data + 1;
    hsize_t first = 0;
    if (info->type != H5L_TYPE_HARD || depth > DEPTH_MAX) return 0;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) return 0;
    H5I_type_t kind = H5Iget_type(object);
    if (kind == H5I_DATASET) visit_dataset(object);
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &first, visit_attribute, NULL);
    first = 0;
    if (kind == H5I_GROUP) H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, &first, visit_link, &depth);
    H5Oclose(object);
    return 0;
}

static void visit_root(hid_t file) {
    int depth = 0;
    hsize_t first = 0;
    H5Aiterate2(file, H5_INDEX_NAME, H5_ITER_INC, &first, visit_attribute, NULL);
    first = 0;
    H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, &first, visit_link, &depth);
}

/* errors that libhdf5 notices are no matter here: the caller will meet them again and say what is wrong */
static void walk(const char *path) {
    const struct rlimit no_core = {0, 0}, cpu = {CPU_SECONDS, CPU_SECONDS};
    int quiet = open("/dev/null", O_WRONLY);
    if (quiet >= 0) (void)(dup2(quiet, STDERR_FILENO) >= 0 && dup2(quiet, STDOUT_FILENO) >= 0);
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_CPU, &cpu);
    alarm(WALL_SECONDS);
    /* some faults are of memory that was never set: filled with rubbish, they show here and not later in the caller */
    mallopt(M_PERTURB, 0xa5);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) return;
    visit_root(file);
    H5Fclose(file);
}

mdp_err mdp_h5i_probe(const char *path) {
    int status = 0;
    pid_t child = fork();
    if (child < 0) return mdp_fail(MDP_E_IO, "%s: cannot start a process to check the file", path);
    if (child == 0) {
        walk(path);
        _exit(0);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: /: expected a sound structure, found damage that libhdf5 does not survive (%s)",
                    path, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it gave up");
}
