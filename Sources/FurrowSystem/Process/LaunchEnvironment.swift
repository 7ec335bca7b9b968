import Glibc

/// What the environment says about the launcher of this process. Can be read before MPI is started.
package struct LaunchEnvironment: Sendable, Equatable {
    /// This process's number among those started together.
    package let rank: Int
    /// How many were started.
    package let size: Int
    /// The launcher, by name.
    package let launcher: String
    /// Whether all of them are known to be on this host.
    package let isOnOneHost: Bool
    /// Whether the launcher may have bound this process to cores: not with `mpirun --bind-to none`.
    package let mayBind: Bool

    /// - Returns: `nil` when no launcher is known to have started this process.
    package init?(_ environment: [String: String]) {
        func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
        if let rank = number("OMPI_COMM_WORLD_RANK"), let size = number("OMPI_COMM_WORLD_SIZE") {
            launcher = "Open MPI's mpirun"
            (self.rank, self.size) = (rank, size)
            isOnOneHost = number("OMPI_COMM_WORLD_LOCAL_SIZE") == size
        } else if let rank = number("PMI_RANK"), let size = number("PMI_SIZE") {
            launcher = "the mpiexec of MPICH or Intel MPI"
            (self.rank, self.size) = (rank, size)
            isOnOneHost = number("MPI_LOCALNRANKS") == size
        } else if let rank = number("SLURM_PROCID"), let size = number("SLURM_STEP_NUM_TASKS") {
            launcher = "srun"
            (self.rank, self.size) = (rank, size)
            isOnOneHost = number("SLURM_STEP_NUM_NODES") == 1
        } else {
            return nil
        }
        mayBind = environment["OMPI_MCA_hwloc_base_binding_policy"] != "none"
    }

    /// What is wrong if MPI sees fewer ranks than the launcher started: each of them would run all
    /// jobs by itself.
    ///
    /// - Parameters:
    ///   - worldSize: how many ranks MPI sees.
    ///   - library: the MPI library of this program.
    package func mismatch(worldSize: Int, library: String) -> String? {
        guard worldSize == 1, size > 1 else { return nil }
        return "\(launcher) started \(size) processes, but the MPI of this program (\(library)) "
            + "sees each of them alone, so each would run all jobs; start it with that MPI's own "
            + "mpirun, or with srun --mpi=pmix"
    }

    /// Whether `srun` has started this process without the PMIx that Open MPI needs, in
    /// `MPI_Init` of which it would end.
    ///
    /// - Parameter library: the MPI library of this program.
    package static func lacksPMIx(_ environment: [String: String], library: String) -> Bool {
        library.hasPrefix("Open MPI") && environment["SLURM_STEP_ID"] != nil
            && environment["OMPI_COMM_WORLD_RANK"] == nil && environment["PMIX_RANK"] == nil
    }

    /// Lets Open MPI start the one process of an `srun` as it starts one by itself.
    package static func leaveStep() {
        // Open MPI 4 asks for these before anything else.
        for name in ["SLURM_STEPID", "SLURM_STEP_ID"] { unsetenv(name) }
    }
}
