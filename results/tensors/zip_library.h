/* the functions of libzip that results/tensors/zip calls, found when an archive is opened.
 *
 * libzip brings libcrypto, and loading that takes longer than all that `mdpbench --help` does: so the program is not
 * linked with it. The types are those of zip.h, so that a call is checked like one of a linked library. */
#ifndef MDP_RESULTS_TENSORS_ZIP_LIBRARY_H
#define MDP_RESULTS_TENSORS_ZIP_LIBRARY_H

#include <zip.h>

#include "base/err.h"

#define MDP_ZIP_FUNCTIONS(X)                                                                                           \
    X(zip_discard)                                                                                                     \
    X(zip_error_code_zip)                                                                                              \
    X(zip_error_fini)                                                                                                  \
    X(zip_error_init)                                                                                                  \
    X(zip_error_strerror)                                                                                              \
    X(zip_fclose)                                                                                                      \
    X(zip_file_get_error)                                                                                              \
    X(zip_fopen_index)                                                                                                 \
    X(zip_fread)                                                                                                       \
    X(zip_get_error)                                                                                                   \
    X(zip_get_num_entries)                                                                                             \
    X(zip_name_locate)                                                                                                 \
    X(zip_open_from_source)                                                                                            \
    X(zip_source_buffer_create)                                                                                        \
    X(zip_source_free)                                                                                                 \
    X(zip_source_tell)                                                                                                 \
    X(zip_stat_index)

/* the functions by their own names */
struct mdp_zip_library {
#define MDP_ZIP_MEMBER(name) __typeof__(name) *name;
    MDP_ZIP_FUNCTIONS(MDP_ZIP_MEMBER)
#undef MDP_ZIP_MEMBER
};

/** Loads libzip, which then stays loaded. Errors: IO if it cannot be loaded, DATA if it lacks something. */
mdp_err mdp_zip_library_load(struct mdp_zip_library *library);

#endif
