/// The decoder of a ``ShapeRecording``.
struct RecordingDecoder: Decoder {
    let recording: ShapeRecording
    let node: ShapeNode

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let keys = node.open(keyedBy: type)
        try recording.answer(.mapping(ObjectIdentifier(type)), at: node.path)
        return KeyedDecodingContainer(
            RecordedKeys(recording: recording, node: node, knownKeys: keys)
        )
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let element = node.openList()
        try recording.answer(.list, at: node.path)
        return RecordedElements(recording: recording, node: element)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        RecordedValue(recording: recording, node: node)
    }
}

private struct RecordedKeys<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recording: ShapeRecording
    let node: ShapeNode
    let knownKeys: [Key]?

    var codingPath: [any CodingKey] { [] }

    /// One case of an enumeration or none, all keys of a struct, or any key of a dictionary.
    var allKeys: [Key] {
        node.listsKeys = true
        let keys = knownKeys ?? [Key(stringValue: ShapeNode.sampleKey)].compactMap { $0 }
        let isChoice = recording.isEnumeration && knownKeys?.isEmpty == false
        let number = try? recording.answer(.keys, at: node.path, of: isChoice ? keys.count : 1)
        guard isChoice else { return keys }
        return (number ?? 0) < keys.count ? [keys[number ?? 0]] : []
    }

    func contains(_ key: Key) -> Bool {
        let child = node.child(key.stringValue)
        child.isTested = true
        return (try? recording.answer(.presence, at: child.path, of: 2)) == 0
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        let child = node.child(key.stringValue)
        child.isNullable = true
        return try recording.answer(.null, at: child.path, of: 2) == 1
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try recording.value(type, at: node.child(key.stringValue))
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type, forKey key: Key)
        throws -> KeyedDecodingContainer<NestedKey>
    {
        try decoder(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key.stringValue).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder(SuperKey().stringValue) }
    func superDecoder(forKey key: Key) throws -> any Decoder { decoder(key.stringValue) }

    private func decoder(_ name: String) -> RecordingDecoder {
        RecordingDecoder(recording: recording, node: node.child(name))
    }
}

private struct RecordedElements: UnkeyedDecodingContainer {
    let recording: ShapeRecording
    let node: ShapeNode
    private(set) var currentIndex = 0

    init(recording: ShapeRecording, node: ShapeNode) {
        self.recording = recording
        self.node = node
    }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { recording.elementCount }
    var isAtEnd: Bool { currentIndex >= recording.elementCount || recording.isTooLong }

    mutating func decodeNil() throws -> Bool {
        node.isNullable = true
        let isNull = try recording.answer(.presence, at: node.path, of: 2) == 1
        if isNull { currentIndex += 1 }
        return isNull
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try recording.value(type, at: try next().node)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) throws
        -> KeyedDecodingContainer<NestedKey>
    {
        try superDecoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try superDecoder().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try next()
        currentIndex += 1
        return decoder
    }

    private func next() throws(ConfigurationError) -> RecordingDecoder {
        if isAtEnd { throw ShapeRecording.refusal }
        return RecordingDecoder(recording: recording, node: node)
    }
}

private struct RecordedValue: SingleValueDecodingContainer {
    let recording: ShapeRecording
    let node: ShapeNode

    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool {
        node.isNullable = true
        return (try? recording.answer(.presence, at: node.path, of: 2)) == 1
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try recording.value(type, at: node)
    }
}
