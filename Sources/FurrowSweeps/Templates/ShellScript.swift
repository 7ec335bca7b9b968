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
    /// For each of them, whether it may have no value, and what stands before it in its word: the
    /// whole word is then left out.
    private let options: [[UInt8]?]
    /// For ``line(_:)``: the literal pieces, and how to quote the values between them.
    private let pieces: [[UInt8]]
    private let states: [QuoteState]

    /// - Throws: ``TemplateError`` for a placeholder where a shell has no quoting.
    init(_ template: Template) throws(TemplateError) {
        var text: [UInt8] = []
        var placeholders: [Template.Placeholder] = []
        var pieces: [[UInt8]] = [[]]
        var states: [QuoteState] = []
        var options: [[UInt8]?] = []
        var reader = ShellReader()
        for (number, segment) in template.segments.enumerated() {
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
                options.append(nil)
                reader.read(UInt8(ascii: "x"))
                let variable = "${\(Self.prefix)\(placeholders.count)}"
                text += Array(reader.state.quotes(variable).utf8)
            case .option(let placeholder):
                if let error = reader.refusal { throw error }
                let next = template.segments.dropFirst(number + 1).first
                let word =
                    reader.state == .bare
                    ? try Self.beginning(of: placeholder, in: text, before: next) : []
                text.removeLast(word.count)
                pieces[pieces.count - 1].removeLast(word.count)
                placeholders.append(placeholder)
                states.append(reader.state)
                options.append(word)
                pieces.append([])
                let variable = "\(Self.prefix)\(placeholders.count)"
                if reader.state == .bare {
                    text += Array("${\(variable):+\"".utf8) + word + Array("${\(variable)}\"}".utf8)
                } else {
                    text += Array(reader.state.quotes("${\(variable)}").utf8)
                }
                reader.read(UInt8(ascii: "x"))
            }
        }
        if !placeholders.isEmpty, !reader.isClosed {
            throw TemplateError(problem: "a quote or $( is not closed", remedy: "close it")
        }
        self.text = text
        self.placeholders = placeholders
        self.pieces = pieces
        self.states = states
        self.options = options
    }

    /// What stands before an optional place in its word.
    ///
    /// - Throws: ``TemplateError`` where that, or what follows, is more than plain letters.
    private static func beginning(
        of place: Template.Placeholder,
        in text: [UInt8],
        before next: Template.Segment?
    ) throws(TemplateError) -> [UInt8] {
        let plain = Array("_-./:=,@%+".utf8)
        let word = text.reversed().prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: plain.contains(byte)
            }
        }.reversed()
        let ends = Array(" \t\n;&|()<>".utf8)
        let before = text.dropLast(word.count).last
        let isAlone: Bool
        switch next {
        case nil: isAlone = true
        case .literal(let bytes): isAlone = bytes.first.map(ends.contains) ?? true
        case .placeholder, .option: isAlone = false
        }
        // `X={x?} program` sets a variable, and `program x={x?}` has an argument.
        let isFirst = text.dropLast(word.count).last { $0 != 0x20 && $0 != 0x09 }
            .map { Array("\n;&|(".utf8).contains($0) }
        let isAssignment = isFirst ?? true && word.last == UInt8(ascii: "=")
        guard isAlone, !isAssignment, before.map(ends.contains) ?? true else {
            throw TemplateError(
                problem: "an optional place must be a word of its own, or the end of a plain one",
                remedy: "write a space on both sides, --option={name?}, or the command as a list"
            )
        }
        return Array(word)
    }

    /// The variables for one job, as `NAME=value`.
    func environment(_ context: CommandContext) -> [[UInt8]] {
        placeholders.enumerated().map { number, placeholder in
            Array("\(Self.prefix)\(number + 1)=".utf8)
                + (options[number] == nil
                    ? placeholder.value(context) : placeholder.optionalValue(context))
        }
    }

    /// The script with its values, to read and to paste.
    func line(_ context: CommandContext) -> [UInt8] {
        var line = pieces[0]
        for (number, placeholder) in placeholders.enumerated() {
            if let word = options[number] {
                let value = placeholder.optionalValue(context)
                if !value.isEmpty || states[number] != .bare {
                    line += states[number].quotes(ShellQuoting.quoted(word + value))
                }
            } else {
                line += states[number].quotes(ShellQuoting.quoted(placeholder.value(context)))
            }
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
