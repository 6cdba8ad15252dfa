/* a file is its parameters and, for each tensor, what HDF5 needs to describe and check it: measured, with one byte in a
 * hundred to spare, on files of every algorithm. */
#include "bench/run/disk.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/fsx.h"
#include "base/path.h"

enum { BYTES_OF_TENSOR = 400, BYTES_OF_HEAD = 8000 };

static void add_groups(const struct mdp_module_group *groups, int n, double *file, double *state) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < groups[i].n; j++) {
            double bytes = 4.0 * (double)mdp_tensor_count(&groups[i].tensors[j]) + BYTES_OF_TENSOR;
            *state += bytes;
            if (!groups[i].is_optimizer) *file += bytes;
        }
}

/* what Adam's moments of the guidance will take in a state: they do not exist before training begins */
static double moments_to_come(const struct mdp_guidance *guidance) {
    double bytes = 0;
    for (int i = 0; i < guidance->n_nets; i++) {
        const struct mdp_layout *layout = &guidance->nets[i].net.layout;
        if (guidance->nets[i].adam.m == NULL)
            bytes += 2 * (4.0 * (double)layout->n_floats + BYTES_OF_TENSOR * (double)layout->n);
    }
    return bytes;
}

void mdp_run_disk(struct mdp_diffusion *diffusion, struct mdp_guidance *guidance, struct mdp_run_disk *out) {
    struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    *out = (struct mdp_run_disk){.state = BYTES_OF_HEAD};
    if (diffusion != NULL) {
        out->diffusion = BYTES_OF_HEAD;
        add_groups(groups, mdp_diffusion_groups(diffusion, groups), &out->diffusion, &out->state);
    }
    if (guidance != NULL) {
        out->guidance = BYTES_OF_HEAD;
        add_groups(groups, mdp_guidance_groups(guidance, groups), &out->guidance, &out->state);
        out->state += moments_to_come(guidance);
    }
}

double mdp_run_disk_total(const struct mdp_run_disk *disk, long n_checkpoints) {
    return (double)n_checkpoints * (disk->diffusion + disk->guidance) + 2 * disk->state;
}

/* a folder that is not there yet will be made on the disk of the one above it */
double mdp_disk_free(const char *path) {
    struct statvfs disk;
    char above[MDP_PATH_MAX], below[MDP_PATH_MAX];
    if (snprintf(above, sizeof above, "%s", path) >= (int)sizeof above) return NAN;
    while (statvfs(above, &disk) != 0) {
        strcpy(below, above);
        mdp_path_folder(below, above);
        if (strcmp(above, below) == 0) return NAN;
    }
    return (double)disk.f_bavail * (double)disk.f_frsize;
}

const char *mdp_bytes_text(double bytes, char text[MDP_BYTES_TEXT_MAX]) {
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    int i = 0;
    for (bytes /= 1e3; bytes >= 999.5 && i < 3; i++) bytes /= 1e3;
    snprintf(text, MDP_BYTES_TEXT_MAX, "%.*f %s", bytes < 9.95 ? 1 : 0, bytes, units[i]);
    return text;
}
