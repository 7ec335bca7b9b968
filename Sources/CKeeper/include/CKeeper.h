// A process between the launcher and a rank, which is there so that a killed rank does not end all
// the others.

#ifndef CKEEPER_H
#define CKEEPER_H

#include <sys/types.h>

/// The socket to this process's keeper; -1 without one.
int ckeeper_socket(void);

/// The keeper of this process; 0 without one.
pid_t ckeeper_process(void);

/// The process that started this one, or its keeper: the launcher.
pid_t ckeeper_launcher(void);

/// Hands the connection to rank 0 over to the keeper, which then writes to it how the rank ended.
/// The caller closes its own descriptor.
///
/// - Returns: 0, or -1 if the keeper is gone.
int ckeeper_give(int keeper, int connection);

/// Under srun, leaves a duplicate of this process's connection to the PMIx server with the keeper.
/// Once MPI has started.
///
/// - Returns: 0, or -1 if there is none, and the death of this process would end all others.
int ckeeper_hold_pmix(int keeper);

/// Says whether the others can go on if this process ends from now on.
///
/// - Returns: 0, or -1 if the keeper is gone.
int ckeeper_arm(int keeper, int is_armed);

/// Says that this process, which is armed, does not hang. Any time, without a system call.
void ckeeper_beat(void);

/// After how many seconds without a beat the keeper kills this process while it is armed; 0: never.
void ckeeper_limit(unsigned seconds);

/// Finishes PMI for this process, which exits with 0 without MPI_Finalize: at once under srun, else
/// by its keeper.
///
/// - Returns: 0, or -1 if it could not be done, for example because the keeper is gone.
int ckeeper_finish(int keeper);

#endif
