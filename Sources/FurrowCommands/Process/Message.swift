/// Messages between a worker and its supervisor: each is its length in eight bytes, then fields.
struct Message {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ number: Int) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ field: [UInt8]) {
        put(field.count)
        bytes += field
    }

    mutating func put(_ fields: [[UInt8]]) {
        put(fields.count)
        for field in fields { put(field) }
    }

    /// With its length in front.
    var framed: [UInt8] {
        var framed = Message()
        framed.put(bytes)
        return framed.bytes
    }

    /// Reads the fields of a message in the order in which they were put.
    struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        mutating func number() -> Int {
            precondition(rest.count >= 8, "a message between worker and supervisor is too short")
            defer { rest = rest.dropFirst(8) }
            return rest.withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
        }

        mutating func field() -> [UInt8] {
            let count = number()
            precondition(rest.count >= count, "a message between worker and supervisor is cut off")
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }

        mutating func fields() -> [[UInt8]] { (0..<number()).map { _ in field() } }
    }

    /// Puts messages together from the pieces in which they arrive.
    struct Inbox {
        private var bytes: [UInt8] = []

        mutating func add(_ piece: UnsafeRawBufferPointer) { bytes.append(contentsOf: piece) }

        /// The next whole message.
        mutating func next() -> Reader? {
            guard bytes.count >= 8 else { return nil }
            let length = bytes.withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
            guard bytes.count >= 8 + length else { return nil }
            let reader = Reader(Array(bytes[8..<8 + length])[...])
            bytes.removeFirst(8 + length)
            return reader
        }
    }
}
