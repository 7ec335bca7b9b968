import FurrowSystem

/// A command with placeholders for a job's values.
package enum CommandTemplate: Sendable, Hashable, Codable {
    /// Executed directly; each element is an argument.
    case list([Template])
    /// Run by `/bin/sh -c`; values cannot inject shell code.
    case shell(ShellTemplate)
    /// The job's only parameter is a line for `/bin/sh -c`, used unchanged.
    case line

    /// A script with its placeholders.
    package struct ShellTemplate: Sendable, Hashable, Codable {
        let template: Template
        let script: ShellScript

        /// - Parameter text: the script.
        /// - Throws: ``TemplateError`` for a placeholder where a shell has no quoting.
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

    /// The program to execute, and its arguments.
    package func arguments(_ context: CommandContext) -> [[UInt8]] {
        switch self {
        case .list(let templates): templates.map { $0.render(context) }
        case .shell(let shell): Self.shell(shell.script.text)
        case .line: Self.shell(Self.line(context))
        }
    }

    /// The environment variables used by the arguments, as `NAME=value`.
    package func environment(_ context: CommandContext) -> [[UInt8]] {
        if case .shell(let shell) = self { shell.script.environment(context) } else { [] }
    }

    /// The command, ready for a shell.
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
