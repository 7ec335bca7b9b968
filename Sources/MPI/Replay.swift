/// What rank 0 said in the collectives of a rank, for a process that stands in for that rank without
/// MPI.
@MPIActor
package protocol Replay: AnyObject {
    /// The rank, the number of ranks and the host.
    var place: (rank: Int, size: Int, host: String) { get }
    /// What the next collective brought.
    func next() throws(MPIError) -> [UInt8]
}

/// What this rank hears in collectives, for processes that stand in for it.
@MPIActor
package enum Hearing {
    /// Takes what a collective brought.
    package static var note: (([UInt8]) -> Void)?
    /// Whether a collective has brought something by now.
    package private(set) static var hasHeard = false

    static func heard(_ bytes: @autoclosure () -> [UInt8]) {
        hasHeard = true
        note?(bytes())
    }

    /// Calls a function whose collectives are not noted.
    package static func unnoted<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let (before, had) = (note, hasHeard)
        defer { (note, hasHeard) = (before, had) }
        note = nil
        return try body()
    }

    /// The same for one that waits.
    package static func unnoted<Value: Sendable>(
        _ body: @MPIActor () async throws -> Value
    ) async rethrows -> Value {
        let (before, had) = (note, hasHeard)
        defer { (note, hasHeard) = (before, had) }
        note = nil
        return try await body()
    }
}
