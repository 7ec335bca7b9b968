import ArgumentParser
import Furrow
import FurrowCommands
import FurrowSweeps

/// The arguments that define the sweep.
struct SweepInput: ParsableArguments {
    @Argument(help: ArgumentHelp("A sweep file, in YAML.", valueName: "sweep.yaml"))
    var sweep: String?

    @Option(
        help: ArgumentHelp(
            "A file with one shell command per line, or one argument per line if a command follows "
                + "(- is standard input); lines that begin with # are skipped.",
            valueName: "file"
        )
    )
    var tasks: String?

    @Option(
        help: ArgumentHelp(
            "A parameter and its values: lr=0.1,0.01. seed=0..9 includes both ends, as in the braces of "
                + "a shell (a range in a sweep file excludes its stop, as in Python); "
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

    /// Whether no sweep is given.
    var isEmpty: Bool { sweep == nil && tasks == nil && param.isEmpty && command.isEmpty }

    /// Reads the sweep.
    func load() throws -> Sweep {
        if let sweep {
            guard tasks == nil, param.isEmpty, command.isEmpty else {
                throw UsageError(
                    "give either the sweep file \(sweep), or --tasks, --param and a command after --"
                )
            }
            return try Sweep(contentsOf: sweep, setting: changes.settings)
        }
        guard changes.set.isEmpty else { throw UsageError("--set needs a sweep file") }
        guard tasks != nil || !command.isEmpty else {
            throw UsageError(
                "nothing to run: name a sweep file, --tasks FILE, or --param NAME=VALUES and a "
                    + "command after --"
            )
        }
        if tasks != nil, !param.isEmpty {
            throw UsageError("give either --tasks or --param, not both")
        }
        return try Sweep(parameters: param, tasks: tasks, command: command, name: changes.name)
    }
}

/// Changes to a sweep file.
struct SweepChanges: ParsableArguments {
    @Option(help: ArgumentHelp("The name of the runs of this sweep.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "A value that overrides the sweep file; nested keys have dots.",
            valueName: "key=value"
        )
    )
    var set: [String] = []

    /// All changes, as keys and values.
    var settings: [String] { self.set + (name.map { ["name=\($0)"] } ?? []) }
}
