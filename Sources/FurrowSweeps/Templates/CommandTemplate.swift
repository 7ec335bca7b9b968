/// A command with places for a job's values.
package enum CommandTemplate: Sendable, Hashable, Codable {
    /// Executed directly; each element is an argument.
    case list([Template])
    /// Run by `/bin/sh -c`, safe from whatever its values hold.
    case shell(ShellTemplate)
    /// The job's one parameter is a line for `/bin/sh -c`, as it stands.
    case line

    /// A script with its places found.
    package struct ShellTemplate: Sendable, Hashable, Codable {
        let template: Template
        let script: ShellScript

        /// - Parameter text: the script.
        /// - Throws: ``TemplateError`` for a place in which a shell knows no quotes.
        package init(_ text: String) throws(TemplateError) {
            template = Template(text, leavesShellVariables: true)
            script = try ShellScript(template)
        }
    }

    var templates: [Template] {
        switch self {
        case .list(let templates): templates
        case .shell(let shell): [shell.template]
        case .line: []
        }
    }

    /// What to execute.
    package func arguments(_ context: CommandContext) -> [[UInt8]] {
        switch self {
        case .list(let templates): templates.map { $0.render(context) }
        case .shell(let shell): Self.shell(shell.script.text)
        case .line: Self.shell(Self.line(context))
        }
    }

    /// The environment that goes with the arguments, as `NAME=value`.
    package func environment(_ context: CommandContext) -> [[UInt8]] {
        if case .shell(let shell) = self { shell.script.environment(context) } else { [] }
    }

    /// The command as one would type it.
    package func commandLine(_ context: CommandContext) -> [UInt8] {
        switch self {
        case .list(let templates):
            Array(
                templates.map { ShellQuoting.quoted($0.render(context)) }
                    .joined(separator: [UInt8(ascii: " ")])
            )
        case .shell(let shell): shell.script.line(context)
        case .line: Self.line(context)
        }
    }

    private static func line(_ context: CommandContext) -> [UInt8] {
        context.parameters.all.first?.value.bytes ?? []
    }

    private static func shell(_ script: [UInt8]) -> [[UInt8]] {
        [Array("/bin/sh".utf8), Array("-c".utf8), script]
    }
}
