import ArgumentParser
import Furrow
import FurrowCommands
import FurrowSweeps

/// The arguments that say what to run.
struct SweepInput: ParsableArguments {
    @Argument(help: ArgumentHelp("A sweep file, in YAML.", valueName: "sweep.yaml"))
    var sweep: String?

    @Option(
        help: ArgumentHelp(
            "A file with one shell command a line, or one argument a line where a command follows "
                + "(- for standard input); lines that begin with # are skipped.",
            valueName: "file"
        )
    )
    var tasks: String?

    @Option(
        help: ArgumentHelp(
            "A parameter and its values: lr=0.1,0.01. seed=0..9 has both ends, as in the braces of "
                + "a shell (a range in a sweep file has its stop excluded, as in Python); "
                + "0..100..10 has a step.",
            valueName: "name=values"
        )
    )
    var param: [String] = []

    @OptionGroup var changes: SweepChanges

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The command and its arguments, with {name} for parameters.")
    )
    var command: [String] = []

    /// Whether nothing says what to run.
    var isEmpty: Bool { sweep == nil && tasks == nil && param.isEmpty && command.isEmpty }

    /// Reads the sweep.
    func load() throws -> Sweep {
        if let sweep {
            guard tasks == nil, param.isEmpty, command.isEmpty else {
                throw UsageError(
                    "\(sweep) and --tasks, --param or a command after -- exclude each other"
                )
            }
            return try Sweep(contentsOf: sweep, setting: changes.settings)
        }
        guard changes.set.isEmpty else { throw UsageError("--set goes with a sweep file") }
        guard tasks != nil || !command.isEmpty else {
            throw UsageError(
                "nothing to run: name a sweep file, --tasks FILE, or --param NAME=VALUES and a "
                    + "command after --"
            )
        }
        if tasks != nil, !param.isEmpty {
            throw UsageError("--tasks and --param exclude each other")
        }
        return try Sweep(parameters: param, tasks: tasks, command: command, name: changes.name)
    }
}

/// What is to be other than a sweep file says.
struct SweepChanges: ParsableArguments {
    @Option(help: ArgumentHelp("What the runs of this sweep are called.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "A value in place of the sweep file's, with dots in nested keys.",
            valueName: "key=value"
        )
    )
    var set: [String] = []

    /// All of it, as keys and values.
    var settings: [String] { self.set + (name.map { ["name=\($0)"] } ?? []) }
}
