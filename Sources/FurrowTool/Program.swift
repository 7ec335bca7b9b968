import ArgumentParser
import Furrow
import FurrowCommands

/// Where the process begins.
@main
enum Entry {
    static func main() { Supervision.main(of: Program.self) }
}

/// Sweeps of commands for people who write no Swift.
struct Program: FurrowProgram {
    static let configuration = CommandConfiguration(
        commandName: "furrow",
        abstract: "Run thousands of independent commands over the ranks of one mpirun.",
        discussion: """
            A sweep is a command and the parameters to run it with, in a file or on the command \
            line. Every run keeps its output, a journal and a table of results in a directory, and \
            can be resumed.

            Example: mpirun -q -n 9 furrow run sweep.yaml

            'furrow help sweep' is the reference of sweep files, 'furrow help run-directory' that \
            of the files of a run.
            """,
        version: Furrow.version,
        subcommands: [
            Run.self, Submit.self, Plan.self, Status.self, Results.self, Logs.self, Runs.self,
            Report.self, Trace.self, Explain.self, Compare.self, Top.self, Devices.self,
            Schema.self, Init.self, Help.self,
        ]
    )
}
