import Synchronization

/// A job that needs something which a worker makes once for all its jobs: a model, an open data set,
/// a connection.
///
///     struct Predict: PreparedJob {
///         var image: String
///
///         static func prepare(_ context: JobContext) throws -> Model { try Model(on: context.device) }
///         func run(_ model: Model, _ context: JobContext) throws -> Double { model.score(image) }
///     }
public protocol PreparedJob: Job {
    /// The result of one job.
    associatedtype Output
    /// What a worker's jobs share. It is not sent anywhere.
    associatedtype Resource: Sendable

    /// Makes it, on each worker before its first job of the stage; on a worker without jobs it is not
    /// called.
    ///
    /// - Parameter context: the context of the worker's first job.
    /// - Throws: any error; then every job of this worker fails with it.
    static func prepare(_ context: JobContext) async throws -> Resource

    /// Lets go of it when the worker's jobs of the stage have ended, also after a failure. Default:
    /// nothing.
    static func tearDown(_ resource: Resource) async

    /// Does the work. See ``Job/run(_:)``.
    ///
    /// - Parameters:
    ///   - resource: what ``prepare(_:)`` has made on this worker.
    ///   - context: the job's rank, device, attempt and so on.
    func run(_ resource: Resource, _ context: JobContext) async throws -> Output
}

extension PreparedJob {
    /// Nothing.
    public static func tearDown(_ resource: Resource) async {}

    /// Runs the job with the worker's resource.
    public func run(_ context: JobContext) async throws -> Output {
        let resource = try await context.executor.preparation.resource {
            try await Self.prepare(context)
        } tearDown: {
            await Self.tearDown($0)
        }
        return try await run(resource, context)
    }
}

/// What one worker has prepared for the jobs of one stage, which run one after the other.
final class Preparation: Sendable {
    private struct State: Sendable {
        var made: Result<any Sendable, any Error>?
        var tearDown: (@Sendable () async -> Void)?
    }

    private let state = Mutex(State())

    func resource<Resource: Sendable>(
        _ prepare: () async throws -> Resource,
        tearDown: @escaping @Sendable (Resource) async -> Void
    ) async throws -> Resource {
        if let made = state.withLock({ $0.made }), let resource = try made.get() as? Resource {
            return resource
        }
        do {
            let resource = try await prepare()
            state.withLock { state in
                state.made = .success(resource)
                state.tearDown = { await tearDown(resource) }
            }
            return resource
        } catch {
            // A cancelled job says nothing about the next one.
            if !Task.isCancelled { state.withLock { $0.made = .failure(error) } }
            throw error
        }
    }

    /// Lets go of what was prepared. When no job runs any more.
    func end() async {
        let tearDown = state.withLock { state in
            defer { state = State() }
            return state.tearDown
        }
        await tearDown?()
    }

    /// A job was abandoned and may still use it.
    func forget() { state.withLock { $0.tearDown = nil } }
}
