// What the launchers of MPI programs want of a process that leaves.

#ifndef LAUNCHER_H
#define LAUNCHER_H

enum launcher {
    NO_LAUNCHER,
    // Open MPI's mpirun, by PMIx.
    MPIRUN,
    // SLURM's srun, by its PMIx.
    SRUN,
    // The mpiexec of MPICH and its kin, by the first PMI.
    HYDRA,
};

// What started this process.
enum launcher launcher(void);

// How many ranks it started.
int launcher_size(void);

// Tells it that a rank which has ended has left MPI; otherwise it takes the end for an error. By a
// process that the launcher does not wait for: it may hang. Returns 0, or 1 if it could not be said.
int launcher_finish(void);

// The same by a rank itself, whose MPI has started. Returns 0 or -1.
int launcher_finish_rank(void);

// Finds the open connections of this rank to its PMIx server. Returns how many there are.
int launcher_connections(int files[], int most);

#endif
