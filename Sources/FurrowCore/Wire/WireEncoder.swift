/// Encodes values into the form described by ``WireTag``, one after the other. The memory of one
/// value is reused for the next.
package final class WireEncoder {
    /// The most memory kept for the next value, in bytes.
    private static let most = 1 << 16

    private var root = WireValueEncoder(WireSink(), parent: nil, key: nil)

    /// An encoder that has encoded nothing yet.
    package init() {}

    /// Appends a value to a buffer; after an error the buffer is unchanged.
    package func encode(_ value: some Encodable, into buffer: inout [UInt8]) throws {
        defer {
            // A value may have kept its encoder, or have been large.
            if isKnownUniquelyReferenced(&root), root.sink.capacity <= Self.most {
                root.sink.clear()
            } else {
                root = WireValueEncoder(WireSink(), parent: nil, key: nil)
            }
        }
        try root.sink.encode(value, with: root)
        buffer.append(contentsOf: root.sink.bytes)
    }
}

/// The buffer shared by the encoders of one value.
///
/// Its own memory instead of an array: a field is a key and a value of a few bytes, and an array's
/// bookkeeping would take more time than they do (half as much again for a record of four fields).
final class WireSink {
    private var memory = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 8)
    private(set) var capacity = 256
    private(set) var count = 0
    /// The last type found not to travel in bulk; the next value is most often of the same type.
    private var coded: ObjectIdentifier?
    /// Puts collections without an order into one, if they are to be equal in every process.
    let order: CanonicalOrder?

    init(_ order: CanonicalOrder? = nil) { self.order = order }

    deinit { memory.deallocate() }

    func clear() { count = 0 }

    /// The bytes written so far. Valid until more is written.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: count) }

    /// Makes room for a number of bytes, which the caller writes.
    @inline(__always)
    private func grow(by size: Int) -> UnsafeMutableRawPointer {
        let start = count
        count += size
        if count > capacity { widen(keeping: start) }
        return memory + start
    }

    private func widen(keeping size: Int) {
        capacity = max(2 * capacity, count)
        let wider = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        wider.copyMemory(from: memory, byteCount: size)
        memory.deallocate()
        memory = wider
    }

    func write(_ tag: WireTag) {
        grow(by: 1).storeBytes(of: tag.rawValue, as: UInt8.self)
    }

    func write<T: BitwiseCopyable>(_ value: T, _ tag: WireTag) {
        let place = grow(by: 1 + MemoryLayout<T>.size)
        place.storeBytes(of: tag.rawValue, as: UInt8.self)
        place.storeBytes(of: value, toByteOffset: 1, as: T.self)
    }

    func write<T: BitwiseCopyable>(_ value: T) {
        grow(by: MemoryLayout<T>.size).storeBytes(of: value, as: T.self)
    }

    func write(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        grow(by: bytes.count).copyMemory(from: source, byteCount: bytes.count)
    }

    func write(_ string: String) {
        var string = string
        string.withUTF8 { text in
            write(text.count, .string)
            write(UnsafeRawBufferPointer(text))
        }
    }

    func write(key: String) {
        var key = key
        key.withUTF8 { text in
            write(UInt8(min(text.count, 255)))
            if text.count >= 255 { write(text.count) }
            write(UnsafeRawBufferPointer(text))
        }
    }

    /// Overwrites an integer.
    func rewrite(_ value: Int, at offset: Int) {
        memory.storeBytes(of: value, toByteOffset: offset, as: Int.self)
    }

    /// Inserts bytes, moving the rest.
    func insert(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard let source = bytes.baseAddress else { return }
        let tail = count - offset
        _ = grow(by: bytes.count)
        let place = memory + offset
        (place + bytes.count).copyMemory(from: place, byteCount: tail)
        place.copyMemory(from: source, byteCount: bytes.count)
    }

    /// Writes a value inside another.
    func encode(_ value: some Encodable, parent: WireValueEncoder?, key: (any CodingKey)?) throws {
        try encode(value, with: WireValueEncoder(self, parent: parent, key: key))
    }

    /// Writes a value.
    ///
    /// - Parameter encoder: the encoder for it, if it does not travel in bulk.
    func encode<T: Encodable>(
        _ value: T,
        with encoder: @autoclosure () -> WireValueEncoder
    ) throws {
        if let order, let collection = value as? any UnorderedCollection {
            return try order.write(collection, to: self)
        }
        let type = ObjectIdentifier(T.self)
        if type != coded {
            switch forms[type] ?? form(of: value) {
            case .numbers:
                if let bulk = value as? any BulkArray { return write(bulk) }
            case .plain:
                if let plain = value as? any PlainArray, write(plain) { return }
            case .coded:
                coded = type
            }
        }
        let encoder = encoder()
        encoder.open()
        try value.encode(to: encoder)
        encoder.close()
    }

    /// How values of a type travel.
    private enum Form {
        case numbers
        case plain
        case coded
    }

    /// Of the types that were met. Asking a type whether it conforms costs much more than looking it
    /// up.
    private var forms: [ObjectIdentifier: Form] = [:]

    private func form<T>(of value: T) -> Form {
        let type = ObjectIdentifier(T.self)
        let form: Form =
            if bulkTypes[type] != nil {
                .numbers
            } else if let array = T.self as? any PlainArray.Type, array.layout != nil {
                .plain
            } else {
                .coded
            }
        forms[type] = form
        return form
    }

    /// Writes a long array of bitwise-copyable elements; false for a short one.
    private func write(_ array: some PlainArray) -> Bool {
        guard array.count >= PlainLayout.least, let layout = type(of: array).layout else {
            return false
        }
        array.withPlain { elements in
            write(elements.count + 1 + PlainLayout.header, .bulk)
            write(PlainLayout.code)
            write(layout.signature)
            write(layout.stride)
            write(elements)
        }
        return true
    }

    private func write(_ bulk: any BulkArray) {
        bulk.withBulk { numbers in
            write(numbers.count + 1, .bulk)
            write(type(of: bulk).code)
            write(numbers)
        }
    }
}

