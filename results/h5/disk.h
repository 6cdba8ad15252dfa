/* the driver that new files are written by: for file.c. */
#ifndef MDP_RESULTS_H5_DISK_H
#define MDP_RESULTS_H5_DISK_H

#include <hdf5.h>

/** Makes new files use the driver whose failures go to *error and never to libhdf5. */
void mdp_h5i_disk_use(hid_t access, int *error);

#endif
