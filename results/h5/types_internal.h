/* what the files of this folder share: the handle, libhdf5's types, messages. for them alone. */
#ifndef MDP_RESULTS_H5_TYPES_INTERNAL_H
#define MDP_RESULTS_H5_TYPES_INTERNAL_H

#include <hdf5.h>

#include "base/fsx.h"
#include "results/h5/types.h"

/* a file that is read without libhdf5: own_internal.h */
struct mdp_h5i_own;

struct mdp_h5 {
    char path[MDP_PATH_MAX];
    hid_t id;
    struct mdp_h5i_own *own; /* what is read without libhdf5; NULL where libhdf5 reads */
    struct mdp_temp temp;    /* none when reading */
    enum mdp_publish how;    /* of a new file */
    int disk_error;          /* errno of the first write that the disk refused, 0 if none */
    int failed;              /* a write went wrong: never publish */
};

/** Returns how files are opened: one pinned version of the format, everything closed with the file. Owns: caller,
 * H5Pclose. */
hid_t mdp_h5i_access(void);

/* what went wrong first, in libhdf5's words or the system's */
struct mdp_h5i_reason {
    char text[160];
    int error_number; /* of the system call that failed, 0 where none did */
};

/** Returns libhdf5's reason for its newest failure. */
struct mdp_h5i_reason mdp_h5i_newest_reason(void);

/** Returns 1 if the disk, and not the content of a file, is to blame. */
int mdp_h5i_is_disk_error(const struct mdp_h5i_reason *reason);

/** Writes its text. */
void mdp_h5i_reason(char text[160]);

/** Records that a file could not be opened. Errors: DATA; IO where the system could not read the disk. */
mdp_err mdp_h5i_fail_open(const char *path, const struct mdp_h5i_reason *reason);

/** Records that an object could not be read, with libhdf5's reason. Errors: DATA; IO where the system
 * could not read the disk. */
mdp_err mdp_h5i_fail_read(const struct mdp_h5 *file, const char *name, const char *what);

/** Does the same for a reason that was kept. Errors: as mdp_h5i_fail_read. */
mdp_err mdp_h5i_fail_read_for(const struct mdp_h5 *file, const char *name, const char *what,
                              const struct mdp_h5i_reason *reason);

/** Records that an object could not be written, with the reason, and bars the file from publication. Errors: IO,
 * always. */
mdp_err mdp_h5i_fail_write(struct mdp_h5 *file, const char *name);

/** Passes `err` on, or turns success into a failure if the disk has refused a write by now. Errors: IO. */
mdp_err mdp_h5i_written(struct mdp_h5 *file, const char *name, mdp_err err);

/** Records that a file which is read without libhdf5 does not answer, which says nothing about it. Errors: DATA,
 * always.
 */
mdp_err mdp_h5i_not_own(const struct mdp_h5 *file, const char *name);

/** Writes a shape as text, e.g. "[2, any]". */
void mdp_h5i_shape_text(const struct mdp_h5_shape *shape, char text[120]);

/** Returns the type of elements in memory; a BOOL is read as plain bytes. Owns: caller, H5Tclose. */
hid_t mdp_h5i_memory_type(enum mdp_h5_type type, int reading);

/** Returns the little-endian type of elements in files. Owns: caller, H5Tclose. */
hid_t mdp_h5i_file_type(enum mdp_h5_type type);

/** Returns 1 for integers, floats and enumerations. */
int mdp_h5i_is_numeric(hid_t type);

/** Writes a type's name as text. */
void mdp_h5i_type_text(hid_t type, char text[16]);

/** Returns a transfer that refuses values which integers cannot hold and then sets *lossy. Owns: caller, H5Pclose. */
hid_t mdp_h5i_transfer(enum mdp_h5_type type, int *lossy);

#endif
