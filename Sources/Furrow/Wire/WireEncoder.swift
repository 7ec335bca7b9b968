/// Encodes values into the form that ``WireTag`` describes.
struct WireEncoder: Sendable {
    /// Appends a value to a buffer; on an error the buffer is left as it was.
    func encode(_ value: some Encodable, into buffer: inout [UInt8]) throws {
        let sink = WireSink()
        try sink.encode(value, parent: nil, key: nil)
        buffer.append(contentsOf: sink.bytes)
    }
}

/// The bytes that the encoders of one value write to.
///
/// Memory of its own instead of an array: a field is a key and a value of some bytes, and an
/// array's bookkeeping would take more time than they do (half as much again for a record of four
/// fields).
final class WireSink {
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)
    private(set) var count = 0

    deinit { memory.deallocate() }

    /// What was written. Valid as long as the sink is, and until more is written.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// Makes room for so many bytes, which the caller writes.
    private func grow(by size: Int) -> UnsafeMutableRawPointer? {
        if count + size > memory.count {
            let wider = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(2 * memory.count, count + size),
                alignment: 8
            )
            wider.copyMemory(from: bytes)
            memory.deallocate()
            memory = wider
        }
        defer { count += size }
        return memory.baseAddress?.advanced(by: count)
    }

    func write(_ tag: WireTag) {
        grow(by: 1)?.storeBytes(of: tag.rawValue, as: UInt8.self)
    }

    func write(_ value: some BitwiseCopyable, _ tag: WireTag) {
        write(tag)
        write(value)
    }

    func write<T: BitwiseCopyable>(_ value: T) {
        grow(by: MemoryLayout<T>.size)?.storeBytes(of: value, as: T.self)
    }

    func write(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        grow(by: bytes.count)?.copyMemory(from: source, byteCount: bytes.count)
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

    /// Writes over what stands at a place already.
    func rewrite(_ value: Int, at offset: Int) {
        memory.storeBytes(of: value, toByteOffset: offset, as: Int.self)
    }

    /// Moves what stands behind a place, and puts bytes there.
    func insert(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let tail = count - offset
        guard let source = bytes.baseAddress, grow(by: bytes.count) != nil,
            let place = memory.baseAddress?.advanced(by: offset)
        else { return }
        place.advanced(by: bytes.count).copyMemory(from: place, byteCount: tail)
        place.copyMemory(from: source, byteCount: bytes.count)
    }

    func encode<T: Encodable>(_ value: T, parent: WireValueEncoder?, key: (any CodingKey)?) throws {
        if bulkTypes[ObjectIdentifier(T.self)] != nil, let bulk = value as? any BulkArray {
            bulk.withBulk { numbers in
                write(numbers.count + 1, .bulk)
                write(type(of: bulk).code)
                write(numbers)
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
        start = sink.count
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
            sink.write(0)
        case .single, .undecided:
            break
        }
    }

    /// An encoder for a container inside this one, whose bytes will stand here.
    func makeInner(_ key: any CodingKey) -> WireValueEncoder {
        let encoder = WireValueEncoder(WireSink(), parent: self, key: key)
        inner.append((sink.count, encoder))
        return encoder
    }

    /// Puts the inner containers in place and writes down how long this value became.
    func close() {
        if shape == .undecided { open(.keyed) }
        for (offset, encoder) in inner.reversed() {
            encoder.close()
            sink.insert(encoder.sink.bytes, at: offset)
        }
        inner = []
        guard shape == .keyed || shape == .unkeyed else { return }
        sink.rewrite(sink.count - start - 9, at: start + 1)
        if shape == .unkeyed { sink.rewrite(count, at: start + 9) }
    }
}
