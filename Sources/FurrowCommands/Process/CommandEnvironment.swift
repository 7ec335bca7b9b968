import Glibc

/// The environment that commands start from.
enum CommandEnvironment {
    /// What a launcher sets for its ranks; a program that finds it takes itself for one. Of Open MPI's
    /// not what a user sets for every mpirun, such as `OMPI_MCA_btl` and `OMPI_ALLOW_RUN_AS_ROOT`; of
    /// SLURM's only what is said of a task and its step: what is said of the job is true of commands
    /// too.
    private static let launchers =
        (openMPI + slurm + ["PMIX_", "PMI_", "ORTE_", "PRTE_", "OPAL_"] + hydra)
        .map { Array($0.utf8) }

    /// Open MPI 4.1 and 5.0.
    private static let openMPI = [
        "OMPI_COMM_WORLD_", "OMPI_UNIVERSE_SIZE=", "OMPI_APP_CTX_", "OMPI_COMMAND=", "OMPI_ARGV=",
        "OMPI_FILE_LOCATION=", "OMPI_FIRST_RANKS=", "OMPI_NUM_APP_CTX=", "OMPI_VERSION=",
        "OMPI_MCA_ess", "OMPI_MCA_orte_", "OMPI_MCA_pmix", "OMPI_MCA_initial_wdir=",
        "OMPI_MCA_mpi_oversubscribe=", "OMPI_MCA_shmem_RUNTIME_QUERY_hint=",
    ]

    private static let slurm = [
        "SLURM_STEP", "SLURM_PROCID=", "SLURM_LOCALID=", "SLURM_NODEID=", "SLURM_GTIDS=",
        "SLURM_TASK_PID=", "SLURM_NTASKS", "SLURM_NPROCS=", "SLURM_SRUN_", "SLURM_MPI_TYPE=",
        "SLURM_HOSTFILE=", "SLURM_DISTRIBUTION=", "SLURM_CPU_BIND", "SLURM_PMIX",
        "SLURM_LAUNCH_NODE_IPADDR=", "SLURM_UMASK=", "SLURM_OVERCOMMIT=", "SRUN_DEBUG=",
    ]

    /// MPICH and Intel MPI.
    private static let hydra = [
        "HYDRA_", "HYDI_", "MPI_LOCALRANKID=", "MPI_LOCALNRANKS=",
        "MPIR_CVAR_CH3_INTERFACE_HOSTNAME=",
    ]

    /// This process's environment without what is the launcher's, as `NAME=value`.
    static var base: [[UInt8]] {
        var entries: [[UInt8]] = []
        var next = environ
        while let entry = next.pointee {
            let bytes = UnsafeRawBufferPointer(start: entry, count: strlen(entry))
            if !launchers.contains(where: { bytes.starts(with: $0) }) {
                entries.append(Array(bytes))
            }
            next += 1
        }
        // The run's own step has all of a SLURM job: another one would wait for its end.
        func has(_ name: String) -> Bool { entries.contains { $0.starts(with: name.utf8) } }
        if has("SLURM_JOB_ID="), !has("SLURM_OVERLAP=") {
            entries.append(Array("SLURM_OVERLAP=1".utf8))
        }
        return entries
    }

    /// Sets variables, in place of those of the same names.
    static func setting(_ variables: [[UInt8]], in base: [[UInt8]]) -> [[UInt8]] {
        let names = Set(variables.map(name))
        var last: [[UInt8]: [UInt8]] = [:]
        for variable in variables { last[name(of: variable)] = variable }
        return base.filter { !names.contains(name(of: $0)) } + last.values
    }

    private static func name(of variable: [UInt8]) -> [UInt8] {
        Array(variable.prefix { $0 != UInt8(ascii: "=") })
    }
}
