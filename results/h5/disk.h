/* the driver that new files are written by: for file.c. */
#ifndef MDP_RESULTS_H5_DISK_H
#define MDP_RESULTS_H5_DISK_H

#include <hdf5.h>

/* where a new file is written, and its first failure; both outlive the file's handle in libhdf5 */
struct mdp_h5i_disk {
    int fd;
    int *error; /* errno of the first write that the disk refused, 0 if none */
};

/** Makes new files use the driver that writes to an open file, whose failures go to *error and never to libhdf5. */
void mdp_h5i_disk_use(hid_t access, const struct mdp_h5i_disk *disk);

#endif
