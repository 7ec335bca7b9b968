import ArgumentParser
import Furrow

/// A command that takes a sweep.
protocol SweepCommand: ParsableCommand {
    /// The arguments that define it.
    var input: SweepInput { get }
}

extension Program: AdvisingProgram {
    /// Words of other programs for what `furrow run --resume` does.
    private static let resumptions = ["retry", "rerun", "resume", "restart", "continue"]

    static func advice(on arguments: [String]) -> String? {
        guard let word = arguments.first, !word.hasPrefix("-") else { return nil }
        let commands = configuration.subcommands.map { $0._commandName }
        let rest = Array(arguments.dropFirst())
        switch word {
        case Run._commandName: return placingCommand(of: Run.self, rest)
        case Plan._commandName: return placingCommand(of: Plan.self, rest)
        case _ where commands.contains(word): return nil
        case _ where resumptions.contains(word):
            return "there is no command '\(word)'; to run what failed or did not end: furrow run "
                + "--resume RUN"
        case _ where RunFinder.isFile(word):
            return "there is no command '\(word)'; to run a sweep file: furrow run "
                + ShellQuoting.quoted(word)
        default:
            let remedy = NearestName.remedy(for: word, among: commands)
            return "there is no command '\(word)'; \(remedy)"
        }
    }

    /// Where `--` is missing: it stands before the first word that is neither an option nor the value
    /// of one.
    private static func placingCommand(
        of type: (some SweepCommand).Type,
        _ arguments: [String]
    ) -> String? {
        guard !arguments.contains("--") else { return nil }
        for place in arguments.indices.reversed() where !arguments[place].hasPrefix("-") {
            let (options, command) = (arguments[..<place], arguments[place...])
            guard let parsed = try? type.parse(options + ["--"] + command),
                parsed.input.sweep == nil
            else { continue }
            // Without parameters it is not clear that a command was meant.
            guard !parsed.input.param.isEmpty || parsed.input.tasks != nil else {
                let hasOptions = command.contains {
                    $0.hasPrefix("--param") || $0.hasPrefix("--tasks")
                }
                return hasOptions
                    ? "the command must come last, after --, for example furrow run --param n=1..3 -- "
                        + "echo {n}" : nil
            }
            let words = (options + ["--"] + command).map { ShellQuoting.quoted($0) }
            return "the command must follow --: "
                + "furrow \(type._commandName) \(words.joined(separator: " "))"
        }
        return nil
    }
}
