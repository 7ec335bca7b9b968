public import ArgumentParser
import Glibc
import MPI

/// A program, or one command of it, that behaves as well under mpirun as alone: rank 0 alone
/// prints, and every rank leaves with the same exit status.
public protocol FurrowProgram: AsyncParsableCommand {}

extension FurrowProgram {
    /// Parses the command line and runs the command. Called on every rank.
    public static func main() async {
        let launch = LaunchEnvironment(processEnvironment())
        do {
            var command = try parseAsRoot()
            if command is any PipelineCommand {
                try await refuseForeignLauncher(launch)
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

    @MPIActor
    private static func refuseForeignLauncher(_ launch: LaunchEnvironment?) throws {
        let world = try MPISession.start()
        let mismatch = launch?.mismatch(
            worldSize: world.size,
            library: MPISession.libraryVersion
        )
        if let mismatch { throw UsageError(mismatch) }
    }

    /// Says once what happened and ends this rank.
    @MPIActor
    private static func leave(_ error: any Error, _ launch: LaunchEnvironment?) async -> Never {
        if let error = error as? MPIError {
            StandardError.write("rank \(launch?.rank ?? 0): \(error)")
            MPISession.abort(70)
        }
        let status: Int32
        if let error = error as? ParallelExecutionError {
            status = error.failure.exitStatus
        } else if error is InputError || error is ConfigurationError {
            status = 65
        } else {
            status = error is UsageError ? 64 : exitCode(for: error).rawValue
        }
        let isParsed =
            error is ParallelExecutionError || error is InputError
            || error is ConfigurationError || error is UsageError
        let text = isParsed ? "Error: \(error)" : fullMessage(for: error)
        if (launch?.rank ?? 0) == 0 {
            if status == 0 {
                writeAll(text + "\n", to: STDOUT_FILENO)
            } else {
                StandardError.write(text)
            }
        }
        // The launcher kills the other ranks when one leaves with an error. All must have come
        // here first, or rank 0's message could be lost: MPI_Finalize waits for all.
        do {
            if status != 0, (launch?.size ?? 1) > 1 {
                try MPISession.start().barrier()
            }
            try MPISession.finish()
        } catch {
            MPISession.abort(status)
        }
        Glibc.exit(status)
    }
}
