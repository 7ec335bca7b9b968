// The three containers of `Decoder`. `Codable` asks for an overload a type; each finds its value
// and reads it.

final class WireKeyedDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let decoder: WireValueDecoder
    private let fields: Range<Int>
    /// Where the next field is, if fields are asked for in the order in which they were written.
    private var next: Int

    init(_ decoder: WireValueDecoder, fields: Range<Int>) {
        self.decoder = decoder
        self.fields = fields
        next = fields.lowerBound
    }

    var codingPath: [any CodingKey] { decoder.codingPath }

    var allKeys: [Key] {
        var keys: [Key] = []
        var offset = fields.lowerBound
        while offset < fields.upperBound, let (text, value) = try? decoder.reader.key(at: offset),
            let end = try? decoder.reader.end(of: value)
        {
            if let key = Key(stringValue: String(decoding: text, as: UTF8.self)) {
                keys.append(key)
            }
            offset = end
        }
        return keys
    }

    func contains(_ key: Key) -> Bool { (try? find(key.stringValue)) ?? nil != nil }

    /// Where a field's value is. The field after the one found last is looked at first.
    private func find(_ key: String) throws -> Int? {
        var key = key
        return try key.withUTF8 { wanted in
            if let value = try look(next..<fields.upperBound, for: wanted, onlyFirst: true) {
                return value
            }
            return try look(fields, for: wanted, onlyFirst: false)
        }
    }

    private func look(
        _ range: Range<Int>,
        for wanted: UnsafeBufferPointer<UInt8>,
        onlyFirst: Bool
    ) throws -> Int? {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let (text, value) = try decoder.reader.key(at: offset)
            if text.elementsEqual(wanted) {
                // In damaged bytes a value may reach beyond its container.
                next = min(try decoder.reader.end(of: value), fields.upperBound)
                return value
            }
            if onlyFirst { return nil }
            offset = try decoder.reader.end(of: value)
        }
        return nil
    }

    private func value(_ key: any CodingKey) throws -> WireValueDecoder {
        guard let offset = try find(key.stringValue) else {
            throw DecodingError.keyNotFound(
                key,
                DecodingError.Context(
                    codingPath: codingPath,
                    debugDescription: "no field '\(key.stringValue)'"
                )
            )
        }
        return decoder.child(at: offset, key)
    }

    func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNothing }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try value(key).decode(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try value(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try value(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try value(WireKey.super) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(key).readBool() }
    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try value(key).readString()
    }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try value(key).readDouble()
    }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try value(key).readFloat() }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try value(key).readInteger() }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try value(key).readInteger() }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 {
        try value(key).readInteger()
    }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 {
        try value(key).readInteger()
    }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
        try value(key).readInteger()
    }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try value(key).readInteger() }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 {
        try value(key).readInteger()
    }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
        try value(key).readInteger()
    }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
        try value(key).readInteger()
    }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
        try value(key).readInteger()
    }
}

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

    private func current() throws -> WireValueDecoder {
        let key = WireKey(intValue: currentIndex)
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                Any.self,
                DecodingError.Context(
                    codingPath: codingPath + [key],
                    debugDescription: "no more elements"
                )
            )
        }
        return decoder.child(at: offset, key)
    }

    /// Reads the current element and, if that succeeds, goes on to the next.
    private mutating func take<T>(_ read: (WireValueDecoder) throws -> T) throws -> T {
        let element = try current()
        let value = try read(element)
        offset = try decoder.reader.end(of: offset)
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard try current().isNothing else { return false }
        return try take { _ in true }
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

    mutating func decode(_ type: Bool.Type) throws -> Bool { try take { try $0.readBool() } }
    mutating func decode(_ type: String.Type) throws -> String { try take { try $0.readString() } }
    mutating func decode(_ type: Double.Type) throws -> Double { try take { try $0.readDouble() } }
    mutating func decode(_ type: Float.Type) throws -> Float { try take { try $0.readFloat() } }
    mutating func decode(_ type: Int.Type) throws -> Int { try take { try $0.readInteger() } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try take { try $0.readInteger() } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try take { try $0.readInteger() } }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try take { try $0.readInteger() } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try take { try $0.readInteger() } }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try take { try $0.readInteger() } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try take { try $0.readInteger() } }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try take { try $0.readInteger() } }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try take { try $0.readInteger() } }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try take { try $0.readInteger() } }
}

struct WireSingleDecoder: SingleValueDecodingContainer {
    let decoder: WireValueDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }
    func decodeNil() -> Bool { decoder.isNothing }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }

    func decode(_ type: Bool.Type) throws -> Bool { try decoder.readBool() }
    func decode(_ type: String.Type) throws -> String { try decoder.readString() }
    func decode(_ type: Double.Type) throws -> Double { try decoder.readDouble() }
    func decode(_ type: Float.Type) throws -> Float { try decoder.readFloat() }
    func decode(_ type: Int.Type) throws -> Int { try decoder.readInteger() }
    func decode(_ type: Int8.Type) throws -> Int8 { try decoder.readInteger() }
    func decode(_ type: Int16.Type) throws -> Int16 { try decoder.readInteger() }
    func decode(_ type: Int32.Type) throws -> Int32 { try decoder.readInteger() }
    func decode(_ type: Int64.Type) throws -> Int64 { try decoder.readInteger() }
    func decode(_ type: UInt.Type) throws -> UInt { try decoder.readInteger() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.readInteger() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.readInteger() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.readInteger() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.readInteger() }
}
