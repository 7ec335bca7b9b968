import FurrowRuns
import FurrowSystem
import Glibc
package import MPI

/// This rank's process for jobs, and what such a process must know of the program so far.
@MPIActor
package enum JobProcesses {
    private static var log: StageLog?
    private static var current: JobProcess?
    private static var hasPlace = false
    /// How many stages have begun.
    private(set) static var stages = 0
    /// Wakes the MPI thread.
    static let wakeup = Mailbox<Never>()

    /// Prepares the program for jobs in processes. For the beginning of a program, before it hears
    /// anything of other ranks. The process then starts while MPI does.
    ///
    /// - Parameter startsProcess: whether this rank will run jobs.
    package static func prepare(startsProcess: Bool) throws {
        guard RankLink.current == nil, log == nil else { return }
        let log = try StageLog()
        self.log = log
        Hearing.note = { note(.collective, $0) }
        if startsProcess { _ = try process() }
    }

    /// The process, a new one if there is none.
    static func process() throws(FileError) -> JobProcess {
        if let current, current.end == nil { return current }
        guard let log else { preconditionFailure("a stage with processes has a log") }
        let process = try JobProcess(reading: log, waking: wakeup)
        current = process
        return process
    }

    /// Ends the process.
    static func drop() {
        current?.kill()
        current = nil
    }

    /// Runs a stage of this rank, and lets processes that stand in for it know how it ended.
    ///
    /// - Parameters:
    ///   - isolation: where the stage's jobs run.
    ///   - name: the stage's name.
    ///   - world: all ranks; `nil` without MPI.
    static func stage<Value: Sendable>(
        _ name: String,
        _ isolation: Isolation,
        _ world: Communicator?,
        _ body: @MPIActor () async throws -> Value
    ) async throws -> Value {
        try begin(isolation, world, name)
        stages += 1
        guard log != nil else { return try await body() }
        do {
            let value = try await Hearing.unnoted(body)
            note(.stageEnd, [])
            return value
        } catch let error as ParallelExecutionError {
            note(.stageEnd, bytes(of: error.failure))
            throw error
        } catch let error as SerialExecutionError {
            note(.stageEnd, bytes(of: error.failure))
            throw error
        }
    }

    /// Begins to note what this rank hears, if a stage needs it. Before the stage's first collective.
    static func begin(
        _ isolation: Isolation,
        _ world: Communicator?,
        _ name: String
    ) throws {
        if isolation != .none, log == nil {
            guard stages == 0, !Hearing.hasHeard else {
                throw ParallelExecutionError(
                    failure: StageFailure(
                        stage: name,
                        cause: .usage,
                        message: "jobs can run in processes of their own only if those of the "
                            + "program's first stage do; set RunOptions.isolation for all stages"
                    )
                )
            }
            try prepare(startsProcess: false)
        }
        settle(world)
    }

    /// Makes known which rank this is.
    package static func settle(_ world: Communicator?) {
        guard log != nil, !hasPlace else { return }
        hasPlace = true
        let place = LogPlace(
            rank: world?.rank ?? 0,
            size: world?.size ?? 1,
            host: world?.host ?? hostName()
        )
        var bytes: [UInt8] = []
        do {
            try WireEncoder().encode(place, into: &bytes)
        } catch {
            preconditionFailure("a rank's place has no wire form: \(error)")
        }
        note(.place, bytes)
    }

    private static func bytes(of failure: StageFailure) -> [UInt8] {
        do {
            return try failure.encoded()
        } catch {
            preconditionFailure("a failure has no wire form: \(error)")
        }
    }

    private static func note(_ kind: StageLog.Kind, _ bytes: [UInt8]) {
        do {
            try log?.append(kind, bytes)
        } catch {
            // Without it no process could follow.
            StandardError.write("Error: \(error); no memory for what ranks tell each other")
            MPISession.abort(ExitStatus.internalError.rawValue)
        }
        current?.ring()
    }
}
