/// Decodes values encoded by ``WireEncoder``, one after the other.
package final class WireDecoder {
    private var root = WireValueDecoder(WireReader(), at: 0, parent: nil, key: nil)

    /// A decoder that has decoded nothing yet.
    package init() {}

    /// Decodes a value that takes all of `bytes`.
    ///
    /// - Throws: `DecodingError`, also for invalid bytes.
    package func decode<T: Decodable>(
        _ type: T.Type,
        from bytes: UnsafeRawBufferPointer
    ) throws -> T {
        let reader = WireReader(bytes: bytes)
        guard try reader.end(of: 0) == bytes.count else {
            throw reader.corrupted("bytes are left over")
        }
        // A value may have kept its decoder.
        if isKnownUniquelyReferenced(&root) {
            root.reader = reader
        } else {
            root = WireValueDecoder(reader, at: 0, parent: nil, key: nil)
        }
        defer { root.reader = WireReader() }
        return try root.decode(type)
    }
}

/// Reads single values, one after the other. Every access is checked against the bounds of the
/// bytes.
struct WireReader {
    var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

    @inline(never)
    func corrupted(_ problem: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: problem))
    }

    @inline(__always)
    func load<T: BitwiseCopyable>(_ type: T.Type, at offset: Int) throws -> T {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else {
            throw corrupted("the bytes end too early")
        }
        return bytes.loadUnaligned(fromByteOffset: offset, as: type)
    }

    @inline(__always)
    func tag(at offset: Int) throws -> WireTag {
        guard let tag = WireTag(rawValue: try load(UInt8.self, at: offset)) else {
            throw corrupted("no value begins at byte \(offset)")
        }
        return tag
    }

    /// The content of a string, a bulk or a container, after its length.
    func content(at offset: Int) throws -> Range<Int> {
        let length = try load(Int.self, at: offset + 1)
        guard length >= 0, length <= bytes.count - offset - 9 else {
            throw corrupted("the bytes end too early")
        }
        return (offset + 9)..<(offset + 9 + length)
    }

    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    /// Where the value that begins at `offset` ends.
    func end(of offset: Int) throws -> Int {
        switch try tag(at: offset) {
        case .nothing, .no, .yes: offset + 1
        case .float: offset + 5
        case .signed, .unsigned, .double: offset + 9
        case .wide, .wideUnsigned: offset + 17
        case .string, .keyed, .unkeyed, .bulk: try content(at: offset).upperBound
        }
    }

    /// A field's key, and where its value begins.
    func key(at offset: Int) throws -> (text: UnsafeRawBufferPointer, value: Int) {
        var start = offset + 1
        var length = Int(try load(UInt8.self, at: offset))
        if length == 255 {
            length = try load(Int.self, at: start)
            start += 8
        }
        guard length >= 0, length <= bytes.count - start else {
            throw corrupted("the bytes end too early")
        }
        return (slice(start..<start + length), start + length)
    }

    func isNothing(at offset: Int) -> Bool { (try? tag(at: offset)) == .nothing }

    func bool(at offset: inout Int) throws -> Bool {
        let value: Bool
        switch try tag(at: offset) {
        case .no: value = false
        case .yes: value = true
        default: throw WireMismatch(found: "not a Bool")
        }
        offset += 1
        return value
    }

    func string(at offset: inout Int) throws -> String {
        guard try tag(at: offset) == .string else { throw WireMismatch(found: "no text") }
        let content = try content(at: offset)
        offset = content.upperBound
        return String(decoding: slice(content), as: UTF8.self)
    }

    func double(at offset: inout Int) throws -> Double {
        guard try tag(at: offset) == .double else { throw WireMismatch(found: "no Double") }
        return try number(at: &offset)
    }

    func float(at offset: inout Int) throws -> Float {
        guard try tag(at: offset) == .float else { throw WireMismatch(found: "no Float") }
        return try number(at: &offset)
    }

    func integer<T: FixedWidthInteger>(at offset: inout Int) throws -> T {
        var end = offset
        let integer: T?
        switch try tag(at: offset) {
        case .signed: integer = T(exactly: try number(at: &end) as Int64)
        case .unsigned: integer = T(exactly: try number(at: &end) as UInt64)
        case .wide: integer = T(exactly: try number(at: &end) as Int128)
        case .wideUnsigned: integer = T(exactly: try number(at: &end) as UInt128)
        default: throw WireMismatch(found: "not an integer")
        }
        guard let integer else { throw WireMismatch(found: "an integer out of range") }
        offset = end
        return integer
    }

    private func number<T: BitwiseCopyable>(at offset: inout Int) throws -> T {
        let value = try load(T.self, at: offset + 1)
        offset += 1 + MemoryLayout<T>.size
        return value
    }
}

