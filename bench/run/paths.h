/* lists of paths on the command line, separated by commas; paths may hold commas themselves, as Hydra's folders do. */
#ifndef MDP_BENCH_RUN_PATHS_H
#define MDP_BENCH_RUN_PATHS_H

/** Cuts the next path off a list and moves `rest` behind it: as much of the list as exists as it stands, with a label
 * behind a colon or without, also as best:PATH:LABEL; only where nothing does, it ends at its comma. Nullable: result,
 * at the end. */
char *mdp_paths_next(char **rest);

#endif
