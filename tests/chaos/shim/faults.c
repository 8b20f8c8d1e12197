/* Stands between the server and libc (LD_PRELOAD): makes fsync fail or take long, moves the clock of the day, and keeps of
 * each database file what a power cut would leave. All it knows comes from a file that the runner writes to while we run:
 * 64-bit numbers in the order of `struct control`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t fail;        /* 1: no sync succeeds */
    int64_t step_ms;     /* added to the clock of the day */
    int64_t syncs;       /* counted here */
    int64_t failed;      /* counted here */
};

static volatile struct control *control;
static const char *kept; /* the folder for what is on the disk; NULL: none is kept */
static int (*real_fsync)(int), (*real_fdatasync)(int);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CHAOS_CONTROL");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    kept = getenv("CHAOS_KEPT");
    if (map == MAP_FAILED) {
        fprintf(stderr, "chaos: no control file at CHAOS_CONTROL\n");
        _exit(70);
    }
    close(fd);
    control = map;
}

/* Copies a database file that has just been synced. Overwriting in place is what a disk does too. */
static int keep(int fd) {
    char link[64], path[PATH_MAX], copy[PATH_MAX];
    struct stat stat;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || fstat(fd, &stat) != 0) return -1;
    path[length] = 0;
    const char *name = strrchr(path, '/') + 1;
    if (!S_ISREG(stat.st_mode) || strncmp(name, "examhall.db", 11) != 0) return 0;
    if (snprintf(copy, sizeof copy, "%s/%s", kept, name) >= (int)sizeof copy) return -1;
    int to = open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (to < 0) return -1;
    off_t from_at = 0;
    while (from_at < stat.st_size) {
        if (sendfile(to, fd, &from_at, (size_t)(stat.st_size - from_at)) <= 0) break;
    }
    int whole = from_at >= stat.st_size && ftruncate(to, stat.st_size) == 0;
    close(to);
    return whole ? 0 : -1;
}

static int sync_with(int (*real)(int), int fd) {
    __atomic_add_fetch(&control->syncs, 1, __ATOMIC_RELAXED);
    if (control->fail) {
        __atomic_add_fetch(&control->failed, 1, __ATOMIC_RELAXED);
        errno = EIO;
        return -1;
    }
    if (real(fd) != 0) return -1;
    if (kept && keep(fd) != 0) {
        perror("chaos: what was synced cannot be kept");
        _exit(70);
    }
    return 0;
}

int fsync(int fd) { return sync_with(real_fsync, fd); }
int fdatasync(int fd) { return sync_with(real_fdatasync, fd); }

int clock_gettime(clockid_t clock, struct timespec *time) {
    /* Others' constructors may ask before ours has run. */
    if (!real_clock_gettime) real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real_clock_gettime(clock, time);
    if (result == 0 && control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t ms = control->step_ms, ns = time->tv_nsec + ms % 1000 * 1000000;
        time->tv_sec += ms / 1000 + (ns >= 1000000000) - (ns < 0);
        time->tv_nsec = ns >= 1000000000 ? ns - 1000000000 : ns < 0 ? ns + 1000000000 : ns;
    }
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
