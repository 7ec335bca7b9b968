import FurrowConfiguration
import FurrowSystem

/// Turns parameters of the command line, `lr=0.1,0.01`, `seed=0..9`, `step=0..100..10`, into the
/// form of a sweep file. A range is not written out, however long it is.
enum CommandLineParameters {
    /// Reads all parameters.
    ///
    /// - Parameter texts: each is `NAME=VALUE,…`, where a value may be `FIRST..LAST` or
    ///   `FIRST..LAST..STEP` with both ends, as in the braces of a shell, also of decimal fractions;
    ///   a backslash escapes a comma.
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
            let values = try values(CommaList.words(of: text[text.index(after: equals)...]), name)
            entries.append(.init(key: name, keyPosition: .commandLine, value: values))
        }
        return ConfigurationValue(.mapping(entries), at: .commandLine)
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
