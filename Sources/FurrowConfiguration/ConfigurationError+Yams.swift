import Yams

extension ConfigurationPosition {
    /// A position given by Yams.
    init(_ mark: Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}

extension ConfigurationError {
    /// Translates an error of Yams.
    ///
    /// - Parameters:
    ///   - error: What Yams threw.
    ///   - file: The name to use in messages.
    ///   - text: The text that was parsed.
    init(_ error: any Error, file: String, text: String) {
        guard let error = error as? YamlError else {
            self.init(file: file, problem: "not valid YAML: \(error)")
            return
        }
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            self.init(context: context, problem: problem, mark: mark, file: file, text: text)
        case .reader(let problem, let offset, _, _):
            let position = offset.map { Self.position(ofCharacter: $0, in: text) }
            self.init(
                file: file,
                line: position?.line,
                column: position?.column,
                problem: "not valid YAML: \(problem)",
                remedy: "remove the character or write it as an escape in double quotes"
            )
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.first ?? ""
            let first = ConfigurationPosition(context.mark)
            if let line = Self.secondLine(of: key, first: first, in: text) {
                let second = ConfigurationPosition(line: line, column: first.column)
                self = .duplicate(key: key, at: second, first: first, file: file)
            } else {
                self.init(
                    file: file,
                    position: first,
                    problem: "the key '\(key)' appears more than once in its mapping",
                    remedy: "keep one of them"
                )
            }
        default:
            self.init(file: file, problem: "not valid YAML: \(error)")
        }
    }

    /// The error for a key that appears twice in a mapping.
    static func duplicate(
        key: String,
        at second: ConfigurationPosition,
        first: ConfigurationPosition,
        file: String
    ) -> Self {
        ConfigurationError(
            file: file,
            position: second,
            problem: "the key '\(key)' appears more than once in its mapping",
            remedy: "it is also at \(first.line):\(first.column); keep one of them"
        )
    }

    /// The error for a document that is nested too deep.
    static func tooDeep(at position: ConfigurationPosition, file: String) -> Self {
        ConfigurationError(
            file: file,
            position: position,
            problem: "the configuration is nested more than \(Configuration.maximumDepth) deep"
        )
    }

    private init(
        context: YamlError.Context?,
        problem: String,
        mark: Mark,
        file: String,
        text: String
    ) {
        let position = ConfigurationPosition(mark)
        if problem == "but found another document" {
            self.init(
                file: file,
                position: position,
                problem: "a second document begins here",
                remedy: "write one document per file"
            )
            return
        }
        if problem.hasPrefix("Maximum nesting level reached") {
            self = .tooDeep(at: position, file: file)
            return
        }
        var explanation = "not valid YAML: \(problem)"
        if let context {
            explanation += " \(context.text)"
            let start = ConfigurationPosition(context.mark)
            if start != position { explanation += " that begins at \(start.line):\(start.column)" }
        }
        self.init(
            file: file,
            position: position,
            problem: explanation,
            remedy: Self.remedy(for: problem, Self.scalar(at: position, in: text))
        )
    }

    /// What to do about YAML's traps.
    ///
    /// - Parameter scalar: what stands at the place of the problem.
    private static func remedy(for problem: String, _ scalar: Unicode.Scalar?) -> String? {
        if problem.contains("cannot start any token") {
            return scalar == "\t"
                ? "indent with spaces instead of tabs" : "write the text in quotes"
        }
        if problem.contains("mapping values are not allowed") {
            return "write a text with ': ' in it in quotes"
        }
        if problem.contains("undefined alias") {
            return "write a text that begins with '*' in quotes"
        }
        if problem.contains("while scanning a tag") || problem.contains("whitespace or line break")
        {
            return "write a text that begins with '!' in quotes"
        }
        if problem.contains("did not find expected ',' or") || problem.contains("expected key") {
            return "close what was opened; a text that begins with '{' or '[' needs quotes"
        }
        return nil
    }

    private static func scalar(at position: ConfigurationPosition, in text: String)
        -> Unicode.Scalar?
    {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard position.line <= lines.count else { return nil }
        return lines[position.line - 1].unicodeScalars.dropFirst(position.column - 1).first
    }

    private static func position(ofCharacter offset: Int, in text: String) -> ConfigurationPosition
    {
        var (line, column) = (1, 1)
        for character in text.prefix(offset) {
            if character.isNewline {
                (line, column) = (line + 1, 1)
            } else {
                column += character.unicodeScalars.count
            }
        }
        return ConfigurationPosition(line: line, column: column)
    }

    /// The line on which a key of a block mapping appears a second time: a later line with the same
    /// indentation, before any with less. Yams reports the first position only.
    private static func secondLine(of key: String, first: ConfigurationPosition, in text: String)
        -> Int?
    {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        let indentation = first.column - 1
        for (index, line) in lines.enumerated().dropFirst(first.line) {
            let content = line.drop { $0 == " " }
            if content.isEmpty || content.hasPrefix("#") { continue }
            let spaces = line.count - content.count
            if spaces < indentation { return nil }
            guard spaces == indentation else { continue }
            for written in [key, "\"\(key)\"", "'\(key)'"] where content.hasPrefix(written) {
                let rest = content.dropFirst(written.count).drop { $0 == " " }
                if rest.hasPrefix(":") { return index + 1 }
            }
        }
        return nil
    }
}
