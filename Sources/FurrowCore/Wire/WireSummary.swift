import FurrowRuns
import FurrowSystem

/// The form in which results travel, as JSON for people: long arrays and texts are cut to what they
/// are.
struct WireSummary {
    /// The most elements of a list that are shown.
    private static let mostElements = 32
    /// The most bytes of a text that are shown.
    private static let mostText = 1000

    private let reader: WireReader

    /// - Parameter bytes: a value encoded by ``WireEncoder``.
    static func json(of bytes: [UInt8]) throws -> String {
        try bytes.withUnsafeBytes { bytes in
            var text = ""
            var offset = 0
            try WireSummary(reader: WireReader(bytes: bytes)).write(at: &offset, to: &text)
            return text
        }
    }

    private func write(at offset: inout Int, to text: inout String) throws {
        switch try reader.tag(at: offset) {
        case .nothing:
            text += "null"
            offset += 1
        case .no, .yes: text += try reader.bool(at: &offset) ? "true" : "false"
        case .signed, .unsigned, .wide, .wideUnsigned:
            text += "\(try reader.integer(at: &offset) as Int128)"
        case .float: text += JSON(Double(try reader.float(at: &offset))).description
        case .double: text += JSON(try reader.double(at: &offset)).description
        case .string: text += JSONString.encode(Self.cut(try reader.string(at: &offset)))
        case .keyed: try writeKeyed(at: &offset, to: &text)
        case .unkeyed: try writeUnkeyed(at: &offset, to: &text)
        case .bulk:
            let content = try reader.content(at: offset)
            let code = try reader.load(UInt8.self, at: content.lowerBound)
            if code == PlainLayout.code {
                let stride = try reader.load(Int.self, at: content.lowerBound + 9)
                let bytes = content.count - 1 - PlainLayout.header
                text += JSONString.encode("\(bytes / max(1, stride)) values")
            } else {
                text += BulkKind.json(
                    code,
                    reader.slice(content.dropFirst()),
                    most: Self.mostElements
                )
            }
            offset = content.upperBound
        }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > mostText else { return text }
        return String(decoding: text.utf8.prefix(mostText), as: UTF8.self) + "…"
    }

    private func writeKeyed(at offset: inout Int, to text: inout String) throws {
        let fields = try reader.content(at: offset)
        var place = fields.lowerBound
        text += "{"
        while place < fields.upperBound {
            if place > fields.lowerBound { text += "," }
            let (key, value) = try reader.key(at: place)
            text += JSONString.encode(String(decoding: key, as: UTF8.self)) + ":"
            place = value
            try write(at: &place, to: &text)
        }
        text += "}"
        offset = fields.upperBound
    }

    private func writeUnkeyed(at offset: inout Int, to text: inout String) throws {
        let content = try reader.content(at: offset)
        let count = try reader.load(Int.self, at: content.lowerBound)
        offset = content.upperBound
        if count > Self.mostElements {
            text += JSONString.encode("\(count) values")
            return
        }
        var place = content.lowerBound + 8
        text += "["
        for number in 0..<count {
            if number > 0 { text += "," }
            try write(at: &place, to: &text)
        }
        text += "]"
    }
}
