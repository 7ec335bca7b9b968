import Foundation
public import FurrowRuns

/// The smallest unit of work, independent of every other job of its stage.
///
/// A job is a `Codable` struct: its properties are its parameters, which travel to the worker that
/// runs it, as its output travels back. Both go in a compact binary form of their own, in which
/// every `Double` and every `String` survives to the bit.
///
/// Jobs run beside the thread that calls MPI, one at a time on each worker. A job must not call
/// MPI itself: only `MPIActor` may.
public protocol Job: Codable, Sendable {
    /// What one job results in.
    associatedtype Output: Codable & Sendable
    /// What the results of a stage become on rank 0; the array of them, unless ``collect(_:)``
    /// says otherwise.
    associatedtype Collected: Sendable = [Output]

    /// The stage's name in messages and directories, and its section's name in a configuration.
    static var name: String { get }

    /// The job's number in its stage, from 0, for a generator that makes jobs in another order than
    /// that of their results; `nil` for the order in which it makes them.
    var number: Int? { get }

    /// The job's parameters as messages and the journal show them: a JSON value in one line.
    func describeParameters() throws -> String

    /// What makes this the same job as one of an earlier run, whose result is then kept: its
    /// parameters in a form that is the same for the same parameters in every process. Those
    /// whose encoding has no order of its own (a `Set`, a dictionary whose keys are no text) need
    /// one here.
    func canonicalParameters() throws -> [UInt8]

    /// How the job travels: as the bytes it is, where it is bitwise-copyable. A public type says
    /// so itself (`BitwiseCopyable`), of any other the compiler sees it.
    static var coding: WireCoding<Self> { get }

    /// How its output travels.
    static var outputCoding: WireCoding<Output> { get }

    /// Does the work. Called once per attempt, on one worker.
    ///
    /// May be a plain throwing function. When the stage is stopped, `Task.isCancelled` becomes
    /// true; a job that goes on for longer than the grace period is abandoned.
    ///
    /// - Parameter context: where and as what the job runs.
    /// - Returns: the result.
    /// - Throws: anything; it is recorded as this job's failure.
    func run(_ context: JobContext) async throws -> Output

    /// Makes one value of all results. Called on rank 0, once a stage.
    ///
    /// - Parameter results: those of the jobs that succeeded, in job order, however the jobs were
    ///   dealt. Empty when there were no jobs; never called when there were and none succeeded.
    static func collect(_ results: [Output]) async throws -> Collected

    /// Keeps or shows what was collected. Called on rank 0, after ``collect(_:)``, also when some
    /// jobs failed.
    ///
    /// - Parameters:
    ///   - collected: what ``collect(_:)`` returned.
    ///   - directory: the run's directory, which exists once a path in it was asked for.
    static func save(_ collected: Collected, in directory: RunDirectory) async throws
}

extension Job {
    /// The type's name in lower case, words joined by hyphens: `TrainModel` is `train-model`.
    public static var name: String { hyphenated(String(describing: Self.self)) }

    /// As its `Codable` conformance says.
    public static var coding: WireCoding<Self> { .codable }

    /// As its `Codable` conformance says.
    public static var outputCoding: WireCoding<Output> { .codable }

    /// None of its own.
    public var number: Int? { nil }

    /// The job itself as JSON, keys sorted.
    public func describeParameters() throws -> String { try JSONEncoder.journal.text(self) }

    /// ``describeParameters()``, in bytes.
    public func canonicalParameters() throws -> [UInt8] { Array(try describeParameters().utf8) }

    /// Keeps nothing.
    public static func save(_ collected: Collected, in directory: RunDirectory) async throws {}
}

extension Job where Self: BitwiseCopyable {
    /// As the bytes it is.
    public static var coding: WireCoding<Self> { .bitwise }
}

extension Job where Output: BitwiseCopyable {
    /// As the bytes it is.
    public static var outputCoding: WireCoding<Output> { .bitwise }
}

extension Job where Collected == [Output] {
    /// The results as they are.
    public static func collect(_ results: [Output]) async throws -> [Output] { results }
}

func hyphenated(_ typeName: String) -> String {
    var words = ""
    for character in typeName {
        if character.isUppercase, let last = words.last, last != "-", !last.isUppercase {
            words.append("-")
        }
        words.append(character)
    }
    return words.lowercased()
}
