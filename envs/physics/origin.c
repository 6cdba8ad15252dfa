#define _GNU_SOURCE
#include "envs/physics/origin.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "base/fsx.h"
#include "base/path.h"

enum { N_FILES_MAX = 32 };

/* the files in the order they were found; each stands once */
struct search {
    const struct link_map *objects[N_FILES_MAX];
    int n;
};

static int is_bullet(const char *name) {
    return strncmp(name, "libBullet", 9) == 0 || strncmp(name, "libLinearMath", 13) == 0;
}

/* the loaded library that an entry DT_NEEDED names; no two loaded libraries have the same name */
static const struct link_map *find_object(const struct link_map *any, const char *name) {
    while (any->l_prev != NULL) any = any->l_prev;
    while (any != NULL && strcmp(mdp_path_name(any->l_name), name) != 0) any = any->l_next;
    return any;
}

static void visit(struct search *search, const struct link_map *object, int is_kept) {
    const char *strings = NULL;
    for (int i = 0; i < search->n; i++)
        if (search->objects[i] == object) return;
    if (search->n == N_FILES_MAX) return;
    if (is_kept) search->objects[search->n++] = object;
    for (const ElfW(Dyn) *d = object->l_ld; d->d_tag != DT_NULL; d++)
        if (d->d_tag == DT_STRTAB) strings = (const char *)d->d_un.d_ptr;
    for (const ElfW(Dyn) *d = object->l_ld; strings != NULL && d->d_tag != DT_NULL; d++) {
        if (d->d_tag != DT_NEEDED || !is_bullet(mdp_path_name(strings + d->d_un.d_val))) continue;
        const struct link_map *needed = find_object(object, mdp_path_name(strings + d->d_un.d_val));
        if (needed != NULL) visit(search, needed, 1);
    }
}

/* FNV-1a over the eight bytes of each file's hash */
static uint64_t add_hash(uint64_t sum, uint64_t hash) {
    for (int i = 0; i < 8; i++) {
        sum ^= hash >> 8 * i & 0xff;
        sum *= UINT64_C(0x100000001b3);
    }
    return sum;
}

static mdp_err add_file(struct mdp_library_files *files, const char *path) {
    uint64_t hash;
    size_t used = strlen(files->names);
    mdp_err err = mdp_fsx_hash(path, &hash);
    if (err != MDP_OK) return err;
    snprintf(files->names + used, sizeof files->names - used, "%s%s", used > 0 ? " " : "", mdp_path_name(path));
    files->hash = add_hash(files->hash, hash);
    return MDP_OK;
}

mdp_err mdp_library_files_of(const void *address, struct mdp_library_files *files) {
    mdp_err err = MDP_OK;
    struct search search = {.n = 0};
    struct link_map *object;
    Dl_info info;
    *files = (struct mdp_library_files){.hash = UINT64_C(0xcbf29ce484222325)};
    if (dladdr1(address, &info, (void **)&object, RTLD_DL_LINKMAP) == 0)
        return mdp_fail(MDP_E_INTERNAL, "physics: expected a loaded file around %p, found none", address);
    /* the program has no name here */
    int is_program = object->l_name[0] == 0;
    visit(&search, object, !is_program);
    for (int i = 0; i < search.n; i++) MDP_TRY(add_file(files, search.objects[i]->l_name));
    if (search.n == 0) MDP_TRY(add_file(files, "/proc/self/exe"));
out:
    return err;
}
