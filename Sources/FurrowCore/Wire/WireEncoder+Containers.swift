// The three containers of `Encoder`. `Codable` needs an overload for each type; each writes the key
// or takes the position, and then writes the value.

struct WireKeyedEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: WireValueEncoder
    private let sink: WireSink

    init(encoder: WireValueEncoder) {
        self.encoder = encoder
        sink = encoder.sink
    }

    var codingPath: [any CodingKey] { encoder.codingPath }

    private func at(_ key: Key) -> WireSink {
        sink.write(key: key.stringValue)
        return sink
    }

    func encodeNil(forKey key: Key) { at(key).write(.nothing) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try at(key).encode(value, parent: encoder, key: key)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        inner(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        inner(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { inner(WireKey.super) }
    func superEncoder(forKey key: Key) -> any Encoder { inner(key) }

    private func inner(_ key: any CodingKey) -> WireValueEncoder {
        sink.write(key: key.stringValue)
        return encoder.makeInner(key)
    }

    func encode(_ value: Bool, forKey key: Key) { at(key).write(value ? .yes : .no) }
    func encode(_ value: String, forKey key: Key) { at(key).write(value) }
    func encode(_ value: Double, forKey key: Key) { at(key).write(value, .double) }
    func encode(_ value: Float, forKey key: Key) { at(key).write(value, .float) }
    func encode(_ value: Int, forKey key: Key) { at(key).write(Int64(value), .signed) }
    func encode(_ value: Int8, forKey key: Key) { at(key).write(Int64(value), .signed) }
    func encode(_ value: Int16, forKey key: Key) { at(key).write(Int64(value), .signed) }
    func encode(_ value: Int32, forKey key: Key) { at(key).write(Int64(value), .signed) }
    func encode(_ value: Int64, forKey key: Key) { at(key).write(Int64(value), .signed) }
    func encode(_ value: UInt, forKey key: Key) { at(key).write(UInt64(value), .unsigned) }
    func encode(_ value: UInt8, forKey key: Key) { at(key).write(UInt64(value), .unsigned) }
    func encode(_ value: UInt16, forKey key: Key) { at(key).write(UInt64(value), .unsigned) }
    func encode(_ value: UInt32, forKey key: Key) { at(key).write(UInt64(value), .unsigned) }
    func encode(_ value: UInt64, forKey key: Key) { at(key).write(UInt64(value), .unsigned) }
    func encode(_ value: Int128, forKey key: Key) { at(key).write(value, .wide) }
    func encode(_ value: UInt128, forKey key: Key) { at(key).write(value, .wideUnsigned) }
}

struct WireUnkeyedEncoder: UnkeyedEncodingContainer {
    let encoder: WireValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.count }

    private var next: WireSink {
        encoder.count += 1
        return encoder.sink
    }

    func encodeNil() { next.write(.nothing) }

    func encode<T: Encodable>(_ value: T) throws {
        let key = WireKey.position(count)
        try next.encode(value, parent: encoder, key: key)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        inner().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { inner().unkeyedContainer() }
    func superEncoder() -> any Encoder { inner() }

    private func inner() -> WireValueEncoder {
        encoder.count += 1
        return encoder.makeInner(WireKey.position(count - 1))
    }

    func encode(_ value: Bool) { next.write(value ? .yes : .no) }
    func encode(_ value: String) { next.write(value) }
    func encode(_ value: Double) { next.write(value, .double) }
    func encode(_ value: Float) { next.write(value, .float) }
    func encode(_ value: Int) { next.write(Int64(value), .signed) }
    func encode(_ value: Int8) { next.write(Int64(value), .signed) }
    func encode(_ value: Int16) { next.write(Int64(value), .signed) }
    func encode(_ value: Int32) { next.write(Int64(value), .signed) }
    func encode(_ value: Int64) { next.write(Int64(value), .signed) }
    func encode(_ value: UInt) { next.write(UInt64(value), .unsigned) }
    func encode(_ value: UInt8) { next.write(UInt64(value), .unsigned) }
    func encode(_ value: UInt16) { next.write(UInt64(value), .unsigned) }
    func encode(_ value: UInt32) { next.write(UInt64(value), .unsigned) }
    func encode(_ value: UInt64) { next.write(UInt64(value), .unsigned) }
    func encode(_ value: Int128) { next.write(value, .wide) }
    func encode(_ value: UInt128) { next.write(value, .wideUnsigned) }
}

struct WireSingleEncoder: SingleValueEncodingContainer {
    let encoder: WireValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }
    private var sink: WireSink { encoder.sink }

    func encodeNil() { sink.write(.nothing) }

    func encode<T: Encodable>(_ value: T) throws {
        try sink.encode(value, parent: encoder, key: nil)
    }

    func encode(_ value: Bool) { sink.write(value ? .yes : .no) }
    func encode(_ value: String) { sink.write(value) }
    func encode(_ value: Double) { sink.write(value, .double) }
    func encode(_ value: Float) { sink.write(value, .float) }
    func encode(_ value: Int) { sink.write(Int64(value), .signed) }
    func encode(_ value: Int8) { sink.write(Int64(value), .signed) }
    func encode(_ value: Int16) { sink.write(Int64(value), .signed) }
    func encode(_ value: Int32) { sink.write(Int64(value), .signed) }
    func encode(_ value: Int64) { sink.write(Int64(value), .signed) }
    func encode(_ value: UInt) { sink.write(UInt64(value), .unsigned) }
    func encode(_ value: UInt8) { sink.write(UInt64(value), .unsigned) }
    func encode(_ value: UInt16) { sink.write(UInt64(value), .unsigned) }
    func encode(_ value: UInt32) { sink.write(UInt64(value), .unsigned) }
    func encode(_ value: UInt64) { sink.write(UInt64(value), .unsigned) }
    func encode(_ value: Int128) { sink.write(value, .wide) }
    func encode(_ value: UInt128) { sink.write(value, .wideUnsigned) }
}
