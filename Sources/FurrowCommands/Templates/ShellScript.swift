/// A shell script with places for values that cannot change it.
///
/// A value never becomes part of the script: it is handed over in an environment variable, and the
/// script names that variable, in quotes of the kind that the place is in. What a shell puts in
/// place of a variable in double quotes it does not read again.
struct ShellScript: Sendable, Hashable, Codable {
    /// The variables: `FURROW_VALUE_1`, …
    private static let prefix = "FURROW_VALUE_"

    /// The script, with variables for its places.
    let text: [UInt8]
    /// What the variables hold, the first in the first.
    let places: [Template.Place]
    /// For ``line(_:)``: the literal pieces, and how to quote what stands between them.
    private let pieces: [[UInt8]]
    private let states: [QuoteState]

    /// - Throws: ``TemplateError`` for a place in which a shell knows no quotes.
    init(_ template: Template) throws(TemplateError) {
        var text: [UInt8] = []
        var places: [Template.Place] = []
        var pieces: [[UInt8]] = [[]]
        var states: [QuoteState] = []
        var reader = ShellReader()
        for segment in template.segments {
            switch segment {
            case .literal(let bytes):
                for byte in bytes { reader.read(byte) }
                text += bytes
                pieces[pieces.count - 1] += bytes
            case .place(let place):
                if reader.hasHereDocument {
                    throw TemplateError(
                        problem: "a here-document (<<) stands in front of a parameter's place",
                        remedy: "a shell knows no quotes in it: read $FURROW_PARAMS there"
                    )
                }
                if reader.isInArithmetic {
                    throw TemplateError(
                        problem: "a parameter's place stands in $((…))",
                        remedy: "some shells run commands that a value hides there: compute with "
                            + "$(expr …)"
                    )
                }
                places.append(place)
                states.append(reader.state)
                pieces.append([])
                reader.read(UInt8(ascii: "x"))
                let variable = "${\(Self.prefix)\(places.count)}"
                text += Array(reader.state.quotes(variable).utf8)
            }
        }
        self.text = text
        self.places = places
        self.pieces = pieces
        self.states = states
    }

    /// The variables for one job, as `NAME=value`.
    func environment(_ context: CommandContext) -> [[UInt8]] {
        places.enumerated().map { number, place in
            Array("\(Self.prefix)\(number + 1)=".utf8) + place.value(context)
        }
    }

    /// The script with its values in it, for people to read and to paste.
    func line(_ context: CommandContext) -> [UInt8] {
        var line = pieces[0]
        for (number, place) in places.enumerated() {
            let quoted = ShellQuoting.quoted(place.value(context))
            line += states[number].quotes(quoted)
            line += pieces[number + 1]
        }
        return line
    }
}

/// Where in a shell's quotes a place is.
enum QuoteState: UInt8, Sendable, Hashable, Codable {
    case bare, single, double, comment

    /// A variable in quotes, in these.
    func quotes(_ variable: String) -> String {
        switch self {
        case .bare, .comment: "\"\(variable)\""
        case .double: variable
        case .single: "'\"\(variable)\"'"
        }
    }

    /// A value in single quotes, in these.
    func quotes(_ value: [UInt8]) -> [UInt8] {
        switch self {
        case .bare, .comment: value
        case .double: [UInt8(ascii: "\"")] + value + [UInt8(ascii: "\"")]
        case .single: [UInt8(ascii: "'")] + value + [UInt8(ascii: "'")]
        }
    }
}

/// Follows the quotes of a shell script.
struct ShellReader {
    /// The quotes that the next byte is in; those around a `$(…)` lie below.
    private var stack: [QuoteState] = [.bare]
    private var closers: [UInt8] = []
    private var isEscaped = false
    private var last = UInt8(ascii: "\n")
    /// Whether a `<<` stood outside of quotes.
    private(set) var hasHereDocument = false
    private var followsSubstitution = false
    /// How deep the innermost `$((` began.
    private var arithmetic: Int?

    /// Whether the next byte is in a `$((…))`.
    var isInArithmetic: Bool { arithmetic != nil }

    var state: QuoteState { stack[stack.count - 1] }

    mutating func read(_ byte: UInt8) {
        defer { last = isEscaped ? 0 : byte }
        if byte == UInt8(ascii: "("), followsSubstitution, state == .bare {
            arithmetic = arithmetic ?? closers.count
        }
        followsSubstitution =
            byte == UInt8(ascii: "(") && last == UInt8(ascii: "$") && !isEscaped
            && (state == .bare || state == .double)
        if isEscaped {
            isEscaped = false
            last = 0
            return
        }
        switch (state, byte) {
        case (.comment, UInt8(ascii: "\n")): stack[stack.count - 1] = .bare
        case (.comment, _): break
        case (.single, UInt8(ascii: "'")): stack.removeLast()
        case (.single, _): break
        case (_, UInt8(ascii: "\\")): isEscaped = true
        case (.double, UInt8(ascii: "\"")): stack.removeLast()
        case (.bare, UInt8(ascii: "\"")): stack.append(.double)
        case (.bare, UInt8(ascii: "'")): stack.append(.single)
        case (_, UInt8(ascii: "(")) where last == UInt8(ascii: "$") || state == .bare:
            enter(closing: UInt8(ascii: ")"))
        case (.bare, UInt8(ascii: ")")) where closers.last == byte: leave()
        case (.bare, UInt8(ascii: "`")) where closers.last == byte: leave()
        case (_, UInt8(ascii: "`")): enter(closing: byte)
        case (.bare, UInt8(ascii: "#")) where Self.beginsWord(after: last):
            stack[stack.count - 1] = .comment
        case (.bare, UInt8(ascii: "<")) where last == byte: hasHereDocument = true
        default: break
        }
    }

    private mutating func enter(closing closer: UInt8) {
        stack.append(.bare)
        closers.append(closer)
    }

    private mutating func leave() {
        stack.removeLast()
        closers.removeLast()
        if let depth = arithmetic, closers.count < depth { arithmetic = nil }
    }

    private static func beginsWord(after byte: UInt8) -> Bool {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: ";")]
            .contains(byte)
            || [UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "(")]
                .contains(byte)
    }
}

/// Quotes words for a shell.
enum ShellQuoting {
    /// A word as a shell reads it back to the byte; without quotes where it needs none.
    static func quoted(_ word: [UInt8]) -> [UInt8] {
        let isPlain = word.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: Array("_-./:=,@%+".utf8).contains(byte)
            }
        }
        if isPlain, !word.isEmpty { return word }
        let quote = UInt8(ascii: "'")
        var quoted = [quote]
        for byte in word {
            if byte == quote { quoted += Array(#"'\'"#.utf8) }
            quoted.append(byte)
        }
        return quoted + [quote]
    }
}
