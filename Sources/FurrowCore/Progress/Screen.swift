import Synchronization

/// Text from jobs for rank 0's terminal, kept until it is sent there.
final class Screen: Sendable {
    private let text = Mutex<[UInt8]>([])

    private let pass: (@Sendable ([UInt8]) -> Void)?

    /// - Parameter pass: takes each piece at once; `nil`: it is kept.
    init(passing pass: (@Sendable ([UInt8]) -> Void)? = nil) { self.pass = pass }

    func append(_ new: [UInt8]) {
        if let pass { return pass(new) }
        text.withLock { $0 += new }
    }

    func take() -> [UInt8] {
        text.withLock { text in
            defer { text = [] }
            return text
        }
    }
}
