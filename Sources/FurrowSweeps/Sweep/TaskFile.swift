import FurrowSystem

/// A file with one task per line. Lines with a `#` comment and blank lines are skipped; a line
/// given twice runs twice. disBatch's directives PREFIX, SUFFIX and REPEAT are supported.
struct TaskFile {
    /// The tasks, byte for byte.
    let tasks: [ParameterValue]

    /// - Throws: ``InputError`` for any other directive, and for a text that has no line feeds.
    init(_ bytes: [UInt8], file: String) throws {
        if let problem = TextLines.problem(of: bytes) { throw InputError("\(file): \(problem)") }
        var tasks: [ParameterValue] = []
        var (prefix, suffix): ([UInt8], [UInt8]) = ([], [])
        for (number, line) in TextLines.Numbered(bytes) {
            guard !line.contains(0) else {
                throw InputError(
                    "\(file):\(number): contains a NUL byte: it is not text (UTF-8); a list of find "
                        + "-print0 needs --null; convert text in another encoding with iconv"
                )
            }
            guard let text = Self.directive(line) else {
                if line.first(where: { $0 != 0x20 && $0 != 0x09 }) != UInt8(ascii: "#") {
                    tasks.append(ParameterValue(prefix + line + suffix))
                }
                continue
            }
            let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            let rest = words.count > 1 ? String(words[1]) : ""
            switch words.first {
            case "PREFIX": prefix = Self.bytes(rest)
            case "SUFFIX": suffix = Self.bytes(rest)
            case "REPEAT":
                tasks += try Self.repeated(rest, prefix, suffix, "\(file):\(number)")
            default:
                throw InputError(
                    "\(file):\(number): '#DISBATCH \(text)' is not supported; for a barrier "
                        + "write a sweep file with stages; otherwise remove this line"
                )
            }
        }
        self.tasks = tasks
    }

    /// A directive's text, one character per byte, because a task need not be UTF-8.
    private static func directive(_ line: [UInt8]) -> String? {
        let mark = Array("#DISBATCH ".utf8)
        guard line.starts(with: mark) else { return nil }
        return String(
            String.UnicodeScalarView(line.dropFirst(mark.count).map { Unicode.Scalar($0) })
        )
    }

    private static func bytes(_ text: some StringProtocol) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    /// `N [start S] [step T] command`: the command N times, with `DISBATCH_REPEAT_INDEX` = S, S +
    /// T, …
    private static func repeated(
        _ text: String,
        _ prefix: [UInt8],
        _ suffix: [UInt8],
        _ place: String
    ) throws -> [ParameterValue] {
        // Every character is a byte here, so a dot must match all of them.
        let form = /\s*([0-9]+)(?:\s+start\s+(-?[0-9]+))?(?:\s+step\s+(-?[0-9]+))?(?:\s+(.*))?/
        guard let match = text.wholeMatch(of: form.dotMatchesNewlines()), let count = Int(match.1),
            count <= 10_000_000
        else {
            throw InputError("\(place): must be '#DISBATCH REPEAT N [start S] [step T] command'")
        }
        guard let start = match.2.map({ Int($0) }) ?? 0, let step = match.3.map({ Int($0) }) ?? 1,
            case (let distance, let isTooFar) = step.multipliedReportingOverflow(
                by: max(count - 1, 0)
            ),
            !isTooFar, !start.addingReportingOverflow(distance).overflow
        else {
            throw InputError(
                "\(place): the numbers of REPEAT, the last one too, must fit into 64 bits"
            )
        }
        return (0..<count).map { turn in
            let setting = "DISBATCH_REPEAT_INDEX=\(start + turn * step); "
            return ParameterValue(
                Array("\(setting)export DISBATCH_REPEAT_INDEX; ".utf8) + prefix
                    + bytes(match.4 ?? "") + suffix
            )
        }
    }
}
