/* the members of a zip archive in memory, as torch.save writes it: nothing compressed, nothing encrypted, one volume.
 *
 * libzip reads it, with its consistency checks: central directory and local headers lie within and agree, no name comes
 * twice, contents match their checksums. What it leaves out is checked here: limits, before anything is allocated;
 * plain names; stored members alone, that share no bytes, so that no archive is larger inside than outside.
 * Source: the .ZIP application note (APPNOTE 6.3), section 4.3. */
#ifndef MDP_RESULTS_TENSORS_ZIP_H
#define MDP_RESULTS_TENSORS_ZIP_H

#include "base/err.h"
#include "results/tensors/bytes.h"

/* each storage is a member, so this is a little more than MDP_STORED_TENSORS_MAX. chosen names can slow down libzip's
 * table of names: so many take seconds */
enum { MDP_ZIP_MEMBERS_MAX = 20000, MDP_ZIP_NAME_MAX = 512 };

/* one member */
struct mdp_zip_member {
    const char *name;      /* borrowed from the archive */
    struct mdp_bytes data; /* its content, where it lies in the file */
};

struct mdp_zip_library;
struct zip;
struct zip_source;

/* an archive; borrows path and file */
struct mdp_zip {
    const char *path;
    struct mdp_bytes file, body; /* body: what lies before the directory, where members are */
    int n;
    struct mdp_zip_member *members; /* [n] in the order of the directory */
    struct mdp_zip_library *library;
    struct zip *archive;
    struct zip_source *source; /* the file as the archive reads it, owned by it */
};

/** Returns 1 if a file begins as a zip archive does. */
int mdp_zip_is(struct mdp_bytes file);

/** Reads an archive and checks all of it; `path` is for messages. Owns: caller, mdp_zip_free. Errors: DATA, NOMEM, IO
 * without libzip. */
mdp_err mdp_zip_open(const char *path, struct mdp_bytes file, struct mdp_zip *zip);

/** Finds a member by its full name; NULL if there is none. */
const struct mdp_zip_member *mdp_zip_find(const struct mdp_zip *zip, const char *name);

/** Frees what mdp_zip_open allocated. */
void mdp_zip_free(struct mdp_zip *zip);

#endif
