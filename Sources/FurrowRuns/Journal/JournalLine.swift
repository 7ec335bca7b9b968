import FurrowSystem

/// A line of a journal: the record of an attempt, then its parameters and its result, and a checksum
/// of all that.
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

    /// The member at the end of a line, up to its value.
    static let checksumName = Array(#","checksum":"#.utf8)

    /// Reads only the record, at the front: a result may be large. What follows is checked.
    ///
    /// - Parameter bytes: the line, without its line feed.
    /// - Throws: ``Damaged``.
    package init(_ bytes: [UInt8]) throws(Damaged) {
        self.bytes = bytes
        let isChecked = try Self.matchesChecksum(bytes)
        var fields = Fields()
        var start: Int?
        var reader = JSONReader(bytes)
        do {
            try reader.object { (name, reader) throws(JSON.SyntaxError) in
                if name == "parameters" {
                    start = reader.position
                    return false
                }
                fields.members.append(JSON.Member(name, try reader.value()))
                return true
            }
            if start == nil { try reader.end() }
        } catch {
            throw Damaged(description: "at byte \(error.offset): \(error)")
        }
        parametersStart = start
        record = try fields.record()
        // Version 0.1 wrote no checksums.
        if !isChecked { _ = try content() }
    }

    /// The checksum of a line without its last member.
    static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        var checksum = Checksum()
        checksum.add(bytes)
        return checksum.value
    }

    /// Compares a line with its checksum.
    ///
    /// - Returns: false for a line without one.
    /// - Throws: ``Damaged`` where the line has changed since it was written.
    private static func matchesChecksum(_ bytes: [UInt8]) throws(Damaged) -> Bool {
        guard bytes.last == UInt8(ascii: "}") else { return false }
        let digits = bytes.dropLast().suffix(20).reversed().prefix {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
        }
        let front = bytes.dropLast(digits.count + 1)
        guard front.suffix(checksumName.count).elementsEqual(checksumName) else { return false }
        let value = UInt64(String(decoding: digits.reversed(), as: UTF8.self))
        let line = front.dropLast(checksumName.count)
        guard line.withUnsafeBytes({ checksum(of: $0) }) == value else {
            throw Damaged(description: "it does not match its checksum")
        }
        return true
    }

    /// The parameters, and the result, if there is one.
    ///
    /// - Throws: ``Damaged``.
    package func content() throws(Damaged) -> (parameters: JSON, result: JSON?) {
        guard let parametersStart else { return (.null, nil) }
        var reader = JSONReader(bytes, from: parametersStart)
        do {
            let parameters = try reader.value()
            var result: JSON?
            var next = reader
            if try next.nextMember(is: "result") {
                result = try next.value()
                reader = next
            }
            next = reader
            if try next.nextMember(is: "checksum") {
                try next.skip()
                reader = next
            }
            try reader.endObject()
            return (parameters, result)
        } catch {
            throw Damaged(description: "at byte \(error.offset): \(error)")
        }
    }

    private struct Fields {
        /// Few enough that looking through them is faster than a dictionary.
        var members: [JSON.Member] = []

        init() { members.reserveCapacity(16) }

        private func value(_ name: String) -> JSON? { members.last { $0.name == name }?.value }

        func record() throws(Damaged) -> JournalRecord {
            let id = try text("id")
            guard id.utf8.count == 32, let hash = UInt128(id, radix: 16) else {
                throw Damaged(description: "'id' must be 32 hexadecimal digits")
            }
            guard let state = JournalRecord.State(rawValue: try text("state")) else {
                throw Damaged(description: "'state' must be succeeded, failed or cancelled")
            }
            var record = JournalRecord(
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
                message: try optionalText("message"),
                storedResult: try storedResult()
            )
            record.deaths = try deaths()
            return record
        }

        private func deaths() throws(Damaged) -> JobDeaths? {
            guard let deaths = value("deaths"), deaths != .null else { return nil }
            guard let count = deaths["count"]?.integer, case .text(let program) = deaths["program"]
            else { throw Damaged(description: "'deaths' must have a count and a program") }
            return JobDeaths(count: count, program: program)
        }

        private func storedResult() throws(Damaged) -> StoredResult? {
            guard let place = value("stored_result"), place != .null else { return nil }
            guard let offset = place["offset"]?.integer, offset >= 0,
                let length = place["length"]?.integer, length >= 0,
                case .number(let digits) = place["checksum"], let checksum = UInt64(digits)
            else {
                throw Damaged(
                    description: "'stored_result' must have an offset, a length and a checksum"
                )
            }
            return StoredResult(offset: offset, length: length, checksum: checksum)
        }

        private func required<Value>(_ name: String, _ value: Value?) throws(Damaged) -> Value {
            guard let value else { throw Damaged(description: "'\(name)' is missing") }
            return value
        }

        private func optionalText(_ name: String) throws(Damaged) -> String? {
            switch value(name) {
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
            switch value(name) {
            case nil, .null: return nil
            case .number(let digits):
                if let number = Int(digits), range ~= number { return number }
                fallthrough
            default: throw Damaged(description: "'\(name)' must be a whole number")
            }
        }

        private func time(_ name: String) throws(Damaged) -> Double {
            guard case .number(let digits) = value(name), let time = Double(digits), time >= 0,
                time.isFinite
            else { throw Damaged(description: "'\(name)' must be a time in seconds") }
            return time
        }
    }
}
