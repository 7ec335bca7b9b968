import ArgumentParser
import Furrow
import FurrowCommands
import MPI

/// `furrow devices`
struct Devices: CollectiveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show where the ranks of a launch are, and which devices and cores they have.",
        discussion: """
            Run this first on a new cluster. It warns about shared and unused devices, \
            workers without a device, ranks bound to one core, clocks that differ, \
            and a runs directory that is not the same on every node.

            Example: mpirun -q -n 9 furrow devices
            """
    )

    @Option(help: "The devices that workers get: auto, cuda, rocm, level-zero or none.")
    var device = DeviceKind.auto

    @Option(help: ArgumentHelp("How many of its node's GPUs each worker gets.", valueName: "n"))
    var gpusPerJob = 1

    @OptionGroup var runs: RunsDirectoryOption

    func validate() throws {
        if gpusPerJob < 1 {
            throw ValidationError("--gpus-per-job must be 1 or more, but is \(gpusPerJob)")
        }
    }

    @MPIActor
    func run() async throws {
        var options = RunOptions()
        options.deviceKind = device
        options.devicesPerJob = gpusPerJob
        try ClusterSurvey.run(try MPISession.start(), options, runs: runs.runsDir)
    }
}
