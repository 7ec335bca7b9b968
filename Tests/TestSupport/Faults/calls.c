/* Lets calls of a program fail, from LD_PRELOAD.
 *
 * FAULT          files, mpi: those calls; clock: the time of day; or one of the names given to
 *                fails() below
 * FAULT_PROCESS  the only name of a process whose calls fail; any, unless told otherwise
 * FAULT_RANK     the only rank on which calls fail; all, unless told otherwise
 * FAULT_FOLDER   of files, only those below this folder are meant
 * FAULT_CALL     the only call that is meant, by its name
 * FAULT_AFTER    how many of these calls go well first
 * FAULT_TIMES    how many fail then; all, unless told otherwise
 * FAULT_ERRNO    the number of the error
 * FAULT_LATE     a call that fails has done its work before
 * FAULT_DELAY    calls take so many microseconds more, and none fails
 * FAULT_JUMP     by how many seconds the clock is set forward, or back
 * FAULT_LOG      a file; each call that is meant is a line of it, and none fails
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mpi.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long number(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

static int is_meant(const char *fault) {
    const char *wanted = getenv("FAULT"), *process = getenv("FAULT_PROCESS");
    const char *only = getenv("FAULT_RANK"), *rank = getenv("OMPI_COMM_WORLD_RANK");
    if (!wanted || strcmp(wanted, fault)) return 0;
    if (!rank) rank = getenv("PMIX_RANK");
    if (only && strcmp(only, rank ? rank : "0")) return 0;
    return !process || !strcmp(program_invocation_short_name, process);
}

/* Whether a call of one kind fails now. */
static int fails(const char *fault, atomic_long *calls) {
    if (!is_meant(fault)) return 0;
    return atomic_fetch_add(calls, 1) >= number("FAULT_AFTER", 0);
}

/* Whether one of all the calls of a kind fails now. */
static int fails_here(const char *fault, const char *call, const char *path) {
    static atomic_long calls;
    const char *only = getenv("FAULT_CALL"), *log = getenv("FAULT_LOG");
    if (!is_meant(fault) || (only && strcmp(only, call))) return 0;
    if (log) {
        char line[5000];
        int length = snprintf(line, sizeof line, "%s %s\n", call, path);
        int file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0666);
        syscall(SYS_write, file, line, length);
        syscall(SYS_close, file);
        return 0;
    }
    long delay = number("FAULT_DELAY", 0);
    if (delay) {
        usleep(delay);
        return 0;
    }
    long call_number = atomic_fetch_add(&calls, 1) - number("FAULT_AFTER", 0);
    long times = number("FAULT_TIMES", -1);
    return call_number >= 0 && (times < 0 || call_number < times);
}

static int fails_on(const char *call, const char *path) {
    const char *folder = getenv("FAULT_FOLDER");
    char whole[8192];
    if (!folder || !path) return 0;
    if (path[0] != '/') {
        char here[4096];
        if (!getcwd(here, sizeof here)) return 0;
        snprintf(whole, sizeof whole, "%s/%s", here, path);
        path = whole;
    }
    if (strncmp(path, folder, strlen(folder)) || !fails_here("files", call, path)) return 0;
    errno = number("FAULT_ERRNO", EIO);
    return 1;
}

/* Whether a call that fails does its work first. */
static int is_late(void) { return getenv("FAULT_LATE") != NULL; }

/* A call of the system: what it returns, where a fault comes before it, after it, or not at all. */
#define CALL(type, fault, failure, call)                                       \
    {                                                                          \
        int is_fault = fault, error = errno;                                   \
        if (is_fault && !is_late()) return failure;                            \
        type result = call;                                                    \
        if (!is_fault) return result;                                          \
        errno = error;                                                         \
        return failure;                                                        \
    }

static void name_of(int file, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, size - 1);
    path[length < 0 ? 0 : length] = 0;
}

static int fails_of(const char *call, int file) {
    char path[4096];
    int error = errno;
    if (!is_meant("files")) return 0;
    name_of(file, path, sizeof path);
    errno = error;
    return path[0] == '/' && fails_on(call, path);
}

static int ends(const char *path, const char *end) {
    size_t length = strlen(path), most = strlen(end);
    return length >= most && !strcmp(path + length - most, end);
}

static int is_of(int file, const char *end) {
    char path[4096];
    name_of(file, path, sizeof path);
    return ends(path, end);
}

/* Calls of files */

