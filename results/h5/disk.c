/* the file driver of new files: libhdf5 does not survive a disk that fails under it (it ends in a crash while it closes
 * what it could not write), so this driver never tells it. the first failure is kept in the handle, whatever follows is
 * dropped, and the handle is asked after each write and before publication. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/h5/disk.h"
#include "results/h5/types_internal.h"

/* an open file; libhdf5 owns the first member and hands the whole back to us */
struct disk_file {
    H5FD_t base;
    int fd;
    int *error; /* errno of the first failure, 0 if none; lives in struct mdp_h5 */
    haddr_t eoa, eof;
};

static H5FD_t *disk_open(const char *name, unsigned flags, hid_t plist, haddr_t max_address) {
    (void)name, (void)flags, (void)max_address;
    const struct mdp_h5i_disk *disk = H5Pget_driver_info(plist);
    struct disk_file *file = calloc(1, sizeof *file);
    if (disk == NULL || file == NULL) {
        free(file);
        return NULL;
    }
    file->error = disk->error;
    file->fd = fcntl(disk->fd, F_DUPFD_CLOEXEC, 0);
    if (file->fd >= 0 && ftruncate(file->fd, 0) == 0) return &file->base;
    *file->error = errno;
    if (file->fd >= 0) close(file->fd);
    free(file);
    return NULL;
}

static herr_t disk_close(H5FD_t *base) {
    struct disk_file *file = (struct disk_file *)base;
    close(file->fd);
    free(file);
    return 0;
}

static int disk_compare(const H5FD_t *a, const H5FD_t *b) { return a < b ? -1 : a > b; }

/* the same hints as libhdf5's own POSIX driver gives, so that files come out the same */
static herr_t disk_query(const H5FD_t *base, unsigned long *flags) {
    (void)base;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

static haddr_t disk_get_eoa(const H5FD_t *base, H5FD_mem_t type) {
    (void)type;
    return ((const struct disk_file *)base)->eoa;
}

static herr_t disk_set_eoa(H5FD_t *base, H5FD_mem_t type, haddr_t address) {
    (void)type;
    ((struct disk_file *)base)->eoa = address;
    return 0;
}

static haddr_t disk_get_eof(const H5FD_t *base, H5FD_mem_t type) {
    (void)type;
    return ((const struct disk_file *)base)->eof;
}

/* parts of the file that were never written read as zeros */
static herr_t disk_read(H5FD_t *base, H5FD_mem_t type, hid_t plist, haddr_t address, size_t size, void *buffer) {
    struct disk_file *file = (struct disk_file *)base;
    unsigned char *to = buffer;
    (void)type, (void)plist;
    while (size > 0) {
        ssize_t got = pread(file->fd, to, size, (off_t)address);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && *file->error == 0) *file->error = errno;
        if (got <= 0) break;
        to += got;
        address += (haddr_t)got;
        size -= (size_t)got;
    }
    memset(to, 0, size);
    return 0;
}

static herr_t disk_write(H5FD_t *base, H5FD_mem_t type, hid_t plist, haddr_t address, size_t size, const void *buffer) {
    struct disk_file *file = (struct disk_file *)base;
    const unsigned char *from = buffer;
    (void)type, (void)plist;
    if (address + size > file->eof) file->eof = address + size;
    while (size > 0 && *file->error == 0) {
        ssize_t done = pwrite(file->fd, from, size, (off_t)address);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) {
            *file->error = done < 0 ? errno : ENOSPC;
            break;
        }
        from += done;
        address += (haddr_t)done;
        size -= (size_t)done;
    }
    return 0;
}

static herr_t disk_truncate(H5FD_t *base, hid_t plist, hbool_t closing) {
    struct disk_file *file = (struct disk_file *)base;
    (void)plist, (void)closing;
    if (file->eoa == file->eof) return 0;
    if (*file->error == 0 && ftruncate(file->fd, (off_t)file->eoa) != 0) *file->error = errno;
    file->eof = file->eoa;
    return 0;
}

static const H5FD_class_t disk_class = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = 600,
#endif
    .name = "mdp_disk",
    .maxaddr = ((haddr_t)1 << 62) - 1,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(struct mdp_h5i_disk),
    .open = disk_open,
    .close = disk_close,
    .cmp = disk_compare,
    .query = disk_query,
    .get_eoa = disk_get_eoa,
    .set_eoa = disk_set_eoa,
    .get_eof = disk_get_eof,
    .read = disk_read,
    .write = disk_write,
    .truncate = disk_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

static hid_t disk_driver;
static pthread_once_t disk_once = PTHREAD_ONCE_INIT;

/* registered for good: libhdf5 still calls a driver while it closes the last file of it */
static void disk_register(void) { disk_driver = H5FDregister(&disk_class); }

void mdp_h5i_disk_use(hid_t access, const struct mdp_h5i_disk *disk) {
    pthread_once(&disk_once, disk_register);
    H5Pset_driver(access, disk_driver, disk);
}
