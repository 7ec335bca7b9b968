import FurrowSystem

/// A text with placeholders for parameters.
///
/// `{name}` is a parameter, or one of ``builtIn``. `{{` and, after it, `}}` are braces, so that the
/// end of `{"a": {"b": 1}}` stays unchanged. `{d["long text"]}` is a column, and `{["long text"]}` a
/// parameter, whose name may be any text. `{name?}` is optional: an argument with such a place is
/// left out where it has no value. If there is only one parameter, the placeholders of GNU parallel
/// work too: `{}` is its value, `{.}` the value without its extension, `{/}` the file's name, `{//}`
/// its folder, `{/.}` its name without extension. `{#}` is the job's number and `{%}` the worker's,
/// from 1. A brace before anything else is a literal brace.
package struct Template: Sendable, Hashable, Codable {
    /// Names that are not parameters.
    package static let builtIn = [
        "job", "task_id", "device", "attempt", "run_dir", "previous_results",
    ]

    /// Those that have a value where no job runs.
    static let namesWithoutJob = ["task_id", "device", "run_dir"]

    /// A piece of the text.
    enum Segment: Sendable, Hashable, Codable {
        case literal([UInt8])
        case placeholder(Placeholder)
        /// A parameter that a job need not have.
        case option(Placeholder)
    }

    /// The meaning of the text between two braces.
    enum Placeholder: Sendable, Hashable, Codable {
        case name(String)
        case value(Path)
        case job
        case slot
    }

    /// Parts of a value that is a path.
    enum Path: String, Sendable, Hashable, Codable, CaseIterable {
        case whole = ""
        case withoutExtension = "."
        case file = "/"
        case folder = "//"
        case fileWithoutExtension = "/."
    }

    let segments: [Segment]

    /// - Parameters:
    ///   - text: the text.
    ///   - leavesShellVariables: whether `${NAME}` is left unchanged, for a shell.
    package init(_ text: String, leavesShellVariables: Bool = false) {
        segments = Self.segments(of: Array(text.utf8), leavesShellVariables)
    }

    init(segments: [Segment]) { self.segments = segments }

    private static func segments(of text: [UInt8], _ leavesShellVariables: Bool) -> [Segment] {
        let (open, close) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
        var segments: [Segment] = []
        var literal: [UInt8] = []
        var rest = text[...]
        var doubled = 0
        var nextClose = text.firstIndex(of: close)
        var brackets = BracketEnds(text)
        while let byte = rest.first {
            if let place = nextClose, place < rest.startIndex {
                nextClose = rest.firstIndex(of: close)
            }
            let isVariable = leavesShellVariables && literal.last == UInt8(ascii: "$")
            if byte == open, !isVariable, rest.dropFirst().first != open,
                let (segment, end) = brackets.segment(rest.dropFirst())
                    ?? nextClose.flatMap({ end in
                        segment(rest[(rest.startIndex + 1)..<end]).map { ($0, end) }
                    })
            {
                if !literal.isEmpty { segments.append(.literal(literal)) }
                literal = []
                segments.append(segment)
                rest = rest[(end + 1)...]
                continue
            }
            literal.append(byte)
            let isPair = rest.dropFirst().first == byte
            let isDoubled = isPair && (byte == open || byte == close && doubled > 0)
            if isDoubled { doubled += byte == open ? 1 : -1 }
            rest = rest.dropFirst(isDoubled ? 2 : 1)
        }
        if !literal.isEmpty { segments.append(.literal(literal)) }
        return segments
    }

    private static func segment(_ bytes: ArraySlice<UInt8>) -> Segment? {
        guard ParameterName.isPossible(bytes) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.last == "?", case .name(let name)? = placeholder(String(text.dropLast())) {
            return .option(.name(name))
        }
        return placeholder(text).map { .placeholder($0) }
    }

    private static func placeholder(_ text: String) -> Placeholder? {
        if let path = Path(rawValue: text) { return .value(path) }
        switch text {
        case "#": return .job
        case "%": return .slot
        default:
            return ParameterName.isValid(text) ? .name(text) : nil
        }
    }

    /// The names of the parameters used in it.
    ///
    /// - Parameter optional: whether to name those in optional places too.
    func names(among parameters: [String], optional: Bool = true) -> [String] {
        segments.flatMap { segment -> [String] in
            switch segment {
            case .literal, .placeholder(.job), .placeholder(.slot): []
            case .placeholder(.value): parameters
            case .placeholder(.name(let name)): [name]
            case .option(.name(let name)) where optional: [name]
            case .option: []
            }
        }
    }

    /// Whether it uses nothing of a job.
    package var isConstant: Bool {
        names(among: []).allSatisfy(Self.namesWithoutJob.contains)
            && !segments.contains(.placeholder(.job))
            && !segments.contains { segment in
                if case .placeholder(.value) = segment { true } else { false }
            }
    }

    /// Whether one of its optional places has no value in a job: no parameter, a null or no text.
    package func lacksOption(_ context: CommandContext) -> Bool {
        segments.contains { segment in
            if case .option(let placeholder) = segment {
                return placeholder.optionalValue(context).isEmpty
            }
            return false
        }
    }

    /// Checks that every placeholder has a value.
    ///
    /// - Parameter parameters: the names that every job has.
    /// - Throws: ``TemplateError``.
    package func check(_ parameters: [String]) throws(TemplateError) {
        for case .literal(let bytes) in segments {
            for name in parameters where !ParameterName.isValid(name) {
                for form in ParameterName.mistaken(name)
                where bytes.firstRange(of: Array("{\(form)}".utf8)) != nil {
                    throw TemplateError(
                        problem:
                            "'{\(form)}' is not a placeholder: a name without brackets has letters, "
                            + "digits, '_', '-' and '.', and one in brackets has double quotes",
                        remedy: "write {\(ParameterName.inBrackets(name))}"
                    )
                }
            }
        }
        for segment in segments {
            let placeholder: Placeholder
            switch segment {
            case .literal: continue
            case .placeholder(let found), .option(let found): placeholder = found
            }
            switch placeholder {
            case .job, .slot: break
            case .value(let path):
                guard parameters.count != 1 else { break }
                let names = parameters.isEmpty ? "none" : parameters.joined(separator: ", ")
                throw TemplateError(
                    problem: "'{\(path.rawValue)}' needs exactly one parameter, but there is "
                        + "\(parameters.count == 0 ? "none" : "more than one: \(names)")",
                    remedy:
                        "name it, for example {\(parameters.first ?? "name")}; {{ and }} are braces"
                )
            case .name(let name):
                let valid = parameters + Self.builtIn
                guard !valid.contains(name) else { break }
                throw TemplateError(
                    problem: "there is no parameter '\(name)'",
                    remedy: NearestName.remedy(
                        for: name,
                        among: valid,
                        note: "{{ and }} are braces"
                    )
                )
            }
        }
    }

    /// The text with its placeholders filled in.
    package func render(_ context: CommandContext) -> [UInt8] {
        segments.flatMap { segment in
            switch segment {
            case .literal(let bytes): bytes
            case .placeholder(let placeholder): placeholder.value(context)
            case .option(let placeholder): placeholder.optionalValue(context)
            }
        }
    }
}

