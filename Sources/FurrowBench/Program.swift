import ArgumentParser
import Dispatch
import Furrow
import FurrowCommands

/// Where the process begins.
@main
enum Entry {
    /// The supervisor of the commands that the case `commands` runs leaves here.
    static func main() {
        Supervision.runIfAsked()
        Task { await Program.main() }
        dispatchMain()
    }
}

/// Measures Furrow, one figure a case.
struct Program: FurrowProgram {
    static let configuration = CommandConfiguration(
        commandName: "furrow-bench",
        abstract: "Measure Furrow: one case at a time under mpirun, or all beside their peers.",
        discussion: "Example: mpirun -q -n 3 furrow-bench typed --jobs 500000",
        version: Furrow.version,
        subcommands: [
            Compare.self, Typed.self, Bitwise.self, RoundTrip.self, Commands.self, Makespan.self,
            Idle.self,
            Memory.self, Start.self, Gather.self, Messages.self, Simulate.self, Nothing.self,
        ]
    )
}
