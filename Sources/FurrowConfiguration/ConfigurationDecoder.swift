import FurrowSystem

/// Decodes types from configuration values, with exact messages about mistakes.
///
/// A type that decodes a mapping by named keys must ask for every key of it. Any other key is an
/// error that suggests the nearest name the type asked for. A key counts as asked for when it is
/// decoded, tested for presence or null, or opened as a nested container, and when all keys are
/// listed, as a dictionary does. Keys asked for by a failed attempt do not count: after `try?
/// A(from:)` and then `B(from:)` through the containers, only `B` decides which keys are known.
///
/// A number field refuses quoted text. A text field accepts any scalar but null, exactly as
/// written. A whole-number field accepts `3`, but neither `3.0` nor `1e3`. An optional accepts
/// null.
///
/// Containers throw ``ConfigurationError`` at once instead of `DecodingError`. A type that must
/// react to failures should use `try?` or `decodeIfPresent`.
public struct ConfigurationDecoder: Sendable {
    /// The name of the file to use in messages.
    public let file: String

    /// Makes a decoder.
    ///
    /// - Parameter file: The name of the file to use in messages.
    public init(file: String) {
        self.file = file
    }

    /// Decodes a value.
    ///
    /// - Parameters:
    ///   - type: The type to decode.
    ///   - value: The value to decode it from.
    ///   - path: The keys that lead to `value` in its file, for messages only; a list index is
    ///     written `[2]`.
    /// - Returns: The decoded value.
    /// - Throws: A ``ConfigurationError`` if a key is missing, unknown or null, a value has the
    ///   wrong type or is out of range, or the type itself threw an error.
    public func decode<T: Decodable>(
        _ type: T.Type,
        from value: ConfigurationValue,
        at path: [String] = []
    ) throws(ConfigurationError) -> T {
        let context = DecodingNode.Context(file: file, path: path)
        let root = DecodingNode(root: value, context: context)
        let result = try root.run(type)
        if let unknown = root.usage.firstUnknown(in: value) {
            throw error(for: unknown, below: path)
        }
        return result
    }

    private func error(for unknown: KeyUsage.Unknown, below path: [String]) -> ConfigurationError {
        let key = unknown.entry.key
        return ConfigurationError(
            file: file,
            position: unknown.entry.keyPosition,
            problem: "unknown key '\(key)'\(ConfigurationPath.suffix(path + unknown.path))",
            remedy: NearestName.remedy(
                for: key,
                among: unknown.valid,
                none: "no keys are valid here"
            )
        )
    }
}

/// The decoder that types see.
struct ValueDecoder: Decoder {
    let node: DecodingNode

    var codingPath: [any CodingKey] { node.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        // A case without values is written as a word.
        if node.isEnumeration, let word = node.value.scalar, word.kind != .null,
            Key(stringValue: word.text) != nil
        {
            let none = ConfigurationValue(.mapping([]), at: node.value.position)
            let entry = ConfigurationValue.Entry(
                key: word.text,
                keyPosition: node.value.position,
                value: none
            )
            node.usage.open(entryCount: 1)
            return KeyedDecodingContainer(KeyedValues(node: node, entries: [entry]))
        }
        return KeyedDecodingContainer(KeyedValues(node: node, entries: try node.openMapping()))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        UnkeyedValues(node: node, elements: try node.openSequence())
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        SingleValue(node: node)
    }
}