/// The ends of placeholders with brackets, `"]}` and `"]?}`: a name in them may have braces.
private struct BracketEnds {
    private let text: [UInt8]
    /// Where the last `"]` is that was found; `nil` if there are no more.
    private var quote: Int? = 0

    init(_ text: [UInt8]) { self.text = text }

    /// The placeholder at the beginning of a text, and where its last brace is.
    ///
    /// - Parameter bytes: what follows its first brace.
    mutating func segment(_ bytes: ArraySlice<UInt8>) -> (Template.Segment, end: Int)? {
        guard let start = ParameterName.bracket(in: bytes), let quote = next(from: start) else {
            return nil
        }
        let name = Template.Placeholder.name(
            ParameterName.name(bytes[start..<quote], in: bytes[..<(start - 2)])
        )
        let rest = bytes[(quote + 2)...]
        if rest.starts(with: "}".utf8) { return (.placeholder(name), quote + 2) }
        if rest.starts(with: "?}".utf8) { return (.option(name), quote + 3) }
        return nil
    }

    /// The first `"]` at or after a place; what lies before it is looked at once.
    private mutating func next(from start: Int) -> Int? {
        guard let last = quote else { return nil }
        if last < start {
            quote = text.indices[start...].first { text[$0...].starts(with: "\"]".utf8) }
        }
        return quote
    }
}

/// A placeholder that cannot be filled in.
package struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package let problem: String
    /// What to do.
    package let remedy: String
    package var description: String { "\(problem); \(remedy)" }
}

extension Template.Placeholder {
    /// The value for this placeholder; empty for a null.
    func optionalValue(_ context: CommandContext) -> [UInt8] {
        if case .name(let name) = self, context.parameters[name]?.kind == .null { return [] }
        return value(context)
    }

    /// The value for this placeholder.
    func value(_ context: CommandContext) -> [UInt8] {
        switch self {
        case .job: return Array("\(context.job)".utf8)
        case .slot: return Array("\((context.taskID ?? 0) + 1)".utf8)
        case .value(let path): return path.part(of: context.parameters.all.first?.value.bytes ?? [])
        case .name(let name):
            if let value = context.parameters[name] { return value.bytes }
            return switch name {
            case "job": Array("\(context.job)".utf8)
            case "task_id": Array("\(context.taskID ?? 0)".utf8)
            case "device": Array(context.device.utf8)
            case "attempt": Array("\(context.attempt)".utf8)
            case "run_dir": Array(context.runDirectory.utf8)
            case "previous_results": Array(context.previousResults.utf8)
            default: []
            }
        }
    }
}

extension Template.Path {
    /// The part of a path, as in GNU parallel.
    func part(of path: [UInt8]) -> [UInt8] {
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        let file = slash.map { path[($0 + 1)...] } ?? path[...]
        // A leading dot hides a file, and does not begin an extension.
        let dot = file.dropFirst().lastIndex(of: UInt8(ascii: "."))
        switch self {
        case .whole: return path
        case .withoutExtension: return Array(path[..<(dot ?? path.endIndex)])
        case .file: return Array(file)
        case .fileWithoutExtension: return Array(file[..<(dot ?? file.endIndex)])
        case .folder:
            guard let slash else { return [UInt8(ascii: ".")] }
            return slash == 0 ? [UInt8(ascii: "/")] : Array(path[..<slash])
        }
    }
}
