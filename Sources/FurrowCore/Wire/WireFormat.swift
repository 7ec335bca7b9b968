/// The compact binary form in which jobs and results travel between ranks.
///
/// All ranks run the same program on machines of the same byte order, so numbers travel as their
/// bytes in memory. The rest is as in `Codable`: fields are found by their keys, in any order, and
/// every value has its type and length in front, so that it can be skipped. A value is one byte of
/// ``WireTag``, then:
///
///     nothing, no, yes     -
///     signed, unsigned     8 bytes
///     wide, wideUnsigned   16 bytes
///     float, double        4 bytes, 8 bytes
///     string               length in 8 bytes, UTF-8
///     keyed                length of what follows in 8 bytes; per field: the key's length in
///                          one byte (255: 8 more bytes), the key's UTF-8, a value
///     unkeyed              length of what follows in 8 bytes, count in 8 bytes, values
///     bulk                 length of what follows in 8 bytes, one byte that says which numbers,
///                          the numbers
///
/// `Data` and arrays of numbers become `bulk`: one copy, however many elements. So do long arrays of
/// bitwise-copyable structs; see ``PlainLayout``.
enum WireTag: UInt8 {
    case nothing
    case no
    case yes
    case signed
    case unsigned
    case float
    case double
    case string
    case keyed
    case unkeyed
    case bulk
    case wide
    case wideUnsigned
}

/// The key of a position in an unkeyed container, or of a superclass.
enum WireKey: CodingKey {
    case `super`
    case position(Int)

    init?(stringValue: String) { nil }
    init?(intValue: Int) { self = .position(intValue) }

    // Made only for an error, not for every element.
    var stringValue: String {
        switch self {
        case .super: "super"
        case .position(let number): "\(number)"
        }
    }

    var intValue: Int? {
        if case .position(let number) = self { number } else { nil }
    }
}
