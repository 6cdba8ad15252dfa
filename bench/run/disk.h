/* how large the files of a training are, from the sizes of its modules: said before the first step, because a disk that
 * is full after days is an answer that comes too late. */
#ifndef MDP_BENCH_RUN_DISK_H
#define MDP_BENCH_RUN_DISK_H

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/guidance.h"

/* Units: bytes, of a file; 0 where a run writes none */
struct mdp_run_disk {
    double diffusion, guidance; /* of each checkpoint */
    double state;               /* resume.h5, which is there twice while it is replaced */
};

/** Estimates the files of a run to a few per cent. Nullable: a module that the run has not or does not train. */
void mdp_run_disk(struct mdp_diffusion *diffusion, struct mdp_guidance *guidance, struct mdp_run_disk *out);

/** Returns the bytes of a run with so many checkpoints, at its fullest. */
double mdp_run_disk_total(const struct mdp_run_disk *disk, long n_checkpoints);

/** Returns the bytes that are free to this user where a file or folder is or will be, NAN if nobody knows. */
double mdp_disk_free(const char *path);

enum { MDP_BYTES_TEXT_MAX = 32 };

/** Writes bytes for people, "1.4 MB"; borrowed, `text`. */
const char *mdp_bytes_text(double bytes, char text[MDP_BYTES_TEXT_MAX]);

#endif
