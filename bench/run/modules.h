/* diffusion and guidance modules on disk: one file a module and step, each with all that acting or recombining needs.
 */
#ifndef MDP_BENCH_RUN_MODULES_H
#define MDP_BENCH_RUN_MODULES_H

#include <jansson.h>

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/guidance.h"
#include "results/checkpoint.h"

/* what a module file records besides parameters; texts are borrowed */
struct mdp_module_facts {
    const char *algo, *task;
    uint64_t seed;
    long step; /* gradient steps done */
    int n_obs, n_act;
    const struct mdp_normalizer *normalizer;
    const char *settings, *inputs; /* JSON objects; settings holds "diffusion" and "guidance" objects */
    const char *isa;               /* which way the libraries computed: NULL as in this process, "" nothing tells */
    enum mdp_publish how;          /* what becomes of a module that is there */
};

/** Describes a diffusion module's make as JSON. */
json_t *mdp_diffusion_json(const struct mdp_diffusion_config *config);

/** Describes a guidance module's make as JSON. */
json_t *mdp_guidance_json(const struct mdp_guidance_config *config);

/** Fills a file's header for facts and kind. */
void mdp_module_info(const struct mdp_module_facts *facts, const char *kind, struct mdp_checkpoint_info *info);

/** Writes the groups that acting needs; optimiser moments stay out. Errors: IO, DATA if a parameter is not finite. */
mdp_err mdp_diffusion_write(const char *path, struct mdp_diffusion *diffusion, const struct mdp_module_facts *facts);

/** As mdp_diffusion_write for guidance. */
mdp_err mdp_guidance_write(const char *path, struct mdp_guidance *guidance, const struct mdp_module_facts *facts);

/** Reads what a diffusion module is made of from what its file says. Errors: DATA, also for another kind of file. */
mdp_err mdp_diffusion_settings(const char *path, const struct mdp_checkpoint_info *info,
                               struct mdp_diffusion_config *config);

/** As mdp_diffusion_settings for guidance. */
mdp_err mdp_guidance_settings(const char *path, const struct mdp_checkpoint_info *info,
                              struct mdp_guidance_config *config);

/** Reads a diffusion module and what its file says. Owns: caller, mdp_diffusion_free and mdp_checkpoint_info_free.
 * Errors: IO, DATA. */
mdp_err mdp_diffusion_read(const char *path, struct mdp_diffusion **out, struct mdp_checkpoint_info *info);

/* how a diffusion module's actions are sampled: NULL and 0 for what its file says */
struct mdp_sampling {
    const struct mdp_solver *solver;
    int n_steps;
};

/** As mdp_diffusion_read, with another reverse process. Errors: also USAGE for one that does not go with the module. */
mdp_err mdp_diffusion_read_as(const char *path, const struct mdp_sampling *sampling, struct mdp_diffusion **out,
                              struct mdp_checkpoint_info *info);

/** As mdp_diffusion_read for guidance. */
mdp_err mdp_guidance_read(const char *path, struct mdp_guidance **out, struct mdp_checkpoint_info *info);

/* what a training state holds beside its modules. between two checkpoints the row of the log is half gathered: the sum
 * of each column, and of how many steps; n_logged 0 when nothing is, or for a reader that does not ask */
struct mdp_training_state {
    int n_counters, n_logged;
    int64_t *counters;   /* [n_counters], >= 0 */
    double *log_sums;    /* [n_logged] */
    int64_t *log_counts; /* [n_logged], >= 0 */
    const char *log;     /* the text of log.csv, written and not read (bench/run/run_log.h); NULL or "": none */
};

/** Writes all that a training run needs to go on: the modules it trains with their moments, and the rest of its state.
 * Nullable: a module that the run has not or does not train. Errors: IO. */
mdp_err mdp_training_state_write(const char *path, struct mdp_diffusion *diffusion, struct mdp_guidance *guidance,
                                 const struct mdp_module_facts *facts, const struct mdp_training_state *state);

/** Reads what mdp_training_state_write wrote into modules of the same make; a file without a half gathered row leaves
 * sums and counts alone. Nullable: as there. Errors: IO, DATA, USAGE if the file was made with other settings. */
mdp_err mdp_training_state_read(const char *path, struct mdp_diffusion *diffusion, struct mdp_guidance *guidance,
                                const struct mdp_module_facts *facts, const struct mdp_training_state *state);

#endif
