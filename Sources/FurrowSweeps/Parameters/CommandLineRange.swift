import FurrowConfiguration
import FurrowSystem

/// `first..last` or `first..last..step` on the command line.
struct CommandLineRange {
    /// How many digits after the decimal point the numbers have; they are in units of the last.
    private let digits: Int
    private let start: Int
    /// The end, not included.
    private let stop: Int
    private let step: Int
    private let width: Int

    /// - Returns: `nil` for any other word.
    init?(_ word: String) throws(UsageError) {
        guard let ends = Self.numbers(in: word) else { return nil }
        let texts = ends.count == 3 ? ends : ends + ["1"]
        guard let (digits, numbers) = NumberAxis.fixed(texts),
            let length = Int(exactly: numbers[2].magnitude)
        else {
            throw UsageError(
                "--param: the numbers of '\(word)' must fit into 64 bits, or have at most 15 digits "
                    + "after the point"
            )
        }
        guard length > 0 else {
            throw UsageError("--param: the step of '\(word)' must not be 0")
        }
        guard digits == 0 || ends.count == 3 else {
            throw UsageError("--param: '\(word)' needs a step, for example \(word)..0.1")
        }
        // As in a shell's braces, the direction is from first to last, and leading zeros in one end
        // make all numbers equally wide.
        let (first, last) = (numbers[0], numbers[1])
        let (stop, overflow) = last.addingReportingOverflow(first <= last ? 1 : -1)
        guard !overflow else {
            throw UsageError("--param: '\(word)' must end before the largest number of 64 bits")
        }
        let isPadded = texts[..<2].contains { end in
            let digits = end.drop { $0 == "-" }
            return digits.count > 1 && digits.first == "0"
        }
        self.digits = digits
        start = first
        self.stop = stop
        step = first <= last ? length : -length
        width = isPadded && digits == 0 ? max(texts[0].count, texts[1].count) : 0
    }

    /// The first, the last and, if there is one, the step of a word that has the form of a range.
    private static func numbers(in word: String) -> [String]? {
        // Most words are none, and a list may have very many.
        guard let first = word.utf8.first, first < UInt8(ascii: ":") else { return nil }
        let parts = word.split(separator: "..", omittingEmptySubsequences: false)
        let number = /-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/
        guard 2...3 ~= parts.count, parts.allSatisfy({ $0.wholeMatch(of: number) != nil }) else {
            return nil
        }
        return parts.map { String($0) }
    }

    /// How many numbers there are; `nil` for more than can be counted.
    var count: Int? { NumberAxis.count(from: start, to: stop, by: step) }

    /// The first numbers, as a range of a sweep file has them.
    func numbers(_ count: Int) -> [ConfigurationScalar] {
        (0..<count).map {
            let number = start &+ $0 &* step
            let value =
                digits == 0
                ? ParameterValue.integer(number, width: width)
                : ParameterValue.decimal(number, digits: digits)
            return ConfigurationScalar(plain: value.text)
        }
    }

    /// How a word that has the form of a range is written in a sweep file.
    ///
    /// - Returns: `nil` for any other word.
    static func form(inFileOf word: String) -> String? {
        guard numbers(in: word) != nil else { return nil }
        let unknown = ["start", "stop", "step"].map { ($0, "…") }
        let settings = (try? CommandLineRange(word))??.settings ?? unknown
        let words = settings.filter { $0 != ("step", "1") }.map { "\($0): \($1)" }
        return "{range: {\(words.joined(separator: ", "))}}"
    }

    private var settings: [(String, String)] {
        [("start", text(start)), ("stop", text(stop)), ("step", text(step))]
            + (width > 0 ? [("width", "\(width)")] : [])
    }

    /// The same as `range` in a sweep file.
    var value: ConfigurationValue {
        CommandLineParameters.mapping(
            settings.map { key, text in
                let scalar = ConfigurationScalar(plain: text)
                return (key, ConfigurationValue(.scalar(scalar), at: .commandLine))
            }
        )
    }

    /// A number with all its digits.
    private func text(_ number: Int) -> String {
        guard digits > 0 else { return "\(number)" }
        let text = "\(number.magnitude)"
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return (number < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
    }
}
