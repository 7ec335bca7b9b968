import FurrowSystem

/// A shell script with placeholders. Values cannot change the script.
///
/// A value never becomes part of the script. It is passed in an environment variable, and the
/// script refers to that variable, in quotes that fit those around the placeholder. A shell does
/// not parse the value of a variable in double quotes again.
struct ShellScript: Sendable, Hashable, Codable {
    /// The variables: `FURROW_VALUE_1`, …
    private static let prefix = "FURROW_VALUE_"

    /// The script, with variables in place of the placeholders.
    let text: [UInt8]
    /// The placeholders, one per variable, in order.
    let placeholders: [Template.Placeholder]
    /// For ``line(_:)``: the literal pieces, and how to quote the values between them.
    private let pieces: [[UInt8]]
    private let states: [QuoteState]

    /// - Throws: ``TemplateError`` for a placeholder where a shell has no quoting.
    init(_ template: Template) throws(TemplateError) {
        var text: [UInt8] = []
        var placeholders: [Template.Placeholder] = []
        var pieces: [[UInt8]] = [[]]
        var states: [QuoteState] = []
        var reader = ShellReader()
        for segment in template.segments {
            switch segment {
            case .literal(let bytes):
                for byte in bytes { reader.read(byte) }
                text += bytes
                pieces[pieces.count - 1] += bytes
            case .placeholder(let placeholder):
                if let error = reader.refusal { throw error }
                placeholders.append(placeholder)
                states.append(reader.state)
                pieces.append([])
                reader.read(UInt8(ascii: "x"))
                let variable = "${\(Self.prefix)\(placeholders.count)}"
                text += Array(reader.state.quotes(variable).utf8)
            }
        }
        if !placeholders.isEmpty, !reader.isClosed {
            throw TemplateError(problem: "a quote or $( is not closed", remedy: "close it")
        }
        self.text = text
        self.placeholders = placeholders
        self.pieces = pieces
        self.states = states
    }

    /// The variables for one job, as `NAME=value`.
    func environment(_ context: CommandContext) -> [[UInt8]] {
        placeholders.enumerated().map { number, placeholder in
            Array("\(Self.prefix)\(number + 1)=".utf8) + placeholder.value(context)
        }
    }

    /// The script with its values, to read and to paste.
    func line(_ context: CommandContext) -> [UInt8] {
        var line = pieces[0]
        for (number, placeholder) in placeholders.enumerated() {
            let quoted = ShellQuoting.quoted(placeholder.value(context))
            line += states[number].quotes(quoted)
            line += pieces[number + 1]
        }
        return line
    }
}

/// The shell quotes around a placeholder.
enum QuoteState: UInt8, Sendable, Hashable, Codable {
    case bare, single, double, comment

    /// A quoted variable, inside these quotes.
    func quotes(_ variable: String) -> String {
        switch self {
        case .bare, .comment: "\"\(variable)\""
        case .double: variable
        case .single: "'\"\(variable)\"'"
        }
    }

    /// A value in single quotes, inside these quotes.
    func quotes(_ value: [UInt8]) -> [UInt8] {
        switch self {
        case .bare: value
        // A comment has no quotes, and ends with its line.
        case .comment: value.filter { $0 != UInt8(ascii: "\n") }
        case .double: [UInt8(ascii: "\"")] + value + [UInt8(ascii: "\"")]
        case .single: [UInt8(ascii: "'")] + value + [UInt8(ascii: "'")]
        }
    }
}
