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

/// Says whether the others can go on if this process ends from now on.
///
/// - Returns: 0, or -1 if the keeper is gone.
int ckeeper_arm(int keeper, int is_armed);

/// Asks the keeper to finish PMIx in this process's name, if it exits with 0 without MPI_Finalize.
///
/// - Returns: 0, or -1 if the keeper is gone.
int ckeeper_finish(int keeper);

#endif
