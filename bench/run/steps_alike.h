/* the steps of one run have equal settings: whoever lists or reads several of them asks here.
 *
 * what belongs to a step itself may differ: hashes and steps of modules, the file that a module was imported from. */
#ifndef MDP_BENCH_RUN_STEPS_ALIKE_H
#define MDP_BENCH_RUN_STEPS_ALIKE_H

#include "base/err.h"
#include "base/path.h"

/* the first step that was seen; zeroed before there is one */
struct mdp_steps_alike {
    char path[MDP_PATH_MAX];
    char *settings;
};

/** Refuses the settings of two steps that differ. Errors: DATA, naming the setting, both files and both values. */
mdp_err mdp_steps_check_pair(const char *first, const char *first_settings, const char *path, const char *settings);

/** Refuses a step whose settings differ from those of the first, which is this one where there is none yet. Owns:
 * caller, mdp_steps_alike_free. Errors: DATA as above; NOMEM. */
mdp_err mdp_steps_alike_join(struct mdp_steps_alike *steps, const char *path, const char *settings);

/** Frees what is kept of the first. */
void mdp_steps_alike_free(struct mdp_steps_alike *steps);

#endif
