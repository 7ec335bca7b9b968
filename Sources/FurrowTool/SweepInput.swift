import ArgumentParser
import Foundation
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

    @Flag(
        name: [.customShort("0"), .customLong("null")],
        help: "Tasks end in NUL bytes, as find -print0 writes them, not in lines."
    )
    var null = false

    @Option(
        help: ArgumentHelp(
            "A parameter and its values: lr=0.1,0.01. seed=0..9 includes both ends, as in the braces of "
                + "a shell (a range in a sweep file excludes its stop, as in Python); "
                + "0..100..10 has a step, 0..1..0.1 decimal fractions.",
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
            guard tasks == nil && param.isEmpty || !command.isEmpty || RunFinder.isFile(sweep)
            else {
                throw UsageError(
                    "there is no sweep file '\(sweep)'; give either one, or --tasks or --param and a "
                        + "command after --"
                )
            }
            guard tasks == nil, param.isEmpty, command.isEmpty else {
                throw UsageError(
                    "give either the sweep file \(sweep), or --tasks, --param and a command after --"
                )
            }
            return try Sweep(
                contentsOf: sweep,
                setting: changes.settings,
                overriding: try overrides()
            )
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
        if changes.shell != nil, tasks == nil, command.isEmpty {
            throw UsageError("--shell needs a script after --, or --tasks")
        }
        return try Sweep(
            parameters: param,
            tasks: tasks,
            command: command,
            name: changes.name,
            overriding: try overrides()
        )
    }

    private func overrides() throws -> StageOverrides {
        var overrides = try changes.overrides
        if null {
            guard sweep != nil || tasks != nil else {
                throw UsageError("--null needs --tasks FILE, or a sweep file with 'tasks'")
            }
            overrides.set(.nullSeparated, to: "true")
        }
        return overrides
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

    @Option(
        help: ArgumentHelp(
            "The shell of commands that are scripts: bash, 'bash -euo pipefail'. The words after -- "
                + "are then one script (default: /bin/sh).",
            valueName: "program"
        )
    )
    var shell: String?

    @Option(
        help: ArgumentHelp(
            "The jobs to run: numbers (7, 5..9, 1,4,8..20), or comparisons of parameters as in "
                + "furrow results --where.",
            valueName: "jobs"
        )
    )
    var only: String?

    @Option(
        help: ArgumentHelp(
            "Run part K of N of the jobs: 1/4; slurm takes both from SLURM's job array.",
            valueName: "k/n"
        )
    )
    var shard: String?

    @Option(
        help: ArgumentHelp(
            "The exit statuses that mean success: 0,3 (default: 0).",
            valueName: "statuses"
        )
    )
    var success: String?

    @Option(
        help: ArgumentHelp(
            "The failures worth a retry: exit statuses, 'signal', names of signals, 'timeout' "
                + "(default: all).",
            valueName: "failures"
        )
    )
    var retryOn: String?

    @Option(
        help: ArgumentHelp(
            "A script that each worker runs before its first job; see 'furrow help sweep'.",
            valueName: "script"
        )
    )
    var setup: String?

    @Option(
        help: ArgumentHelp(
            "A script that each worker runs after its last job.",
            valueName: "script"
        )
    )
    var teardown: String?

    @Option(
        help: ArgumentHelp(
            "A script that runs once on each node before its first job.",
            valueName: "script"
        )
    )
    var nodeSetup: String?

    @Option(
        help: ArgumentHelp(
            "A script that runs once on each node after its last job.",
            valueName: "script"
        )
    )
    var nodeTeardown: String?

    @Option(
        help: ArgumentHelp(
            "The time between the starts of two commands, on whatever workers: 0.1s.",
            valueName: "time"
        )
    )
    var delay: String?

    @Option(
        help: ArgumentHelp(
            "The most that a command may write to standard output and error: 1G. More ends it.",
            valueName: "size"
        )
    )
    var outputLimit: String?

    /// All changes, as keys and values.
    var settings: [String] { self.set + (name.map { ["name=\($0)"] } ?? []) }

    /// Whether there are none.
    var isEmpty: Bool {
        settings.isEmpty
            && [
                shell, only, shard, success, retryOn, setup, teardown, nodeSetup, nodeTeardown,
                delay, outputLimit,
            ].allSatisfy { $0 == nil }
    }

    func validate() throws {
        if let only {
            do {
                try JobSelection.check(only)
            } catch {
                throw ValidationError("--only: \(error)")
            }
        }
        if let shard, shard != Self.slurm, Shard(shard) == nil {
            throw ValidationError("--shard \(shard): must be \(Shard.form), for example 1/4")
        }
        if let delay, TimeSpan(argument: delay) == nil {
            throw ValidationError("--delay \(delay): must be a duration, for example 0.1s")
        }
        if let outputLimit, ByteSize(outputLimit) == nil {
            throw ValidationError("--output-limit \(outputLimit): must be \(ByteSize.form)")
        }
        for word in Self.words(success) ?? [] where ExitRules.status(word) == nil {
            throw ValidationError("--success \(word): must be \(ExitRules.statusForm)")
        }
        for word in Self.words(retryOn) ?? [] where ExitRules.Failure(word) == nil {
            throw ValidationError("--retry-on \(word): must be \(ExitRules.failureForm)")
        }
    }

    /// Stands for the part of a job array.
    private static let slurm = "slurm"

    private static func words(_ text: String?) -> [String]? {
        text?.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    }

    /// The keys that they set in every stage.
    var overrides: StageOverrides {
        get throws {
            var overrides = StageOverrides()
            overrides.set(.shell, toText: shell)
            overrides.set(.only, toText: only)
            overrides.set(.setup, toText: setup)
            overrides.set(.teardown, toText: teardown)
            overrides.set(.nodeSetup, toText: nodeSetup)
            overrides.set(.nodeTeardown, toText: nodeTeardown)
            overrides.set(.delay, toText: delay)
            overrides.set(.outputLimit, toText: outputLimit)
            overrides.set(.success, toList: Self.words(success))
            overrides.set(.retryOn, toList: Self.words(retryOn))
            if shard == Self.slurm {
                let environment = ProcessInfo.processInfo.environment
                guard let own = Shard(ofArrayIn: environment) else {
                    throw UsageError(
                        "--shard slurm needs a job array of SLURM with numbers in equal distances, "
                            + "such as sbatch --array=0-3; else write --shard 1/4"
                    )
                }
                overrides.set(.shard, toText: own.text)
            } else {
                overrides.set(.shard, toText: shard)
            }
            return overrides
        }
    }
}
