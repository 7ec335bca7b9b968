import Foundation
import FurrowRuns
import FurrowSweeps

/// Finds metrics in what a command wrote.
struct MetricExtraction: Sendable {
    struct Found: Sendable {
        var values: [String: JSONValue] = [:]
        var missing: [String] = []
        var missingRequired: [String] = []
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
    ///   - output: what the command wrote to its standard output.
    ///   - result: what it wrote to `FURROW_RESULT`.
    func find(in output: CapturedStream, result: [UInt8]?) throws -> Found {
        var found = Found()
        if let result { found.values = try Self.metrics(of: result) }
        let open = rules.filter { found.values[$0.rule.name] == nil }
        if !open.isEmpty { search(output, for: open, &found) }
        for (rule, _) in rules where found.values[rule.name] == nil {
            if rule.isRequired {
                found.missingRequired.append(rule.name)
            } else {
                found.missing.append(rule.name)
            }
        }
        return found
    }

    /// An object's numbers and texts, those of objects in it under names with dots.
    private static func metrics(of result: [UInt8]) throws -> [String: JSONValue] {
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: Data(result))
        } catch {
            throw Unusable(description: "$FURROW_RESULT holds no JSON")
        }
        guard case .object(let members) = value else {
            throw Unusable(description: "$FURROW_RESULT holds no JSON object")
        }
        var metrics: [String: JSONValue] = [:]
        func add(_ name: String, _ value: JSONValue) {
            if case .object(let members) = value {
                for (key, value) in members { add("\(name).\(key)", value) }
            } else {
                metrics[name] = value
            }
        }
        for (key, value) in members { add(key, value) }
        return metrics
    }

    /// The last match counts, so the lines are looked at from the end, as far as need be.
    private func search(
        _ output: CapturedStream,
        for rules: [(rule: MetricRule, source: Source)],
        _ found: inout Found
    ) {
        var open = rules
        var isLast = true
        for line in LinesFromEnd(output) {
            let text = String(decoding: line, as: UTF8.self)
            open.removeAll { rule, source in
                let value: JSONValue?
                switch source {
                case .pattern(let expression): value = Self.match(expression, text)
                case .lastLine(let path): value = isLast ? Self.member(path, of: text) : nil
                }
                found.values[rule.name] = value
                return value != nil
            }
            isLast = false
            let needsMore = open.contains {
                if case .pattern = $0.source { true } else { false }
            }
            if !needsMore { return }
        }
    }

    private static func match(_ expression: NSRegularExpression, _ line: String) -> JSONValue? {
        let whole = NSRange(line.startIndex..., in: line)
        guard let match = expression.matches(in: line, range: whole).last,
            let range = Range(match.range(at: 1), in: line)
        else { return nil }
        let text = String(line[range])
        if let whole = Int(text) { return .integer(whole) }
        if let number = Double(text), number.isFinite { return .number(number) }
        return .text(text)
    }

    private static func member(_ path: [Substring], of line: String) -> JSONValue? {
        guard var value = try? JSONDecoder().decode(JSONValue.self, from: Data(line.utf8)) else {
            return nil
        }
        for key in path {
            guard case .object(let members) = value, let next = members[String(key)] else {
                return nil
            }
            value = next
        }
        return value
    }
}

/// The lines of a command's output, the last first, without blank ones.
private struct LinesFromEnd: Sequence, IteratorProtocol {
    private static let piece = 65_536
    /// What is longer is no line to look for a metric in, and is taken in pieces.
    private static let longest = 1 << 20

    private let stream: CapturedStream
    private var offset: Int
    private var buffer: [UInt8] = []

    init(_ stream: CapturedStream) {
        self.stream = stream
        offset = stream.size
    }

    mutating func next() -> [UInt8]? {
        while true {
            if let end = buffer.lastIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[(end + 1)...])
                buffer.removeSubrange(end...)
                if !line.isEmpty { return line }
            } else if offset > 0, buffer.count < Self.longest {
                let start = Swift.max(0, offset - Self.piece)
                buffer = stream.read(at: start, most: offset - start) + buffer
                offset = start
            } else {
                defer { buffer = [] }
                return buffer.isEmpty ? nil : buffer
            }
        }
    }
}
