/// Elements, one after the other. `Codable` needs an overload for each type.
struct WireUnkeyedDecoder: UnkeyedDecodingContainer {
    private let decoder: WireValueDecoder
    private let total: Int
    private var offset: Int
    private(set) var currentIndex = 0

    init(_ decoder: WireValueDecoder, start: Int, count: Int) {
        self.decoder = decoder
        offset = start
        total = count
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { total }
    var isAtEnd: Bool { currentIndex >= total }

    private func checkNotAtEnd() throws {
        guard isAtEnd else { return }
        throw DecodingError.valueNotFound(
            Any.self,
            DecodingError.Context(
                codingPath: codingPath + [WireKey.position(currentIndex)],
                debugDescription: "no more elements"
            )
        )
    }

    private mutating func advance() throws {
        offset = try decoder.reader.end(of: offset)
        currentIndex += 1
    }

    /// Decodes the current element and, if that succeeds, moves to the next.
    private mutating func take<T>(_ decode: (WireValueDecoder) throws -> T) throws -> T {
        try checkNotAtEnd()
        let value = try decode(decoder.child(at: offset, WireKey.position(currentIndex)))
        try advance()
        return value
    }

    /// The same for an element that needs no decoder of its own.
    private mutating func read<T>(_ body: (WireReader, inout Int) throws -> T) throws -> T {
        try checkNotAtEnd()
        do {
            let value = try body(decoder.reader, &offset)
            currentIndex += 1
            return value
        } catch let error as WireMismatch {
            throw decoder.mismatch(T.self, error.found, at: WireKey.position(currentIndex))
        }
    }

    mutating func decodeNil() throws -> Bool {
        try checkNotAtEnd()
        guard decoder.reader.isNothing(at: offset) else { return false }
        try advance()
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try take { try $0.decode(type) }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try take { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try take { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try take { $0 } }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try read { try $0.bool(at: &$1) } }
    mutating func decode(_ type: String.Type) throws -> String {
        try read { try $0.string(at: &$1) }
    }
    mutating func decode(_ type: Double.Type) throws -> Double {
        try read { try $0.double(at: &$1) }
    }
    mutating func decode(_ type: Float.Type) throws -> Float { try read { try $0.float(at: &$1) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try read { try $0.integer(at: &$1) } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try read { try $0.integer(at: &$1) } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 {
        try read { try $0.integer(at: &$1) }
    }
    mutating func decode(_ type: Int32.Type) throws -> Int32 {
        try read { try $0.integer(at: &$1) }
    }
    mutating func decode(_ type: Int64.Type) throws -> Int64 {
        try read { try $0.integer(at: &$1) }
    }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try read { try $0.integer(at: &$1) } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 {
        try read { try $0.integer(at: &$1) }
    }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 {
        try read { try $0.integer(at: &$1) }
    }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 {
        try read { try $0.integer(at: &$1) }
    }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 {
        try read { try $0.integer(at: &$1) }
    }
    mutating func decode(_ type: Int128.Type) throws -> Int128 {
        try read { try $0.integer(at: &$1) }
    }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 {
        try read { try $0.integer(at: &$1) }
    }
}
