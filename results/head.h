/* what every file of ours says about itself: format, program, machine, settings, inputs. */
#ifndef MDP_RESULTS_HEAD_H
#define MDP_RESULTS_HEAD_H

#include "base/err.h"
#include "results/h5/types.h"

enum { MDP_VERSION_MAX = 32, MDP_MACHINE_MAX = 512, MDP_TASK_MAX = 64, MDP_ISA_MAX = 64 };

/* root attributes common to checkpoints and episodes. texts are borrowed when writing; mdp_head_read makes its own */
struct mdp_head {
    const char *settings;                /* JSON object: every option that shaped the content */
    const char *inputs;                  /* JSON object: file name -> FNV-1a hash as 16 hexadecimal digits; nullable */
    char version[MDP_VERSION_MAX];       /* of mdpbench; "" when writing means this program */
    char machine[MDP_MACHINE_MAX];       /* CPU, instruction set, libraries; "" when writing means what is known here */
    char *owned_settings, *owned_inputs; /* after mdp_head_read; mdp_head_free */
};

/** Writes processor, instruction set and the HDF5 version as text; a caller may append more libraries. */
void mdp_head_machine(char machine[MDP_MACHINE_MAX]);

/** Checks that a text is a JSON object. Errors: DATA, naming `where`. */
mdp_err mdp_head_check_json(const char *where, const char *text);

/** Writes format and format_version 1 alone. Errors: IO. */
mdp_err mdp_head_write_format(struct mdp_h5 *file, const char *format);

/** Checks them. Errors: DATA. */
mdp_err mdp_head_check_format(struct mdp_h5 *file, const char *format);

/** Writes format, format_version 1 and the head as root attributes. Errors: IO, DATA if a text is no JSON object. */
mdp_err mdp_head_write(struct mdp_h5 *file, const char *format, const struct mdp_head *head);

/** Checks format and version, and reads the head. Owns: caller, mdp_head_free. Errors: DATA. */
mdp_err mdp_head_read(struct mdp_h5 *file, const char *format, struct mdp_head *head);

/** Frees what mdp_head_read allocated and clears the head. */
void mdp_head_free(struct mdp_head *head);

#endif
