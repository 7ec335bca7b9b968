import Synchronization

/// Text from jobs for rank 0's terminal, kept until it is sent there.
final class Screen: Sendable {
    private let text = Mutex<[UInt8]>([])

    func append(_ new: [UInt8]) {
        text.withLock { $0 += new }
    }

    func take() -> [UInt8] {
        text.withLock { text in
            defer { text = [] }
            return text
        }
    }
}
