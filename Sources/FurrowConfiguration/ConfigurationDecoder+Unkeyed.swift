/// The elements of a list.
struct UnkeyedValues: UnkeyedDecodingContainer {
    let node: DecodingNode
    let elements: [ConfigurationValue]
    private(set) var currentIndex = 0

    init(node: DecodingNode, elements: [ConfigurationValue]) {
        self.node = node
        self.elements = elements
    }

    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try element().isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try node.decode(
            type,
            element(),
            .index(currentIndex),
            slot: currentIndex
        )
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) throws
        -> KeyedDecodingContainer<NestedKey>
    {
        let container = try ValueDecoder(node: child()).container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try ValueDecoder(node: child()).unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = ValueDecoder(node: try child())
        currentIndex += 1
        return decoder
    }

    private func element() throws(ConfigurationError) -> ConfigurationValue {
        if currentIndex < elements.count { return elements[currentIndex] }
        let problem = "must have more than \(elements.count) value\(elements.count == 1 ? "" : "s")"
        throw node.mismatch(ScalarMismatch(problem: problem), node.value, path: node.path)
    }

    private func child() throws(ConfigurationError) -> DecodingNode {
        node.child(try element(), .index(currentIndex), slot: currentIndex)
    }

    private mutating func scalar<S: ScalarReadable>() throws(ConfigurationError) -> S {
        let value: S = try node.scalar(element(), .index(currentIndex))
        currentIndex += 1
        return value
    }

    mutating func decode(_: Bool.Type) throws -> Bool { try scalar() }
    mutating func decode(_: String.Type) throws -> String { try scalar() }
    mutating func decode(_: Double.Type) throws -> Double { try scalar() }
    mutating func decode(_: Float.Type) throws -> Float { try scalar() }
    mutating func decode(_: Int.Type) throws -> Int { try scalar() }
    mutating func decode(_: Int8.Type) throws -> Int8 { try scalar() }
    mutating func decode(_: Int16.Type) throws -> Int16 { try scalar() }
    mutating func decode(_: Int32.Type) throws -> Int32 { try scalar() }
    mutating func decode(_: Int64.Type) throws -> Int64 { try scalar() }
    mutating func decode(_: UInt.Type) throws -> UInt { try scalar() }
    mutating func decode(_: UInt8.Type) throws -> UInt8 { try scalar() }
    mutating func decode(_: UInt16.Type) throws -> UInt16 { try scalar() }
    mutating func decode(_: UInt32.Type) throws -> UInt32 { try scalar() }
    mutating func decode(_: UInt64.Type) throws -> UInt64 { try scalar() }
    @available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *)
    mutating func decode(_: Int128.Type) throws -> Int128 { try scalar() }
    @available(macOS 15, iOS 18, tvOS 18, watchOS 11, visionOS 2, *)
    mutating func decode(_: UInt128.Type) throws -> UInt128 { try scalar() }
}
