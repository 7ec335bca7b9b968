import ArgumentParser
import Furrow
import FurrowCommands

/// Where the process begins.
@main
enum Entry {
    static func main() { Supervision.main(of: Program.self) }
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
