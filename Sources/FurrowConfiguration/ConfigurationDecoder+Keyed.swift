/// The entries of a mapping.
struct KeyedValues<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: DecodingNode
    let entries: [ConfigurationValue.Entry]

    var codingPath: [any CodingKey] { node.codingPath }

    var allKeys: [Key] {
        entries.compactMap { entry in
            guard let key = Key(stringValue: entry.key) else { return nil }
            _ = node.ask(entry.key, among: entries)
            return key
        }
    }

    func contains(_ key: Key) -> Bool {
        node.ask(key.stringValue, among: entries) != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        entries[try slot(of: key)].value.isNull
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let slot = try slot(of: key)
        return try node.decode(type, entries[slot].value, .key(key), slot: slot)
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type, forKey key: Key)
        throws -> KeyedDecodingContainer<NestedKey>
    {
        let child = try child(key)
        // A single value without a name stands for itself.
        if node.isEnumeration, NestedKey(stringValue: UnnamedValue<NestedKey>.name) != nil,
            child.value.entries?.contains(where: { $0.key == UnnamedValue<NestedKey>.name }) != true
        {
            return KeyedDecodingContainer(UnnamedValue(node: child))
        }
        return try ValueDecoder(node: child).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try ValueDecoder(node: child(key)).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        let name = "super"
        guard let slot = node.ask(name, among: entries) else { throw node.missing(name) }
        return ValueDecoder(node: node.child(entries[slot].value, .key(SuperKey()), slot: slot))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        ValueDecoder(node: try child(key))
    }

    private func slot(of key: Key) throws(ConfigurationError) -> Int {
        guard let slot = node.ask(key.stringValue, among: entries) else {
            throw node.missing(key.stringValue)
        }
        return slot
    }

    private func child(_ key: Key) throws(ConfigurationError) -> DecodingNode {
        let slot = try slot(of: key)
        return node.child(entries[slot].value, .key(key), slot: slot)
    }

    private func scalar<S: ScalarReadable>(_ key: Key) throws(ConfigurationError) -> S {
        try node.scalar(entries[try slot(of: key)].value, .key(key))
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
    @available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *)
    func decode(_: Int128.Type, forKey key: Key) throws -> Int128 { try scalar(key) }
    @available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *)
    func decode(_: UInt128.Type, forKey key: Key) throws -> UInt128 { try scalar(key) }
}

/// The key of the value that holds what a superclass decodes.
struct SuperKey: CodingKey {
    var stringValue: String { "super" }
    var intValue: Int? { nil }

    init() {}
    init?(stringValue: String) {
        if stringValue != "super" { return nil }
    }
    init?(intValue: Int) { nil }
}
