/// Strings of C that travel in one piece, each with its NUL: a list of sixty variables would else
/// cost more than all the rest of a request.
@propertyWrapper
struct CStringList: Sendable, Hashable {
    /// The strings, without their NULs.
    var wrappedValue: [[UInt8]]
}

extension CStringList: Codable {
    init(from decoder: any Decoder) throws {
        let bytes = try decoder.singleValueContainer().decode([UInt8].self)
        var strings: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0) {
            strings.append(Array(rest[..<end]))
            rest = rest[(end + 1)...]
        }
        wrappedValue = strings
    }

    func encode(to encoder: any Encoder) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(wrappedValue.reduce(0) { $0 + $1.count + 1 })
        for string in wrappedValue {
            bytes += string
            bytes.append(0)
        }
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}
