import FurrowCore

/// What a worker asks of its supervisor: to run a command, or to end the one that runs (`nil`).
typealias SupervisorRequest = ProcessRequest?

/// What a supervisor tells its worker: how a command ended, or, once, that it is at work (`nil`).
typealias SupervisorReply = ProcessOutcome?

/// Values between a worker and its supervisor, both of the same program: each in the form in which
/// jobs travel, behind its length in eight bytes.
struct Frame {
    /// The length and the value.
    private(set) var bytes: [UInt8] = []

    init(_ value: some Encodable) {
        withUnsafeBytes(of: 0) { bytes.append(contentsOf: $0) }
        do {
            try WireEncoder().encode(value, into: &bytes)
        } catch {
            preconditionFailure("a message to or of a supervisor has no wire form: \(error)")
        }
        let length = bytes.count - 8
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: length, as: Int.self) }
    }

    /// Puts values together from the pieces in which they arrive.
    struct Inbox<Value: Decodable> {
        private var bytes: [UInt8] = []
        private let decoder = WireDecoder()

        mutating func add(_ piece: UnsafeRawBufferPointer) { bytes.append(contentsOf: piece) }

        /// The next whole value.
        mutating func next() -> Value? {
            guard bytes.count >= 8 else { return nil }
            let length = bytes.withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
            guard bytes.count >= 8 + length else { return nil }
            defer { bytes.removeFirst(8 + length) }
            do {
                return try bytes.withUnsafeBytes {
                    try decoder.decode(
                        Value.self,
                        from: UnsafeRawBufferPointer(rebasing: $0[8..<8 + length])
                    )
                }
            } catch {
                preconditionFailure("a message to or of a supervisor is damaged: \(error)")
            }
        }
    }
}
