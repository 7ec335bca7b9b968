import FurrowSystem
import Synchronization

/// An attempt that took longer than it may.
struct TimeoutError: Error, CustomStringConvertible {
    let timeout: Duration
    /// How long it was waited for after it was cancelled, if it did not end.
    let grace: Duration?

    var description: String {
        let text = "took longer than its timeout of \(Quantity.time(seconds: timeout.seconds))"
        guard let grace else { return text }
        return text + ", and did not end within "
            + "\(Quantity.time(seconds: grace.seconds)) after it was cancelled"
    }
}

/// Runs a piece of work with a time limit, also one that ignores its cancellation.
///
/// - Parameters:
///   - timeout: when the work is cancelled.
///   - grace: how much later it is given up. It then keeps its thread until it ends.
/// - Throws: ``TimeoutError``; the error of the work.
func limited<Output: Sendable>(
    to timeout: Duration,
    grace: Duration,
    _ work: @escaping @Sendable () async throws -> Output
) async throws -> Output {
    let end = AttemptEnd<Output>()
    let task = Task(priority: .jobs) {
        do {
            end.settle(.success(try await work()))
        } catch {
            end.settle(.failure(error))
        }
    }
    // Not of the jobs' priority: its threads may all be taken by jobs that ignore cancellation.
    let watch = Task.detached(priority: .medium) {
        try await Task.sleep(for: timeout)
        end.isLate.store(true, ordering: .relaxed)
        task.cancel()
        try await Task.sleep(for: grace)
        end.settle(.failure(TimeoutError(timeout: timeout, grace: grace)))
    }
    defer { watch.cancel() }
    return try await withTaskCancellationHandler {
        do {
            return try await end.value()
        } catch let error where !(error is TimeoutError) {
            guard end.isLate.load(ordering: .relaxed) else { throw error }
            throw TimeoutError(timeout: timeout, grace: nil)
        }
    } onCancel: {
        task.cancel()
    }
}

/// The first of several ends of an attempt.
private final class AttemptEnd<Output: Sendable>: Sendable {
    private struct State: Sendable {
        var result: Result<Output, any Error>?
        var waiter: CheckedContinuation<Output, any Error>?
    }

    private let state = Mutex(State())
    /// Whether the time was over.
    let isLate = Atomic(false)

    func settle(_ result: Result<Output, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<Output, any Error>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: result)
    }

    func value() async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.waiter = continuation }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
