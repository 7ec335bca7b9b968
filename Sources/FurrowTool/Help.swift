import ArgumentParser
import Furrow
import FurrowCommands

/// `furrow help`: for subcommands, as the parser has it, and for topics.
struct Help: LocalCommand {
    static let configuration = CommandConfiguration(
        commandName: "help",
        abstract: "Show help for a subcommand or a topic.",
        discussion: "Topics: sweep (the reference of sweep files), run-directory.",
        // The parser already lists a command of this name.
        shouldDisplay: false
    )

    @Argument(help: ArgumentHelp("A subcommand or a topic.", valueName: "topic"))
    var topics: [String] = []

    @Flag(help: ArgumentHelp("A topic as a page for man.", visibility: .hidden))
    var roff = false

    func run() throws {
        guard let name = topics.first else { throw CleanExit.helpRequest(Program.self) }
        if let topic = ManualTopic(rawValue: name) {
            var output = BufferedOutput()
            try output.write(roff ? topic.roff(version: Furrow.version) : topic.text(width: 80))
            return try output.flush()
        }
        // A subcommand has the name of its type.
        let commands = Program.configuration.subcommands.map {
            (name: String(describing: $0).lowercased(), type: $0)
        }
        if let command = commands.first(where: { $0.name == name }) {
            throw CleanExit.helpRequest(command.type)
        }
        let names = commands.map(\.name) + ManualTopic.allCases.map(\.rawValue)
        let valid = "valid: \(names.joined(separator: ", "))"
        let remedy = NearestName.nearest(to: name, among: names).map {
            "did you mean '\($0)'? (\(valid))"
        }
        throw UsageError("there is no help for '\(name)'; \(remedy ?? valid)")
    }
}
