import Foundation
public import FurrowRuns

/// The smallest unit of work, independent of every other job of its stage.
///
/// A job is a `Codable` struct. Its properties are its parameters. They travel to the worker that
/// runs the job, and its output travels back, both in a compact binary form that keeps every
/// `Double` and `String` exact to the bit.
///
/// Each worker runs one job at a time, beside the thread that calls MPI. A job must not call MPI
/// itself: only `MPIActor` may.
public protocol Job: Codable, Sendable {
    /// The result of one job.
    associatedtype Output: Codable & Sendable
    /// The collected results of a stage on rank 0; an array unless ``collect(_:)`` returns another
    /// type.
    associatedtype Collected: Sendable = [Output]

    /// The stage's name in messages and directories, and its section's name in a configuration.
    static var name: String { get }

    /// The job's number in its stage, from 0, if the generator does not make jobs in the order of
    /// their results; `nil` for the order in which they are made. Not a parameter: a property called
    /// `number` is one. It must be from 0 to 2^48 − 1, and another for each job.
    var jobNumber: Int? { get }

    /// The job's parameters for messages and the journal: a JSON value in one line.
    func describeParameters() throws -> String

    /// The job's parameters in a form that is the same for equal parameters in every process. A job
    /// with the same form as one of an earlier run is the same job, and keeps its result.
    func canonicalParameters() throws -> [UInt8]

    /// How the job travels: as its bytes in memory if it is bitwise-copyable. A public type must
    /// declare `BitwiseCopyable`; for other types the compiler infers it.
    static var coding: WireCoding<Self> { get }

    /// How its output travels.
    static var outputCoding: WireCoding<Output> { get }

    /// How long one attempt may take; `nil`: any time. An attempt that takes longer is cancelled, and
    /// fails. One that has not ended a grace period later is abandoned: it keeps its thread, and the
    /// worker goes on with its next job.
    static var timeout: Duration? { get }

    /// Does the work. Called once per attempt, on one worker.
    ///
    /// May be a plain throwing function. When the stage is stopped, `Task.isCancelled` becomes
    /// true. A job that does not end within the grace period is abandoned.
    ///
    /// - Parameter context: the job's rank, device, attempt and so on.
    /// - Returns: the result.
    /// - Throws: any error; it is recorded as this job's failure.
    func run(_ context: JobContext) async throws -> Output

    /// Combines all results into one value. Called on rank 0, once per stage.
    ///
    /// - Parameter results: the results of the jobs that succeeded, in job order, however the jobs
    ///   were dealt. Empty if there were no jobs. Not called if there were jobs and none succeeded.
    static func collect(_ results: [Output]) async throws -> Collected

    /// Saves or shows the collected value. Called on rank 0 after ``collect(_:)``, even if some
    /// jobs failed.
    ///
    /// - Parameters:
    ///   - collected: the value returned by ``collect(_:)``.
    ///   - directory: the run's directory; it is made when a path in it is first requested.
    static func save(_ collected: Collected, in directory: RunDirectory) async throws

    /// Saves or shows the collected value where the run's directory is of no interest. Called by the
    /// default of ``save(_:in:)`` alone.
    static func save(_ collected: Collected) async throws
}

extension Job {
    /// The type's name in lower case, words joined by hyphens: `TrainModel` is `train-model`.
    public static var name: String { hyphenated(String(describing: Self.self)) }

    /// The type's `Codable` form.
    public static var coding: WireCoding<Self> { .codable }

    /// The type's `Codable` form.
    public static var outputCoding: WireCoding<Output> { .codable }

    /// `nil`: any time.
    public static var timeout: Duration? { nil }

    /// `nil`: the order in which jobs are made.
    public var jobNumber: Int? { nil }

    /// The job itself as JSON, keys sorted.
    public func describeParameters() throws -> String { try JSONEncoder.journal.text(self) }

    /// ``describeParameters()``, in bytes; of parameters with a `Set`, or a dictionary that JSON does
    /// not sort, a form in which they are in order.
    public func canonicalParameters() throws -> [UInt8] {
        try CanonicalOrder.bytes(of: self) ?? Array(try describeParameters().utf8)
    }

    /// ``save(_:)``.
    public static func save(_ collected: Collected, in directory: RunDirectory) async throws {
        try await save(collected)
    }

    /// Saves nothing.
    public static func save(_ collected: Collected) async throws {}
}

extension Job where Self: BitwiseCopyable {
    /// The value's bytes in memory.
    public static var coding: WireCoding<Self> { .bitwise }
}

extension Job where Output: BitwiseCopyable {
    /// The value's bytes in memory.
    public static var outputCoding: WireCoding<Output> { .bitwise }
}

extension Job where Collected == [Output] {
    /// The results unchanged.
    public static func collect(_ results: [Output]) async throws -> [Output] { results }
}

/// A type's name in lower case, words joined by hyphens; of a generic one with its arguments:
/// `Apply<Array<Int>>` is `apply-array-int`. It is a key of a configuration and part of files' names.
func hyphenated(_ typeName: String) -> String {
    var words = ""
    for character in typeName {
        guard character.isLetter || character.isNumber || "_-".contains(character) else {
            if let last = words.last, last != "-" { words.append("-") }
            continue
        }
        if character.isUppercase, let last = words.last, last != "-", !last.isUppercase {
            words.append("-")
        }
        words.append(character)
    }
    if words.last == "-" { words.removeLast() }
    return words.lowercased()
}