/// Encodes one value: the encoder passed to a type's `encode(to:)`.
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
    private var start = 0
    private var shape = Shape.undecided
    /// The number of values in an unkeyed container.
    var count = 0
    /// Inner containers that are written alongside this one, and where their bytes belong at the
    /// end.
    private var inner: [(offset: Int, encoder: WireValueEncoder)] = []

    init(_ sink: WireSink, parent: WireValueEncoder?, key: (any CodingKey)?) {
        self.sink = sink
        self.parent = parent
        self.key = key
    }

    /// Begins a value at the end of the sink.
    func open() {
        start = sink.count
        shape = .undecided
        count = 0
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

    /// A class and its superclass may both ask for the container; they get the same one.
    private func open(_ wanted: Shape) {
        if shape == wanted { return }
        precondition(shape == .undecided, "a value asked for containers of two kinds")
        shape = wanted
        switch wanted {
        case .keyed:
            sink.write(0, .keyed)
        case .unkeyed:
            sink.write(0, .unkeyed)
            sink.write(0)
        case .single, .undecided:
            break
        }
    }

    /// An encoder for a container inside this one, at this position.
    func makeInner(_ key: any CodingKey) -> WireValueEncoder {
        let encoder = WireValueEncoder(WireSink(sink.order), parent: self, key: key)
        encoder.open()
        inner.append((sink.count, encoder))
        return encoder
    }

    /// Inserts the inner containers and writes the length of this value.
    func close() {
        if shape == .undecided { open(.keyed) }
        if !inner.isEmpty {
            for (offset, encoder) in inner.reversed() {
                encoder.close()
                sink.insert(encoder.sink.bytes, at: offset)
            }
            inner = []
        }
        guard shape == .keyed || shape == .unkeyed else { return }
        sink.rewrite(sink.count - start - 9, at: start + 1)
        if shape == .unkeyed { sink.rewrite(count, at: start + 9) }
    }
}
