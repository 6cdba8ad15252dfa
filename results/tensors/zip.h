/* the members of a zip archive in memory, as torch.save writes it: nothing compressed, nothing encrypted, one volume.
 *
 * trusts nothing: the central directory and every local header must lie within, agree with each other and not overlap;
 * names must be plain; contents must match their checksums. since nothing is ever unpacked, no archive is larger inside
 * than outside. Source: the .ZIP application note (APPNOTE 6.3), sections 4.3 and 4.5.3. */
#ifndef MDP_RESULTS_TENSORS_ZIP_H
#define MDP_RESULTS_TENSORS_ZIP_H

#include "base/err.h"
#include "results/tensors/bytes.h"

enum { MDP_ZIP_MEMBERS_MAX = 65536, MDP_ZIP_NAME_MAX = 512 };

/* one member */
struct mdp_zip_member {
    struct mdp_bytes name;
    size_t header; /* where its local header is in the file */
    struct mdp_bytes data;
    uint32_t crc;   /* 0: none was recorded, which torch.save can be told to do */
    int is_checked; /* the checksum was right */
};

/* an archive; borrows path and file */
struct mdp_zip {
    const char *path;
    struct mdp_bytes file;
    int n;
    struct mdp_zip_member *members; /* [n] by ascending name */
};

/** Returns 1 if a file begins as a zip archive does. */
int mdp_zip_is(struct mdp_bytes file);

/** Reads the directory of an archive and checks all of it; `path` is for messages. Owns: caller, mdp_zip_free. Errors:
 * DATA, NOMEM. */
mdp_err mdp_zip_open(const char *path, struct mdp_bytes file, struct mdp_zip *zip);

/** Finds a member by its full name; NULL if there is none. */
struct mdp_zip_member *mdp_zip_find(const struct mdp_zip *zip, const char *name);

/** Returns a member's content, borrowed from the file, after a look at its checksum. Errors: DATA. */
mdp_err mdp_zip_read(const struct mdp_zip *zip, struct mdp_zip_member *member, struct mdp_bytes *data);

/** Frees what mdp_zip_open allocated. */
void mdp_zip_free(struct mdp_zip *zip);

/** Returns the CRC-32 of bytes (polynomial 0x04c11db7, reflected). */
uint32_t mdp_zip_crc(struct mdp_bytes bytes);

#endif
