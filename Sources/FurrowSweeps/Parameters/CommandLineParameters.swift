import FurrowSystem

/// Parameters of the command line: `lr=0.1,0.01`, `seed=0..9`, `step=0..100..10`.
package enum CommandLineParameters {
    /// Reads one parameter.
    ///
    /// - Parameter text: `NAME=VALUE,…`, where a value may be `FIRST..LAST` or `FIRST..LAST..STEP`
    ///   with both ends, as in the braces of a shell; a backslash takes a comma its meaning.
    /// - Throws: ``UsageError``.
    package static func read(_ text: String) throws -> (name: String, values: [ParameterValue]) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw UsageError("--param \(text): expected NAME=VALUE,…, for example lr=0.1,0.01")
        }
        let name = String(text[..<equals])
        guard ParameterName.isValid(name) else {
            throw UsageError(
                "--param \(text): '\(name)' is no name; use letters, digits, '_', '-' and '.'"
            )
        }
        let words = split(text[text.index(after: equals)...])
        return (name, try words.flatMap { try range($0) ?? [ParameterValue(plain: $0)] })
    }

    private static func split(_ text: Substring) -> [String] {
        var words = [""]
        var isEscaped = false
        for character in text {
            if isEscaped {
                if character != ",", character != "\\" { words[words.count - 1] += "\\" }
                words[words.count - 1].append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," {
                words.append("")
            } else {
                words[words.count - 1].append(character)
            }
        }
        if isEscaped { words[words.count - 1] += "\\" }
        return words
    }

    /// The numbers of `first..last` or `first..last..step`; `nil` for anything else.
    private static func range(_ word: String) throws -> [ParameterValue]? {
        guard let match = word.wholeMatch(of: /(-?[0-9]+)\.\.(-?[0-9]+)(?:\.\.(-?[0-9]+))?/) else {
            return nil
        }
        guard let first = Int(match.1), let last = Int(match.2),
            let size = match.3.map({ Int($0) }) ?? 1, size != 0, abs(last - first) < 10_000_000
        else { throw UsageError("--param: the range '\(word)' is too long or its step is 0") }
        // As in the braces of a shell the direction is that from first to last, and zeros in
        // front of one end mean that all are as wide.
        let step = first <= last ? abs(size) : -abs(size)
        let isPadded = [match.1, match.2].contains { end in
            let digits = end.drop { $0 == "-" }
            return digits.count > 1 && digits.first == "0"
        }
        let width = isPadded ? max(match.1.count, match.2.count) : 0
        return stride(from: first, through: last, by: step).map { number in
            let digits = "\(abs(number))"
            let sign = number < 0 ? "-" : ""
            let zeros = max(0, width - digits.count - sign.count)
            let text = sign + String(repeating: "0", count: zeros) + digits
            return ParameterValue(Array(text.utf8), .integer)
        }
    }
}
