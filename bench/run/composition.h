/* which guidance goes with a diffusion module, and whether the two fit.
 *
 * a run's diffusion files record what guided them; from that, or from what a user names, train and eval find the
 * guidance file. docs/modules.md. */
#ifndef MDP_BENCH_RUN_COMPOSITION_H
#define MDP_BENCH_RUN_COMPOSITION_H

#include <jansson.h>

#include "algos/guidance/guidance.h"
#include "base/fsx.h"
#include "results/checkpoint.h"

/* normalisers count as one if means differ by at most this share of the deviation, and deviations by this share of
 * themselves: what measuring the same data in float32 or in another order may do (2.4e-4 was seen), and far less than
 * two datasets differ by */
#define MDP_NORMALIZER_TOLERANCE 1e-3

struct mdp_diffusion;
struct mdp_guidance;

/** Refuses guidance of windows beside a diffusion module of actions and the other way round, before anything else of
 * them is compared; `path` is the guidance's. Errors: DATA with the reason. */
mdp_err mdp_modules_fit_kinds(const char *path, const struct mdp_diffusion *diffusion,
                              const struct mdp_guidance *guidance);

/** Finds the guidance file that `choice` means for a diffusion file: "own", what its run recorded (the same step's file
 * of joint and continued runs, the frozen file, the noise module); "none"; a file; a run's folder, for its guidance
 * of the same step; or best:FOLDER:LABEL (bench/run/best.h). `path` is "" for none. Errors: IO if the file is not
 * there; DATA if a frozen file is not the one that the module was trained with; USAGE if a folder's run has no
 * guidance. */
mdp_err mdp_guidance_locate(const char *choice, const char *diffusion, char path[MDP_PATH_MAX]);

/** Refuses two modules, or a module and a dataset, that do not fit: sizes, ranges of actions, task, normaliser. The
 * names are those that the message gives. Errors: DATA. */
mdp_err mdp_modules_check_fit(const char *name, const struct mdp_checkpoint_info *info, const char *other_name,
                              const struct mdp_checkpoint_info *other);

/** Refuses guidance that does not go with a diffusion module: as mdp_modules_check_fit, or, where a task is given that
 * is not the diffusion's, guidance of that task on the same environment, which then reads observations as the diffusion
 * module normalises them. Nullable: task. Errors: DATA. */
mdp_err mdp_guidance_fit(const char *diffusion_path, const struct mdp_checkpoint_info *diffusion, const char *path,
                         const struct mdp_checkpoint_info *info, const char *task, struct mdp_guidance *guidance);

/** Describes a module file for the settings of what is made from it: hash, algorithm, seed, step, training mode; the
 * kind of a guidance, and what a diffusion module was guided by. NULL without memory. */
json_t *mdp_module_reference(uint64_t hash, const struct mdp_checkpoint_info *info);

/** Returns the algorithm whose selection temperatures fit a guidance file's values: its own if it trains values of that
 * kind, else the kind's. Errors: DATA. */
mdp_err mdp_guidance_scale(const char *path, const struct mdp_checkpoint_info *info, const char **algo);

#endif