#define OPEN(name, ...)                                                        \
    {                                                                          \
        int mode = 0;                                                          \
        if (flags & (O_CREAT | O_TMPFILE)) {                                   \
            va_list list;                                                      \
            va_start(list, flags);                                             \
            mode = va_arg(list, int);                                          \
            va_end(list);                                                      \
        }                                                                      \
        if (!fails_on("open", path)) return REAL(name)(__VA_ARGS__, mode);     \
        int error = errno;                                                     \
        /* Nobody can close it. */                                             \
        if (is_late()) syscall(SYS_close, REAL(name)(__VA_ARGS__, mode));      \
        errno = error;                                                         \
        return -1;                                                             \
    }

int open(const char *path, int flags, ...) OPEN(open, path, flags)
int open64(const char *path, int flags, ...) OPEN(open64, path, flags)
int openat(int folder, const char *path, int flags, ...) OPEN(openat, folder, path, flags)

DIR *opendir(const char *path) { return fails_on("opendir", path) ? NULL : REAL(opendir)(path); }

struct dirent *readdir(DIR *folder) {
    return fails_of("readdir", dirfd(folder)) ? NULL : REAL(readdir)(folder);
}

int stat(const char *path, struct stat *status) {
    return fails_on("stat", path) ? -1 : REAL(stat)(path, status);
}

int lstat(const char *path, struct stat *status) {
    return fails_on("lstat", path) ? -1 : REAL(lstat)(path, status);
}

int fstat(int file, struct stat *status) {
    return fails_of("fstat", file) ? -1 : REAL(fstat)(file, status);
}

int access(const char *path, int mode) {
    return fails_on("access", path) ? -1 : REAL(access)(path, mode);
}

off_t lseek(int file, off_t offset, int from) {
    return fails_of("lseek", file) ? -1 : REAL(lseek)(file, offset, from);
}

ssize_t read(int file, void *bytes, size_t count) {
    return fails_of("read", file) ? -1 : REAL(read)(file, bytes, count);
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
    return fails_of("pread", file) ? -1 : REAL(pread)(file, bytes, count, offset);
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) {
    return fails_of("pread", file) ? -1 : REAL(pread64)(file, bytes, count, offset);
}

/* A disk that becomes full takes the front part, and refuses what is left. */
ssize_t write(int file, const void *bytes, size_t count) {
    static __thread int full = -1;
    if (full == file) {
        full = -1;
        errno = number("FAULT_ERRNO", ENOSPC);
        return -1;
    }
    if (!fails_of("write", file)) return REAL(write)(file, bytes, count);
    if (is_late()) {
        int error = errno;
        REAL(write)(file, bytes, count);
        errno = error;
        return -1;
    }
    if (count < 2 || (errno != ENOSPC && errno != EDQUOT)) return -1;
    full = file;
    return REAL(write)(file, bytes, count / 2);
}

int fsync(int file) CALL(int, fails_of("fsync", file), -1, REAL(fsync)(file))

int fdatasync(int file) {
    static atomic_long calls, outputs;
    int fault = is_of(file, ".jsonl") ? fails("fdatasync", &calls)
        : is_of(file, ".out") ? fails("sync output", &outputs) : 0;
    if (fault) errno = ENOSPC;
    CALL(int, fault || fails_of("fdatasync", file), -1, REAL(fdatasync)(file))
}

/* It is closed all the same, as Linux does it. */
int close(int file) {
    static atomic_long calls;
    int fault = is_of(file, ".jsonl") && fails("close", &calls);
    int error = fault ? EDQUOT : fails_of("close", file) ? errno : 0;
    int result = REAL(close)(file);
    if (!error) return result;
    errno = error;
    return -1;
}

int flock(int file, int operation)
    CALL(int, fails_of("flock", file), -1, REAL(flock)(file, operation))

int ftruncate(int file, off_t size)
    CALL(int, fails_of("ftruncate", file), -1, REAL(ftruncate)(file, size))

int mkdir(const char *path, mode_t mode)
    CALL(int, fails_on("mkdir", path), -1, REAL(mkdir)(path, mode))

char *mkdtemp(char *template) {
    static atomic_long calls;
    int fault = fails("mkdtemp", &calls);
    if (fault) errno = EROFS;
    return fault || fails_on("mkdtemp", template) ? NULL : REAL(mkdtemp)(template);
}

int rename(const char *old, const char *new) {
    static atomic_long calls;
    int fault = ends(new, "/run.json") && fails("rename", &calls);
    if (fault) errno = EIO;
    CALL(int, fault || fails_on("rename", new), -1, REAL(rename)(old, new))
}

static atomic_long links;

int link(const char *old, const char *new) {
    int fault = fails("links", &links);
    if (fault) errno = EPERM;
    CALL(int, fault || fails_on("link", new), -1, REAL(link)(old, new))
}

