import Foundation
import FurrowRuns
import FurrowSweeps
import FurrowSystem

/// Finds metrics in what a command wrote.
struct MetricExtraction: Sendable {
    struct Found: Sendable {
        var values: [JSON.Member] = []
        var missing: [String] = []
        var missingRequired: [String] = []

        func has(_ name: String) -> Bool { values.contains { $0.name == name } }
    }

    private struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    private enum Source: Sendable {
        case pattern(NSRegularExpression)
        case lastLine([Substring])
    }

    private let rules: [(rule: MetricRule, source: Source)]

    init(_ rules: [MetricRule]) throws {
        self.rules = try rules.map { rule in
            switch rule.source {
            case .pattern(let text): (rule, .pattern(try NSRegularExpression(pattern: text)))
            case .lastLine(let key): (rule, .lastLine(key.split(separator: ".")))
            }
        }
    }

    /// - Parameters:
    ///   - output: the command's standard output.
    ///   - result: the content of `FURROW_RESULT`.
    func find(in output: CapturedStream, result: [UInt8]?) throws -> Found {
        var found = Found()
        if let result { found.values = try Self.metrics(of: result) }
        let open = rules.filter { !found.has($0.rule.name) }
        if !open.isEmpty { try search(output, for: open, &found) }
        for (rule, _) in rules where !found.has(rule.name) {
            if rule.isRequired {
                found.missingRequired.append(rule.name)
            } else {
                found.missing.append(rule.name)
            }
        }
        return found
    }

    /// An object's numbers and texts, those of objects in it under names with dots; of several of
    /// one name the last.
    private static func metrics(of result: [UInt8]) throws -> [JSON.Member] {
        let text = result.dropFirst(TextEncoding.markLength(of: result))
        // A file that was opened and not written to holds no metric.
        if text.allSatisfy({ [9, 10, 13, 32].contains($0) }) { return [] }
        guard !TextEncoding.isUTF16(result) else {
            throw Unusable(description: "$FURROW_RESULT is UTF-16, not UTF-8")
        }
        let value: JSON
        do {
            value = try JSON(parsing: text, isLenient: true)
        } catch {
            let beginning = String(decoding: text.prefix(40), as: UTF8.self).withoutControls
            throw Unusable(description: "$FURROW_RESULT holds no JSON: '\(beginning)'")
        }
        guard case .object = value else {
            throw Unusable(description: "$FURROW_RESULT holds no JSON object")
        }
        var places: [String: Int] = [:]
        var metrics: [JSON.Member] = []
        for member in value.flattened() where member.value != .object([]) {
            if let place = places[member.name] {
                metrics[place] = member
            } else {
                places[member.name] = metrics.count
                metrics.append(member)
            }
        }
        return metrics
    }

    /// The last match counts, so lines are searched from the end, only as far as necessary.
    private func search(
        _ output: CapturedStream,
        for rules: [(rule: MetricRule, source: Source)],
        _ found: inout Found
    ) throws(RunFault) {
        var open = rules
        var isLast = true
        var lines = try LinesFromEnd(output)
        while let line = try lines.next() {
            let text = String(decoding: line, as: UTF8.self)
            open.removeAll { rule, source in
                let value: JSON?
                switch source {
                case .pattern(let expression): value = Self.match(expression, text)
                case .lastLine(let path): value = isLast ? Self.member(path, of: text) : nil
                }
                guard let value else { return false }
                found.values.append(JSON.Member(rule.name, value))
                return true
            }
            isLast = false
            let needsMore = open.contains {
                if case .pattern = $0.source { true } else { false }
            }
            if !needsMore { return }
        }
    }

    private static func match(_ expression: NSRegularExpression, _ line: String) -> JSON? {
        let whole = NSRange(line.startIndex..., in: line)
        guard let match = expression.matches(in: line, range: whole).last,
            let range = Range(match.range(at: 1), in: line)
        else { return nil }
        let text = String(line[range])
        guard let number = Double(text) else { return .text(text) }
        // What is no number of JSON, such as `+1` and `.5`, in digits that are.
        return JSON(number: text) ?? Int(text).map { .number("\($0)") } ?? JSON(number)
    }

    /// A member of the object in a line: of what a terminal shows of it, where a progress bar was
    /// written over.
    private static func member(_ path: [Substring], of line: String) -> JSON? {
        let shown = line.utf8.split(separator: UInt8(ascii: "\r")).last ?? line.utf8[...]
        let text = shown.dropFirst(TextEncoding.markLength(of: shown))
        var value = try? JSON(parsing: text, isLenient: true)
        for key in path { value = value?[String(key)] }
        return value
    }
}

/// The lines of a command's output, the last first, without blank ones.
///
/// A line of spaces and carriage returns is blank too.
private struct LinesFromEnd {
    private static let piece = 65_536
    /// A longer line has no metric, and is read in pieces.
    private static let longest = 1 << 20

    private let stream: CapturedStream
    private var offset: Int
    private var buffer: [UInt8] = []
    /// From here on, no line ends in the buffer.
    private var searched = 0

    init(_ stream: CapturedStream) throws(RunFault) {
        self.stream = stream
        offset = try stream.size()
    }

    mutating func next() throws(RunFault) -> [UInt8]? {
        while true {
            if let end = buffer[..<searched].lastIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[(end + 1)...])
                buffer.removeSubrange(end...)
                searched = end
                if !Self.isBlank(line) { return line }
            } else if offset > 0, buffer.count < Self.longest {
                let start = max(0, offset - Self.piece)
                let piece = try stream.read(at: start, most: offset - start)
                buffer = piece + buffer
                (offset, searched) = (start, piece.count)
            } else {
                defer { (buffer, searched) = ([], 0) }
                return Self.isBlank(buffer) ? nil : buffer
            }
        }
    }

    private static func isBlank(_ line: [UInt8]) -> Bool {
        line.allSatisfy { [9, 13, 32].contains($0) }
    }
}
