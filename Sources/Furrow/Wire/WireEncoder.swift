/// Encodes values into the form that ``WireTag`` describes.
struct WireEncoder: Sendable {
    /// Appends a value to a buffer; on an error the buffer is left as it was.
    func encode(_ value: some Encodable, into buffer: inout [UInt8]) throws {
        let sink = WireSink()
        swap(&sink.bytes, &buffer)
        defer { swap(&sink.bytes, &buffer) }
        let count = sink.bytes.count
        do {
            try sink.encode(value, parent: nil, key: nil)
        } catch {
            sink.bytes.removeSubrange(count...)
            throw error
        }
    }
}

/// The bytes that the encoders of one value write to.
final class WireSink {
    var bytes: [UInt8] = []

    func write(_ tag: WireTag) {
        bytes.append(tag.rawValue)
    }

    func write(_ value: some BitwiseCopyable, _ tag: WireTag) {
        write(tag)
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    func write(_ string: String) {
        var string = string
        string.withUTF8 { text in
            write(text.count, .string)
            bytes.append(contentsOf: text)
        }
    }

    func write(key: String) {
        var key = key
        key.withUTF8 { text in
            bytes.append(UInt8(min(text.count, 255)))
            if text.count >= 255 { bytes.append(integer: text.count) }
            bytes.append(contentsOf: text)
        }
    }

    func encode<T: Encodable>(_ value: T, parent: WireValueEncoder?, key: (any CodingKey)?) throws {
        if bulkTypes[ObjectIdentifier(T.self)] != nil, let bulk = value as? any BulkArray {
            bulk.withBulk { numbers in
                write(numbers.count + 1, .bulk)
                bytes.append(type(of: bulk).code)
                bytes.append(contentsOf: numbers)
            }
            return
        }
        let encoder = WireValueEncoder(self, parent: parent, key: key)
        try value.encode(to: encoder)
        encoder.close()
    }
}

/// Encodes one value: what `encode(to:)` of a type is given.
final class WireValueEncoder: Encoder {
    private enum Shape {
        case undecided
        case single
        case keyed
        case unkeyed
    }

    let sink: WireSink
    let parent: WireValueEncoder?
    let key: (any CodingKey)?
    private let start: Int
    private var shape = Shape.undecided
    /// How many values an unkeyed container has.
    var count = 0
    /// Containers inside this one that are written to side by side with it, and where their bytes
    /// belong once all is written.
    private var inner: [(offset: Int, encoder: WireValueEncoder)] = []

    init(_ sink: WireSink, parent: WireValueEncoder?, key: (any CodingKey)?) {
        self.sink = sink
        self.parent = parent
        self.key = key
        start = sink.bytes.count
    }

    var codingPath: [any CodingKey] {
        (parent?.codingPath ?? []) + (key.map { [$0] } ?? [])
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        open(.keyed)
        return KeyedEncodingContainer(WireKeyedEncoder(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        open(.unkeyed)
        return WireUnkeyedEncoder(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        open(.single)
        return WireSingleEncoder(encoder: self)
    }

    /// A class and its superclass may both ask for the container, and write into the same.
    private func open(_ wanted: Shape) {
        if shape == wanted { return }
        precondition(shape == .undecided, "a value asked for containers of two kinds")
        shape = wanted
        switch wanted {
        case .keyed:
            sink.write(0, .keyed)
        case .unkeyed:
            sink.write(0, .unkeyed)
            sink.bytes.append(integer: 0)
        case .single, .undecided:
            break
        }
    }

    /// An encoder for a container inside this one, whose bytes will stand here.
    func makeInner(_ key: any CodingKey) -> WireValueEncoder {
        let encoder = WireValueEncoder(WireSink(), parent: self, key: key)
        inner.append((sink.bytes.count, encoder))
        return encoder
    }

    /// Puts the inner containers in place and writes down how long this value became.
    func close() {
        if shape == .undecided { open(.keyed) }
        for (offset, encoder) in inner.reversed() {
            encoder.close()
            sink.bytes.insert(contentsOf: encoder.sink.bytes, at: offset)
        }
        inner = []
        guard shape == .keyed || shape == .unkeyed else { return }
        let length = sink.bytes.count - start - 9
        sink.bytes.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: length, toByteOffset: start + 1, as: Int.self)
            if shape == .unkeyed {
                bytes.storeBytes(of: count, toByteOffset: start + 9, as: Int.self)
            }
        }
    }
}
