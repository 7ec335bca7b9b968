/// The only value of an enumeration's case, which has no name: `{fixed: 3}` instead of
/// `{fixed: {_0: 3}}`.
struct UnnamedValue<Key: CodingKey>: KeyedDecodingContainerProtocol {
    /// What `Codable` calls it.
    static var name: String { "_0" }

    /// The node of the value.
    let node: DecodingNode

    var codingPath: [any CodingKey] { node.codingPath }
    var allKeys: [Key] { [Key(stringValue: Self.name)].compactMap { $0 } }

    func contains(_ key: Key) -> Bool { key.stringValue == Self.name }

    private func check(_ key: Key) throws(ConfigurationError) {
        // A second value, which must be given by name.
        guard contains(key) else { throw node.missing(key.stringValue) }
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        try check(key)
        return node.value.isNull
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try check(key)
        return try node.decode(type, node.value, .same, slot: nil)
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type, forKey key: Key)
        throws -> KeyedDecodingContainer<NestedKey>
    {
        try check(key)
        return try ValueDecoder(node: node).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try check(key)
        return try ValueDecoder(node: node).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { ValueDecoder(node: node) }
    func superDecoder(forKey key: Key) throws -> any Decoder { ValueDecoder(node: node) }

    private func scalar<S: ScalarReadable>(_ key: Key) throws(ConfigurationError) -> S {
        try check(key)
        return try node.scalar(node.value, .same)
    }

    func decode(_: Bool.Type, forKey key: Key) throws -> Bool { try scalar(key) }
    func decode(_: String.Type, forKey key: Key) throws -> String { try scalar(key) }
    func decode(_: Double.Type, forKey key: Key) throws -> Double { try scalar(key) }
    func decode(_: Float.Type, forKey key: Key) throws -> Float { try scalar(key) }
    func decode(_: Int.Type, forKey key: Key) throws -> Int { try scalar(key) }
    func decode(_: Int8.Type, forKey key: Key) throws -> Int8 { try scalar(key) }
    func decode(_: Int16.Type, forKey key: Key) throws -> Int16 { try scalar(key) }
    func decode(_: Int32.Type, forKey key: Key) throws -> Int32 { try scalar(key) }
    func decode(_: Int64.Type, forKey key: Key) throws -> Int64 { try scalar(key) }
    func decode(_: UInt.Type, forKey key: Key) throws -> UInt { try scalar(key) }
    func decode(_: UInt8.Type, forKey key: Key) throws -> UInt8 { try scalar(key) }
    func decode(_: UInt16.Type, forKey key: Key) throws -> UInt16 { try scalar(key) }
    func decode(_: UInt32.Type, forKey key: Key) throws -> UInt32 { try scalar(key) }
    func decode(_: UInt64.Type, forKey key: Key) throws -> UInt64 { try scalar(key) }
}
