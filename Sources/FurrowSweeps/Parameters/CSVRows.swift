import FurrowSystem

/// The rows of comma- or tab-separated values with a header (RFC 4180). In bytes, because a value
/// need not be UTF-8.
struct CSVRows {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let header: [String]
    let rows: [[ParameterValue]]

    /// - Parameters:
    ///   - bytes: the file's content.
    ///   - separator: what stands between two values.
    init(_ bytes: [UInt8], separatedBy separator: UInt8 = UInt8(ascii: ",")) throws {
        var records = try Self.records(
            Array(bytes.dropFirst(TextEncoding.markLength(of: bytes))),
            separator
        )
        guard !records.isEmpty else { throw Malformed(description: "there is no header line") }
        let header = records.removeFirst().map { String(decoding: $0.bytes, as: UTF8.self) }
        let others = [",": "commas", ";": "semicolons", "\t": "tabs"]
        for (other, name) in others
        where header.count == 1 && Array(other.utf8) != [separator] && header[0].contains(other) {
            throw Malformed(
                description: "the header has one column, with \(name) in it; separate values by "
                    + "commas in a .csv file, by tabs in a .tsv file"
            )
        }
        guard Set(header).count == header.count else {
            throw Malformed(description: "two columns have the same name")
        }
        for (number, record) in records.enumerated() where record.count != header.count {
            throw Malformed(
                description: "row \(number + 1) has \(record.count) values, the header has "
                    + "\(header.count)"
            )
        }
        guard !records.isEmpty else {
            throw Malformed(description: "there is a header, but no row")
        }
        self.header = header
        rows = records
    }

    private static func records(
        _ bytes: [UInt8],
        _ separator: UInt8
    ) throws -> [[ParameterValue]] {
        var records: [[ParameterValue]] = []
        var record: [ParameterValue] = []
        var cell: [UInt8] = []
        var wasQuoted = false
        var isQuoted = false
        func endCell() {
            if wasQuoted {
                record.append(ParameterValue(cell))
            } else if let text = String(validating: cell, as: UTF8.self) {
                record.append(ParameterValue(plain: text))
            } else {
                record.append(ParameterValue(cell))
            }
            cell = []
            wasQuoted = false
        }
        func endRecord() {
            let isBlank = record.isEmpty && cell.isEmpty && !wasQuoted
            if !isBlank {
                endCell()
                records.append(record)
            }
            record = []
        }
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            let next = place < bytes.count ? bytes[place] : nil
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                if next == byte {
                    cell.append(byte)
                    place += 1
                } else {
                    isQuoted = false
                }
            case _ where isQuoted: cell.append(byte)
            case UInt8(ascii: "\"") where cell.isEmpty && !wasQuoted:
                isQuoted = true
                wasQuoted = true
            case separator: endCell()
            case UInt8(ascii: "\r") where next == UInt8(ascii: "\n"): continue
            case UInt8(ascii: "\n"): endRecord()
            default: cell.append(byte)
            }
        }
        guard !isQuoted else { throw Malformed(description: "a quote is not closed") }
        endRecord()
        return records
    }
}
