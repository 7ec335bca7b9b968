#define _GNU_SOURCE
#include "CLinux.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

void clinux_adopt_orphans(void) { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

void clinux_use_cores_of(int process) {
    const int most = 1 << 14;
    cpu_set_t *allowed = CPU_ALLOC(most);
    if (!allowed) return;
    if (sched_getaffinity(process, CPU_ALLOC_SIZE(most), allowed) == 0)
        sched_setaffinity(0, CPU_ALLOC_SIZE(most), allowed);
    CPU_FREE(allowed);
}

int clinux_allowed_cores(void) {
    const int most = 1 << 14;
    cpu_set_t *allowed = CPU_ALLOC(most);
    if (!allowed) return 0;
    int read = sched_getaffinity(0, CPU_ALLOC_SIZE(most), allowed);
    int count = read == 0 ? CPU_COUNT_S(CPU_ALLOC_SIZE(most), allowed) : 0;
    CPU_FREE(allowed);
    return count;
}

int clinux_set_session(posix_spawnattr_t *attributes) {
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID);
}

int clinux_add_directory(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

int clinux_add_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

void clinux_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