int symlink(const char *old, const char *new) {
    int fault = fails("links", &links);
    if (fault) errno = EPERM;
    CALL(int, fault || fails_on("symlink", new), -1, REAL(symlink)(old, new))
}

int unlink(const char *path) CALL(int, fails_on("unlink", path), -1, REAL(unlink)(path))

int unlinkat(int folder, const char *path, int flags)
    CALL(int, fails_of("unlinkat", folder), -1, REAL(unlinkat)(folder, path, flags))

int rmdir(const char *path) CALL(int, fails_on("rmdir", path), -1, REAL(rmdir)(path))

/* Only the time of day: no call can set the clock that counts from the machine's start, by which
 * the system times waits. */
int clock_gettime(clockid_t clock, struct timespec *time) {
    static atomic_long calls;
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = REAL(clock_gettime);
    int result = real(clock, time);
    if (!result && clock == CLOCK_REALTIME && fails("clock", &calls))
        time->tv_sec += number("FAULT_JUMP", 0);
    return result;
}

/* A process's own program is a supervisor. */
int posix_spawn(pid_t *process, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const list[], char *const variables[]) {
    static atomic_long calls;
    if (!strcmp(path, "/proc/self/exe") && fails("supervisors", &calls)) return EACCES;
    return REAL(posix_spawn)(process, path, actions, attributes, list, variables);
}

/* Calls of MPI, through its interface for profiling */

#define MPI(name, parameters, arguments)                                       \
    int MPI_##name parameters {                                                \
        int is_fault = fails_here("mpi", #name, "");                           \
        if (is_fault && !is_late()) return MPI_ERR_OTHER;                      \
        int result = PMPI_##name arguments;                                    \
        return is_fault ? MPI_ERR_OTHER : result;                              \
    }

MPI(Init_thread, (int *count, char ***list, int wanted, int *given), (count, list, wanted, given))
MPI(Comm_dup, (MPI_Comm comm, MPI_Comm *new), (comm, new))
MPI(Comm_split_type, (MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm *new),
    (comm, type, key, info, new))
MPI(Comm_free, (MPI_Comm *comm), (comm))
MPI(Comm_rank, (MPI_Comm comm, int *rank), (comm, rank))
MPI(Comm_size, (MPI_Comm comm, int *size), (comm, size))
MPI(Comm_set_errhandler, (MPI_Comm comm, MPI_Errhandler handler), (comm, handler))
MPI(Finalize, (void), ())
MPI(Isend,
    (const void *bytes, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
     MPI_Request *request),
    (bytes, count, type, to, tag, comm, request))
MPI(Improbe,
    (int from, int tag, MPI_Comm comm, int *found, MPI_Message *message, MPI_Status *status),
    (from, tag, comm, found, message, status))
MPI(Imrecv,
    (void *bytes, int count, MPI_Datatype type, MPI_Message *message, MPI_Request *request),
    (bytes, count, type, message, request))
MPI(Get_count, (const MPI_Status *status, MPI_Datatype type, int *count), (status, type, count))
MPI(Test, (MPI_Request *request, int *done, MPI_Status *status), (request, done, status))
MPI(Ibarrier, (MPI_Comm comm, MPI_Request *request), (comm, request))
MPI(Ibcast,
    (void *bytes, int count, MPI_Datatype type, int root, MPI_Comm comm, MPI_Request *request),
    (bytes, count, type, root, comm, request))
MPI(Allreduce,
    (const void *mine, void *all, int count, MPI_Datatype type, MPI_Op operation, MPI_Comm comm),
    (mine, all, count, type, operation, comm))
MPI(Gather,
    (const void *mine, int count, MPI_Datatype type, void *all, int counts, MPI_Datatype types,
     int root, MPI_Comm comm),
    (mine, count, type, all, counts, types, root, comm))
MPI(Gatherv,
    (const void *mine, int count, MPI_Datatype type, void *all, const int *counts,
     const int *offsets, MPI_Datatype types, int root, MPI_Comm comm),
    (mine, count, type, all, counts, offsets, types, root, comm))
MPI(Scatter,
    (const void *all, int counts, MPI_Datatype types, void *mine, int count, MPI_Datatype type,
     int root, MPI_Comm comm),
    (all, counts, types, mine, count, type, root, comm))
MPI(Scatterv,
    (const void *all, const int *counts, const int *offsets, MPI_Datatype types, void *mine,
     int count, MPI_Datatype type, int root, MPI_Comm comm),
    (all, counts, offsets, types, mine, count, type, root, comm))
