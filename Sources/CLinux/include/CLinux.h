// GNU functions that Swift's Glibc module leaves out.

#ifndef CLINUX_H
#define CLINUX_H

#include <spawn.h>
#include <stdint.h>

/// Makes orphaned descendants children of this process (prctl(2), PR_SET_CHILD_SUBREAPER).
void clinux_adopt_orphans(void);

/// Lets this process run on the cores on which another one may (sched_setaffinity(2)).
void clinux_use_cores_of(int process);

/// On how many cores this process may run (sched_getaffinity(2)); 0 if that is unknown.
int clinux_allowed_cores(void);

/// posix_spawnattr_setflags(3): starts a new session.
int clinux_set_session(posix_spawnattr_t *attributes);

/// posix_spawn_file_actions_addchdir_np(3).
int clinux_add_directory(posix_spawn_file_actions_t *actions, const char *path);

/// posix_spawn_file_actions_addclosefrom_np(3).
int clinux_add_close_from(posix_spawn_file_actions_t *actions, int first);

/// Lets this process be killed when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG).
void clinux_die_with_parent(void);

/// A file in memory, closed on exec (memfd_create(2)); -1 on failure.
int clinux_memory_file(const char *name);

/// A counter in memory that two processes share; what was written before it was stored is seen by who
/// has loaded it.
static inline uint64_t clinux_load(const void *counter) {
    return __atomic_load_n((const uint64_t *)counter, __ATOMIC_ACQUIRE);
}

static inline void clinux_store(void *counter, uint64_t value) {
    __atomic_store_n((uint64_t *)counter, value, __ATOMIC_RELEASE);
}

#endif
