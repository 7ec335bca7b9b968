import FurrowSystem

/// Decodes types from configuration values and says exactly what does not fit.
///
/// Every key of a mapping that a type decodes by named keys must be asked for by the type; any
/// other key is an error, with the nearest name among those the type asked for. A key counts as
/// asked for when it is decoded, when its presence or nullness is tested, when it is opened as a
/// nested container, or when all keys are listed, as a dictionary does. What a type asked for
/// before it failed does not count, so `try? A(from:)` followed by `B(from:)` through the
/// containers judges the keys by `B` alone.
///
/// A number field takes no quoted text and a text field takes any scalar but null, exactly as it
/// was written. Whole number fields take `3` but neither `3.0` nor `1e3`. Optionals take null.
///
/// Containers throw ``ConfigurationError`` at once instead of `DecodingError`; a type that must
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
    ///   - path: The keys that lead to `value` in its file, to name it in messages; a place in a
    ///     list is written `[2]`. Nothing is looked up by it.
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
        KeyedDecodingContainer(KeyedValues(node: node, entries: try node.openMapping()))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        UnkeyedValues(node: node, elements: try node.openSequence())
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        SingleValue(node: node)
    }
}
