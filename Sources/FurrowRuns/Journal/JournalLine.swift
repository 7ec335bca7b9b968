import FurrowSystem

/// A line of a journal: the record of an attempt, then its parameters and its result.
package struct JournalLine: Sendable {
    /// A line that is not a record.
    package struct Damaged: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// The record.
    package let record: JournalRecord
    private let bytes: [UInt8]
    /// Where the parameters and the result begin.
    private let parametersStart: Int?

    /// Reads only the record, at the front: a result may be large.
    ///
    /// - Parameter bytes: the line, without its line feed.
    /// - Throws: ``Damaged``.
    package init(_ bytes: [UInt8]) throws(Damaged) {
        self.bytes = bytes
        var fields = Fields()
        var start: Int?
        var reader = JSONReader(bytes)
        do {
            try reader.object { (name, reader) throws(JSON.SyntaxError) in
                if name == "parameters" {
                    start = reader.position
                    return false
                }
                fields.values[name] = try reader.value()
                return true
            }
        } catch {
            throw Damaged(description: "at byte \(error.offset): \(error)")
        }
        // The rest is read on request. A torn line is recognised by its missing end.
        guard Self.endsWhole(bytes, from: start ?? reader.position - 1) else {
            throw Damaged(description: "it is incomplete")
        }
        parametersStart = start
        record = try fields.record()
    }

    /// Whether all brackets in the rest of a line are closed, the last one by its last byte. A
    /// result may have megabytes, so nothing else is checked.
    ///
    /// - Parameter start: a position inside the line's object, outside of any text.
    private static func endsWhole(_ bytes: [UInt8], from start: Int) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var level = 1
            var place = start
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "{"), UInt8(ascii: "["): level += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    level -= 1
                    if level == 0 { return place == bytes.count - 1 }
                case UInt8(ascii: "\""):
                    place += 1
                    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                        place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
                    }
                default: break
                }
                place += 1
            }
            return false
        }
    }

    /// The parameters, and the result, if there is one.
    ///
    /// - Throws: ``Damaged``.
    package func content() throws(Damaged) -> (parameters: JSON, result: JSON?) {
        guard let parametersStart else { return (.null, nil) }
        var reader = JSONReader(bytes, from: parametersStart)
        do {
            let parameters = try reader.value()
            let result = try reader.nextMember(is: "result") ? try reader.value() : nil
            try reader.endObject()
            return (parameters, result)
        } catch {
            throw Damaged(description: "at byte \(error.offset): \(error)")
        }
    }

    private struct Fields {
        var values: [String: JSON] = [:]

        func record() throws(Damaged) -> JournalRecord {
            let id = try text("id")
            guard id.utf8.count == 32, let hash = UInt128(id, radix: 16) else {
                throw Damaged(description: "'id' must be 32 hexadecimal digits")
            }
            guard let state = JournalRecord.State(rawValue: try text("state")) else {
                throw Damaged(description: "'state' must be succeeded, failed or cancelled")
            }
            return JournalRecord(
                stage: try text("stage"),
                stageOccurrence: try number("stage_occurrence", in: 1...(.max)),
                id: JobIdentity(hash: hash),
                job: try required("job", try number("job", in: 1...(.max))),
                attempt: try required("attempt", try number("attempt", in: 1...(.max))),
                state: state,
                start: try time("start"),
                duration: try time("duration"),
                taskID: try number("task_id", in: 0...(.max)),
                rank: try required("rank", try number("rank", in: 0...(.max))),
                host: try text("host"),
                device: try optionalText("device"),
                message: try optionalText("message")
            )
        }

        private func required<Value>(_ name: String, _ value: Value?) throws(Damaged) -> Value {
            guard let value else { throw Damaged(description: "'\(name)' is missing") }
            return value
        }

        private func optionalText(_ name: String) throws(Damaged) -> String? {
            switch values[name] {
            case nil, .null: return nil
            case .text(let text): return text
            default: throw Damaged(description: "'\(name)' must be text")
            }
        }

        private func text(_ name: String) throws(Damaged) -> String {
            try required(name, try optionalText(name))
        }

        private func number(
            _ name: String,
            in range: ClosedRange<Int>
        ) throws(Damaged) -> Int? {
            switch values[name] {
            case nil, .null: return nil
            case .number(let digits):
                if let number = Int(digits), range ~= number { return number }
                fallthrough
            default: throw Damaged(description: "'\(name)' must be a whole number")
            }
        }

        private func time(_ name: String) throws(Damaged) -> Double {
            guard case .number(let digits) = values[name], let time = Double(digits), time >= 0,
                time.isFinite
            else { throw Damaged(description: "'\(name)' must be a time in seconds") }
            return time
        }
    }
}
