// GNU functions that Swift's Glibc module leaves out.

#ifndef CLINUX_H
#define CLINUX_H

#include <spawn.h>

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

#endif
