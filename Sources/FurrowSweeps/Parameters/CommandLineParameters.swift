import FurrowConfiguration
import FurrowSystem

/// Turns parameters of the command line, `lr=0.1,0.01`, `seed=0..9`, `step=0..100..10`, into the
/// form of a sweep file. A range is not written out, however long it is.
enum CommandLineParameters {
    /// Reads all parameters.
    ///
    /// - Parameter texts: each is `NAME=VALUE,…`, where a value may be `FIRST..LAST` or
    ///   `FIRST..LAST..STEP` with both ends, as in the braces of a shell; a backslash escapes a
    ///   comma.
    /// - Returns: a mapping for the key `parameters`.
    /// - Throws: ``Furrow/UsageError``.
    static func read(_ texts: [String]) throws(UsageError) -> ConfigurationValue {
        var entries: [ConfigurationValue.Entry] = []
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw UsageError("--param \(text): must be NAME=VALUE,…, for example lr=0.1,0.01")
            }
            let name = String(text[..<equals])
            guard ParameterName.isValid(name) else {
                throw UsageError(
                    "--param \(text): '\(name)' must be a name of letters, digits, '_', '-' and '.'"
                )
            }
            guard name != "zip" else {
                throw UsageError(
                    "--param \(text): 'zip' is a key of sweep files; choose another name"
                )
            }
            guard !entries.contains(where: { $0.key == name }) else {
                throw UsageError("--param \(name)=… is given twice; list all values in one --param")
            }
            let values = try values(split(text[text.index(after: equals)...]), name)
            entries.append(.init(key: name, keyPosition: .commandLine, value: values))
        }
        return ConfigurationValue(.mapping(entries), at: .commandLine)
    }

    private static func split(_ text: Substring) -> [String] {
        var words = [""]
        var isEscaped = false
        // Scalar by scalar: a comma with an accent on it is one `Character`, and still a comma.
        for character in text.unicodeScalars {
            if isEscaped {
                if character != ",", character != "\\" { words[words.count - 1] += "\\" }
                words[words.count - 1].unicodeScalars.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," {
                words.append("")
            } else {
                words[words.count - 1].unicodeScalars.append(character)
            }
        }
        if isEscaped { words[words.count - 1] += "\\" }
        return words
    }

    private static func values(
        _ words: [String],
        _ name: String
    ) throws(UsageError) -> ConfigurationValue {
        if words.count == 1, let range = try CommandLineRange(words[0]) {
            return mapping([("range", range.value)])
        }
        var values: [ConfigurationScalar] = []
        for word in words {
            guard let range = try CommandLineRange(word) else {
                values.append(
                    word.isEmpty
                        ? ConfigurationScalar(quoted: "") : ConfigurationScalar(plain: word)
                )
                continue
            }
            guard let count = range.count,
                count <= Configuration.maximumValueCount - values.count
            else {
                throw UsageError(
                    "--param \(name)=…: a list with a range such as '\(word)' in it must have at "
                        + "most \(Configuration.maximumValueCount) values; a range alone may be longer"
                )
            }
            values += range.numbers(count)
        }
        let elements = values.map { ConfigurationValue(.scalar($0), at: .commandLine) }
        return mapping([("grid", ConfigurationValue(.sequence(elements), at: .commandLine))])
    }

    /// A mapping given on the command line.
    static func mapping(_ entries: [(String, ConfigurationValue)]) -> ConfigurationValue {
        ConfigurationValue(
            .mapping(entries.map { .init(key: $0, keyPosition: .commandLine, value: $1) }),
            at: .commandLine
        )
    }
}

extension ConfigurationPosition {
    /// The position of everything that is in no file.
    static let commandLine = ConfigurationPosition(line: 1, column: 1)
}

/// `first..last` or `first..last..step`.
private struct CommandLineRange {
    private let start: Int
    /// The end, not included.
    private let stop: Int
    private let step: Int
    private let width: Int

    /// - Returns: `nil` for any other word.
    init?(_ word: String) throws(UsageError) {
        guard let match = word.wholeMatch(of: /(-?[0-9]+)\.\.(-?[0-9]+)(?:\.\.(-?[0-9]+))?/) else {
            return nil
        }
        guard let first = Int(match.1), let last = Int(match.2),
            let size = match.3.map({ Int($0) }) ?? 1, let length = Int(exactly: size.magnitude)
        else {
            throw UsageError("--param: the numbers of '\(word)' must fit into 64 bits")
        }
        guard length > 0 else {
            throw UsageError("--param: the step of '\(word)' must not be 0")
        }
        // As in a shell's braces, the direction is from first to last, and leading zeros in one end
        // make all numbers equally wide.
        let (stop, overflow) = last.addingReportingOverflow(first <= last ? 1 : -1)
        guard !overflow else {
            throw UsageError("--param: '\(word)' must end before the largest number of 64 bits")
        }
        let isPadded = [match.1, match.2].contains { end in
            let digits = end.drop { $0 == "-" }
            return digits.count > 1 && digits.first == "0"
        }
        start = first
        self.stop = stop
        step = first <= last ? length : -length
        width = isPadded ? max(match.1.count, match.2.count) : 0
    }

    /// How many numbers there are; `nil` for more than can be counted.
    var count: Int? { NumberAxis.count(from: start, to: stop, by: step) }

    func numbers(_ count: Int) -> [ConfigurationScalar] {
        (0..<count).map {
            let value = ParameterValue.integer(start &+ $0 &* step, width: width)
            return ConfigurationScalar(plain: value.text)
        }
    }

    /// The same as `range` in a sweep file.
    var value: ConfigurationValue {
        let settings = [("start", start), ("stop", stop), ("step", step), ("width", width)]
        return CommandLineParameters.mapping(
            settings.filter { $0.0 != "width" || $0.1 > 0 }.map { key, number in
                let scalar = ConfigurationScalar(plain: "\(number)")
                return (key, ConfigurationValue(.scalar(scalar), at: .commandLine))
            }
        )
    }
}
