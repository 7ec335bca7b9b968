import Testing

@testable import Furrow

@Suite struct LaunchTests {
    @Test(arguments: [
        (["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4"], "Open MPI's mpirun"),
        (["PMI_RANK": "2", "PMI_SIZE": "4"], "the mpiexec of MPICH or Intel MPI"),
        (["SLURM_PROCID": "2", "SLURM_STEP_NUM_TASKS": "4"], "srun"),
    ])
    func everyLauncherIsKnown(environment: [String: String], name: String) {
        let launch = LaunchEnvironment(environment)
        #expect(launch?.rank == 2)
        #expect(launch?.size == 4)
        #expect(launch?.launcher == name)
    }

    /// Only what a launcher has bound is undone for commands, not what their user has.
    @Test func aLauncherThatWasToldSoBindsNothing() {
        var environment = ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"]
        #expect(LaunchEnvironment(environment)?.mayBind == true)
        environment["OMPI_MCA_hwloc_base_binding_policy"] = "core"
        #expect(LaunchEnvironment(environment)?.mayBind == true)
        environment["OMPI_MCA_hwloc_base_binding_policy"] = "none"
        #expect(LaunchEnvironment(environment)?.mayBind == false)
    }

    @Test func whatIsStartedAloneHasNoLauncher() {
        #expect(LaunchEnvironment([:]) == nil)
        #expect(LaunchEnvironment(["PMI_RANK": "0"]) == nil)
        #expect(LaunchEnvironment(["PMI_RANK": "x", "PMI_SIZE": "2"]) == nil)
        // A batch script's own environment, without srun.
        #expect(LaunchEnvironment(["SLURM_PROCID": "0", "SLURM_NTASKS": "8"]) == nil)
    }

    @Test func aForeignLauncherIsNamedAndWhatToDo() throws {
        let launch = try #require(LaunchEnvironment(["PMI_RANK": "0", "PMI_SIZE": "4"]))
        let message = try #require(launch.mismatch(worldSize: 1, library: "Open MPI 4.1"))
        #expect(message.contains("the mpiexec of MPICH or Intel MPI started 4 processes"))
        #expect(message.contains("(Open MPI 4.1)"))
        #expect(message.contains("mpirun"))
        #expect(launch.mismatch(worldSize: 4, library: "") == nil)
        let alone = try #require(LaunchEnvironment(["PMI_RANK": "0", "PMI_SIZE": "1"]))
        #expect(alone.mismatch(worldSize: 1, library: "") == nil)
    }

    /// Open MPI 4 ends a process in `MPI_Init` that srun has started without PMIx.
    @Test(arguments: [
        (["SLURM_STEP_ID": "0", "SLURM_PROCID": "1"], "Open MPI v4.1.4", true),
        (["SLURM_STEP_ID": "0", "PMIX_RANK": "1"], "Open MPI v4.1.4", false),
        (["SLURM_STEP_ID": "0", "OMPI_COMM_WORLD_RANK": "1"], "Open MPI v4.1.4", false),
        (["SLURM_STEP_ID": "0", "SLURM_PROCID": "1"], "MPICH Version: 4.0.2", false),
        (["SLURM_PROCID": "0"], "Open MPI v4.1.4", false),
    ])
    func srunWithoutPMIxIsSeen(environment: [String: String], library: String, lacks: Bool) {
        #expect(LaunchEnvironment.lacksPMIx(environment, library: library) == lacks)
    }
}
