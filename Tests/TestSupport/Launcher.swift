package import Foundation

/// What starts the ranks of a program.
package struct Launcher: Sendable, CustomStringConvertible {
    package let description: String
    private let start: [String]
    /// Beside the variables of all launchers.
    package let environment: [String: String]
    /// Where the programs are that are built for its MPI.
    package let programs: URL

    /// What starts so many ranks of the program that follows.
    package func command(ranks: Int) -> [String] { start + ["-n", "\(ranks)"] }

    /// Open MPI's, that these tests were built with.
    package static let standard = Launcher(
        description: "Open MPI",
        start: ["mpirun", "-q"],
        // Starts in half the time: Open MPI looks for no network faster than TCP. On the clusters it
        // does. Their networks come and go beside these tests, and connections with them.
        environment: ["OMPI_MCA_pml": "ob1", "OMPI_MCA_btl_tcp_if_include": "lo"],
        programs: Execution.programs
    )

    /// Open MPI 5, which runs the same programs; `nil` where it is not installed.
    package static let openMPI5: Launcher? = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/root"
        let folder = environment["FURROW_OPENMPI5"] ?? "\(home)/.cache/furrow-openmpi5"
        let path = folder + "/bin/mpirun"
        guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
        return Launcher(
            description: "Open MPI 5",
            start: [path],
            environment: ["LD_LIBRARY_PATH": folder + "/lib"],
            programs: Execution.programs
        )
    }()

    /// MPICH's, with the programs that `make mpich` builds; `nil` where there are none.
    package static let mpich: Launcher? = {
        // Beside the folder of this build's debug programs.
        let build = Execution.programs.deletingLastPathComponent().deletingLastPathComponent()
        let programs = build.appendingPathComponent("mpich/debug")
        let program = programs.appendingPathComponent("furrow").path
        guard FileManager.default.isExecutableFile(atPath: program),
            FileManager.default.isExecutableFile(atPath: "/usr/bin/mpiexec.mpich")
        else { return nil }
        return Launcher(
            description: "MPICH",
            start: ["mpiexec.mpich"],
            environment: [:],
            programs: programs
        )
    }()

    /// Those that are here.
    package static let all = [standard, openMPI5, mpich].compactMap(\.self)

    /// Lets root start ranks, and more of them than there are cores, under Open MPI 4 and 5.
    package static let permissions = [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    ]
}
