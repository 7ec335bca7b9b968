/// What a worker tells rank 0 of the jobs that ended since it last did.
struct Report: Sendable, Equatable {
    var counts = StageFailure.Counts()
    /// How long they took together, in seconds.
    var seconds = 0.0
    /// Those that failed, as long as not more than ``StageFailure/detailLimit`` have.
    var failures: [JobFailure] = []

    var jobs: Int { counts.succeeded + counts.unsuccessful }

    init() {}

    init(message: [UInt8]) throws {
        counts.succeeded = message.integer(at: 0)
        counts.failed = message.integer(at: 8)
        counts.cancelled = message.integer(at: 16)
        counts.abandoned = message.integer(at: 24)
        seconds = Double(bitPattern: UInt64(bitPattern: Int64(message.integer(at: 32))))
        if message.count > 40 {
            failures = try message[40...].withUnsafeBytes {
                try WireDecoder().decode([JobFailure].self, from: $0)
            }
        }
    }

    func message() throws -> [UInt8] {
        var message: [UInt8] = []
        message.append(integer: counts.succeeded)
        message.append(integer: counts.failed)
        message.append(integer: counts.cancelled)
        message.append(integer: counts.abandoned)
        message.append(integer: Int(Int64(bitPattern: seconds.bitPattern)))
        if !failures.isEmpty { try WireEncoder().encode(failures, into: &message) }
        return message
    }
}