/// A value of another type than the requested one. Its position is added later.
struct WireMismatch: Error {
    let found: String
}

/// Decodes one value: the decoder passed to a type's `init(from:)`. Valid only until the call of
/// ``WireDecoder/decode(_:from:)`` that made it returns.
final class WireValueDecoder: Decoder {
    fileprivate(set) var reader: WireReader
    private let offset: Int
    private let parent: WireValueDecoder?
    private let key: (any CodingKey)?
    /// The position of the next field of a keyed container, if fields are read in the order in
    /// which they were written.
    var next = 0

    init(_ reader: WireReader, at offset: Int, parent: WireValueDecoder?, key: (any CodingKey)?) {
        self.reader = reader
        self.offset = offset
        self.parent = parent
        self.key = key
    }

    var codingPath: [any CodingKey] {
        (parent?.codingPath ?? []) + (key.map { [$0] } ?? [])
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func child(at offset: Int, _ key: any CodingKey) -> WireValueDecoder {
        WireValueDecoder(reader, at: offset, parent: self, key: key)
    }

    var isNothing: Bool { reader.isNothing(at: offset) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if try reader.tag(at: offset) == .bulk {
            let content = try reader.content(at: offset)
            let code = try reader.load(UInt8.self, at: content.lowerBound)
            if code == PlainLayout.code {
                if let value = try plain(type, at: content.dropFirst()) { return value }
                throw mismatch(type, "elements of another type or of another version of it")
            }
            guard let bulk = bulkTypes[ObjectIdentifier(type)] else { return try T(from: self) }
            if code == bulk.code,
                let value = bulk.init(bulk: reader.slice(content.dropFirst())) as? T
            {
                return value
            }
            throw mismatch(type, "numbers of another kind")
        }
        return try T(from: self)
    }

    /// An array of bitwise-copyable elements; `nil` for another type than was written.
    private func plain<T>(_ type: T.Type, at content: Range<Int>) throws -> T? {
        guard let array = type as? any PlainArray.Type, let layout = array.layout else {
            return nil
        }
        let signature = try reader.load(UInt64.self, at: content.lowerBound)
        guard signature == layout.signature else { return nil }
        let elements = content.dropFirst(PlainLayout.header)
        return array.init(plain: reader.slice(elements)) as? T
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard try reader.tag(at: offset) == .keyed else {
            throw mismatch([String: Any].self, "not a keyed container")
        }
        let fields = try reader.content(at: offset)
        next = fields.lowerBound
        return KeyedDecodingContainer(WireKeyedDecoder(self, fields: fields))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard try reader.tag(at: offset) == .unkeyed else {
            throw mismatch([Any].self, "not an unkeyed container")
        }
        let content = try reader.content(at: offset)
        let count = try reader.load(Int.self, at: content.lowerBound)
        // Every element takes at least one byte, so a larger count is damage.
        guard content.count >= 8, 0...(content.count - 8) ~= count else {
            throw reader.corrupted("a count of \(count) elements in \(content.count) bytes")
        }
        return WireUnkeyedDecoder(self, start: content.lowerBound + 8, count: count)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        WireSingleDecoder(decoder: self)
    }

    /// Reads this value itself.
    func read<T>(_ body: (WireReader, inout Int) throws -> T) throws -> T {
        var end = offset
        do {
            return try body(reader, &end)
        } catch let error as WireMismatch {
            throw mismatch(T.self, error.found)
        }
    }

    func mismatch(_ type: Any.Type, _ problem: String, at key: (any CodingKey)? = nil)
        -> DecodingError
    {
        .typeMismatch(
            type,
            DecodingError.Context(
                codingPath: codingPath + (key.map { [$0] } ?? []),
                debugDescription: problem
            )
        )
    }
}
