import FurrowSystem

/// A command with placeholders for a job's values.
package enum CommandTemplate: Sendable, Hashable, Codable {
    /// Executed directly; each element is an argument, or several that are left out together.
    case list([[Template]])
    /// Run by a shell; values cannot inject shell code.
    case shell(ShellTemplate, Shell = .standard)
    /// The job's only parameter is a line for a shell, used unchanged.
    case line(Shell = .standard)

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
        case .list(let arguments): arguments.flatMap(\.self)
        case .shell(let script, _): [script.template]
        case .line: []
        }
    }

    /// The program to execute, and its arguments.
    package func arguments(_ context: CommandContext) -> [[UInt8]] {
        switch self {
        case .list(let arguments): Self.words(arguments, context)
        case .shell(let script, let shell): shell.arguments(script.script.text)
        case .line(let shell): shell.arguments(Self.line(context))
        }
    }

    /// The environment variables used by the arguments, as `NAME=value`.
    package func environment(_ context: CommandContext) -> [[UInt8]] {
        if case .shell(let script, _) = self { script.script.environment(context) } else { [] }
    }

    /// The command, ready for a shell.
    package func commandLine(_ context: CommandContext) -> [UInt8] {
        switch self {
        case .list(let arguments):
            Array(
                Self.words(arguments, context).map(ShellQuoting.quoted)
                    .joined(separator: [UInt8(ascii: " ")])
            )
        case .shell(let script, _): script.script.line(context)
        case .line: Self.line(context)
        }
    }

    private static func line(_ context: CommandContext) -> [UInt8] {
        context.parameters.all.first?.value.bytes ?? []
    }

    /// The arguments, without those that have an optional place without a value.
    private static func words(_ arguments: [[Template]], _ context: CommandContext) -> [[UInt8]] {
        arguments.flatMap { group in
            group.contains { $0.lacksOption(context) } ? [] : group.map { $0.render(context) }
        }
    }

    /// The script that a job's shell runs, and the shell; `nil` for a command without one.
    package func script(_ context: CommandContext) -> (shell: Shell, text: [UInt8])? {
        switch self {
        case .list: nil
        case .shell(let script, let shell): (shell, script.script.text)
        case .line(let shell): (shell, Self.line(context))
        }
    }
}
