/// A collection whose elements come in another order in every process.
protocol UnorderedCollection {
    /// Whether JSON sorts its elements, as it does with keys that are text or whole numbers.
    var hasSortedKeys: Bool { get }
    /// Encodes each element on its own.
    func forEachElement(_ encode: ([any Encodable]) throws -> Void) throws
}

extension Set: UnorderedCollection where Element: Encodable {
    var hasSortedKeys: Bool { count < 2 }

    func forEachElement(_ encode: ([any Encodable]) throws -> Void) throws {
        for element in self { try encode([element]) }
    }
}

extension Dictionary: UnorderedCollection where Key: Encodable, Value: Encodable {
    var hasSortedKeys: Bool {
        count < 2 || Key.self is String.Type || Key.self is Int.Type
            || Key.self is any CodingKeyRepresentable.Type
    }

    func forEachElement(_ encode: ([any Encodable]) throws -> Void) throws {
        for (key, value) in self { try encode([key, value]) }
    }
}

/// Encodes collections without an order sorted by the bytes of their elements.
final class CanonicalOrder {
    /// Whether there was a collection that JSON would not have put in order.
    private(set) var hasActed = false

    func write(_ collection: any UnorderedCollection, to sink: WireSink) throws {
        if !collection.hasSortedKeys { hasActed = true }
        var elements: [[UInt8]] = []
        try collection.forEachElement { parts in
            let sink = WireSink(self)
            for part in parts { try sink.encode(part, parent: nil, key: nil) }
            elements.append(Array(sink.bytes))
        }
        elements.sort { $0.lexicographicallyPrecedes($1) }
        sink.write(elements.reduce(8) { $0 + $1.count }, .unkeyed)
        sink.write(elements.count)
        for element in elements { element.withUnsafeBytes { sink.write($0) } }
    }

    /// A value's bytes with all its collections in order; `nil` if JSON with sorted keys is in order
    /// too.
    static func bytes(of value: some Encodable) throws -> [UInt8]? {
        let order = CanonicalOrder()
        let sink = WireSink(order)
        try sink.encode(value, parent: nil, key: nil)
        return order.hasActed ? Array(sink.bytes) : nil
    }
}
