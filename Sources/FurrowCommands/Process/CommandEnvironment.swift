import Glibc

/// The environment that commands start from.
enum CommandEnvironment {
    /// What a launcher sets for its ranks; a program that finds it takes itself for one. Of SLURM's
    /// only what is said of a task and its step: what is said of the job is true of commands too.
    private static let launchers = [
        "OMPI_", "PMIX_", "PMI_", "ORTE_", "PRTE_", "OPAL_", "HYDRA_", "SLURM_STEP",
        "SLURM_PROCID=",
        "SLURM_LOCALID=", "SLURM_NODEID=", "SLURM_GTIDS=", "SLURM_TASK_PID=", "SLURM_NTASKS",
        "SLURM_NPROCS=", "SLURM_SRUN_", "SLURM_MPI_TYPE=", "SLURM_HOSTFILE=", "SLURM_DISTRIBUTION=",
    ].map { Array($0.utf8) }

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
