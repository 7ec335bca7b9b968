public import ArgumentParser
import FurrowSystem
@preconcurrency import Glibc
import MPI

/// A program, or one of its commands, that behaves under mpirun as it does alone: only rank 0
/// prints, and every rank exits with the same status.
public protocol FurrowProgram: AsyncParsableCommand {}

/// A command that runs on all ranks. First it checks that all ranks see each other.
public protocol CollectiveCommand: AsyncParsableCommand {}

/// A command that needs only one process and no MPI; under mpirun it runs on rank 0.
public protocol LocalCommand: ParsableCommand {}

/// A program that knows the usual slips in its command line.
package protocol AdvisingProgram: FurrowProgram {
    /// What to do about a command line that cannot be read; `nil`: what the parser says.
    ///
    /// - Parameter arguments: the command line, without the program.
    static func advice(on arguments: [String]) -> String?
}

/// The name by which this program was started.
let programName = CommandLine.arguments.first?.nameOfPath ?? "program"

extension FurrowProgram {
    /// Parses the command line and runs the command. Called on every rank.
    public static func main() async {
        var launch = LaunchEnvironment(processEnvironment())
        // Launchers forward pieces of what a rank writes: of a full buffer that ends in mid-line, the
        // rest would come after other ranks' lines. A job that ends its process would take along the
        // lines of earlier ones.
        if launch != nil || RankLink.current != nil { setvbuf(stdout, nil, _IOLBF, 0) }
        await RankLink.install()
        do {
            try refuseUnreadableArguments()
            var command = try parsedCommand()
            if command is any CollectiveCommand {
                if RankLink.current == nil { Interruption.install() }
                try await prepareJobs(isolatesJobs(command, launch))
                try await refuseForeignLauncher(launch)
            } else if command is any LocalCommand {
                if let launch, launch.rank > 0 { Glibc.exit(EXIT_SUCCESS) }
                launch = nil
            }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try await MPISession.finish()
            Glibc.exit(EXIT_SUCCESS)
        } catch {
            await leave(error, launch)
        }
    }

    /// The command that the command line asks for.
    private static func parsedCommand() throws -> any ParsableCommand {
        do {
            return try parseAsRoot()
        } catch  where exitCode(for: error) != .success {
            let arguments = Array(CommandLine.arguments.dropFirst())
            guard let program = Self.self as? any AdvisingProgram.Type,
                let advice = program.advice(on: arguments)
            else { throw error }
            throw UsageError(advice)
        }
    }

    /// Swift would put other bytes into their place without a word.
    private static func refuseUnreadableArguments() throws {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index],
                String(validatingCString: argument) == nil
            else { continue }
            throw UsageError(
                "argument \(index), '\(String(cString: argument))', is not valid UTF-8; put such "
                    + "values into a file: --tasks FILE, or {file: FILE} in a sweep file"
            )
        }
    }

    /// Whether jobs run in a process of their own, and this rank runs any; `nil` for jobs in ranks.
    private static func isolatesJobs(
        _ command: any ParsableCommand,
        _ launch: LaunchEnvironment?
    ) -> Bool? {
        guard let options = (command as? any PipelineCommand)?.options,
            options.isolation != .none
        else { return nil }
        let (rank, size) = (launch?.rank ?? 0, launch?.size ?? 1)
        let workers = options.runner.jobs ?? size
        return options.runsJobs && (size == 1 || 1...max(1, workers) ~= rank)
    }

    /// Starts the process for the jobs of this rank, so that it starts while MPI does.
    @MPIActor
    private static func prepareJobs(_ startsProcess: Bool?) throws {
        if let startsProcess { try JobProcesses.prepare(startsProcess: startsProcess) }
    }

    @MPIActor
    private static func refuseForeignLauncher(_ launch: LaunchEnvironment?) throws {
        let environment = processEnvironment()
        if LaunchEnvironment.lacksPMIx(environment, library: MPISession.libraryVersion) {
            if let launch, launch.size > 1 {
                let mismatch = launch.mismatch(
                    worldSize: 1,
                    library: MPISession.libraryVersion
                )
                // Nothing that ends all ranks can be called, and each has the same to say.
                if launch.rank == 0, let mismatch { StandardError.write("Error: \(mismatch)") }
                Glibc.exit(ExitStatus.usage.rawValue)
            }
            LaunchEnvironment.leaveStep()
        }
        let world = try MPISession.start()
        JobProcesses.settle(world)
        let mismatch = launch?.mismatch(
            worldSize: world.size,
            library: MPISession.libraryVersion
        )
        if let mismatch { throw UsageError(mismatch) }
    }

    /// Reports an error once and ends this rank.
    @MPIActor
    private static func leave(_ error: any Error, _ launch: LaunchEnvironment?) -> Never {
        let rank = launch?.rank ?? 0
        guard let status = agreedStatus(of: error) else {
            // The other ranks may not know of the error, and wait for this one.
            StandardError.write("Error: rank \(rank): \(error)")
            MPISession.abort(ExitStatus.internalError.rawValue)
        }
        if rank == 0 {
            let text = hasOwnMessage(error) ? "Error: \(error)\n" : parserMessage(error) + "\n"
            (status == 0 ? OpenFile.standardOutput : .standardError).say(text)
        }
        // The launcher kills the other ranks when one exits with an error. So all must arrive here
        // first, or rank 0's message could be lost.
        do {
            if status != 0, (launch?.size ?? 1) > 1 { try MPISession.start().barrier() }
            try MPISession.finish()
        } catch {
            MPISession.abort(status)
        }
        Glibc.exit(status)
    }

    /// The parser's help or error. It knows the program by the name of its type.
    private static func parserMessage(_ error: any Error) -> String {
        let text = fullMessage(for: error)
        guard configuration.commandName == nil else { return text }
        return ["USAGE: ", "Usage: ", "See '"].reduce(text) { text, word in
            text.replacing("\(word)\(_commandName)", with: "\(word)\(programName)")
        }
    }

    private static func hasOwnMessage(_ error: any Error) -> Bool {
        error is ParallelExecutionError || error is SerialExecutionError
            || error is any InputFailure || error is UsageError
    }

    /// The exit status of an error met by every rank; `nil` for one that this rank may have met
    /// alone.
    private static func agreedStatus(of error: any Error) -> Int32? {
        switch error {
        case let error as ParallelExecutionError: return error.failure.exitStatus
        case let error as SerialExecutionError: return error.failure.exitStatus
        case is any InputFailure: return ExitStatus.input.rawValue
        case is UsageError: return ExitStatus.usage.rawValue
        case let error as ExitCode: return error.rawValue
        default:
            // The parser has a status for its own errors; for any other it says "failure".
            let code = exitCode(for: error)
            return code == .failure ? nil : code.rawValue
        }
    }
}
