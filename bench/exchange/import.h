/* policies from elsewhere, as module files of ours.
 *
 * a file that says itself what it is (ours, exported or not) needs nothing; of any other, people say task, algorithm
 * and where its normaliser comes from. all files are read and checked before the first module is written. */
#ifndef MDP_BENCH_EXCHANGE_IMPORT_H
#define MDP_BENCH_EXCHANGE_IMPORT_H

#include <stdio.h>

#include "base/err.h"

/* what people say of files that do not say it themselves; NULL and -1: nothing */
struct mdp_import {
    const char *task, *algo;
    const char *data;       /* dataset to measure the normaliser from */
    const char *normalizer; /* statistics file, or "none" */
    const char *folder;     /* of the modules; runs/TASK/ALGO/imported/seedS */
    long seed, step;
    int is_sure;        /* whether `algo` is right although a file's path names another algorithm */
    long horizon;       /* steps of a planner's windows; 0: the task's, else 32 */
    const char *values; /* file of the action values that go with QGPO's energy */
};

/** Reads files and writes their modules as FOLDER/stepNNNNNN.{diffusion,guidance}.h5, naming each on the stream;
 * modules that are there with the same settings and inputs are kept. Errors: DATA, IO; USAGE if something that has to
 * be said is not, contradicts a file, or an output exists with other settings. */
mdp_err mdp_import_files(const struct mdp_import *import, int n_files, char **files, FILE *stream);

#endif
