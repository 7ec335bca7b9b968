import Foundation
import FurrowCore
import FurrowDevices
import FurrowRuns
import FurrowScheduling
package import FurrowSweeps
import FurrowSystem

/// A run that waits for SLURM to start it.
package struct Submission {
    /// The run's directory, absolute.
    package let directory: String
    /// SLURM's number of the job.
    package let job: String

    /// Makes the run's directory, puts the sweep and a batch script into it, and submits the
    /// script.
    ///
    /// - Parameters:
    ///   - sweep: the sweep to run.
    ///   - request: the resources to request.
    ///   - arguments: options of `furrow run`.
    ///   - runs: the directory of all runs.
    /// - Throws: ``UsageError`` if SLURM refuses it; nothing is left behind then.
    package init(
        _ sweep: Sweep,
        _ request: BatchScript.Request,
        arguments: [String],
        under runs: String
    ) async throws {
        guard Self.hasSlurm else {
            throw UsageError(
                "there is no 'sbatch' here: 'furrow submit' is for machines with SLURM, 'mpirun … furrow "
                    + "run' for all"
            )
        }
        let runs = try FolderPath.planned(runs)
        let place = RunDirectory(under: runs, name: sweep.name)
        directory = try place.directory()
        let path = RunLayout(directory).batchScript
        let script: BatchScript
        do {
            try sweep.save(in: directory)
            script = try Self.script(sweep, request, directory, arguments)
            try AtomicFile.write(Array(script.text.utf8), to: path)
            let options = RunOptions()
            let record = RunRecord(
                submitted: sweep.name,
                stages: sweep.stages.map(\.settings.name),
                schedule: options.schedule.description,
                onFailure: options.onFailure.rawValue
            )
            try record.write(to: directory)
        } catch {
            place.remove()
            throw error
        }
        do {
            job = try await Self.submit(script.options + [path])
        } catch let refusal as ExternalProgram.Failure {
            // SLURM may have taken a job whose number did not arrive.
            guard let errors = refusal.errors, !errors.contains("timed out") else {
                throw UsageError(
                    "\(refusal); if squeue shows the job all the same, its run is \(directory)"
                )
            }
            place.remove()
            throw UsageError("not submitted: \(errors.isEmpty ? refusal.description : errors)")
        }
        // The job may have begun and written the run's record: its number has a file of its own.
        try AtomicFile.write(Array("\(job)\n".utf8), to: RunLayout(directory).slurmJob)
    }

    private static var hasSlurm: Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/sbatch")
        }
    }

    /// - Returns: the job's number.
    private static func submit(_ arguments: [String]) async throws -> String {
        // Variables of the current allocation are not for the new job.
        let own = ProcessInfo.processInfo.environment.keys.filter {
            $0.hasPrefix("SLURM_") && $0 != "SLURM_CONF" || DeviceKind.auto.variables.contains($0)
        }
        let command = own.flatMap { ["-u", $0] } + ["sbatch", "--parsable"] + arguments
        let answer = try await ExternalProgram.output(of: command, limit: .seconds(120))
        // `NUMBER` or `NUMBER;CLUSTER`, perhaps after messages of the site.
        for line in answer.split(separator: "\n").reversed() {
            if let match = line.wholeMatch(of: /([0-9]+)(;.*)?/) { return String(match.1) }
        }
        throw UsageError("sbatch printed no job number: \(answer)")
    }

    /// The script that would be submitted.
    ///
    /// - Parameter directory: the run's directory, absolute.
    package static func script(
        _ sweep: Sweep,
        _ request: BatchScript.Request,
        _ directory: String,
        _ arguments: [String]
    ) throws -> BatchScript {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return BatchScript(
            request,
            name: sweep.name,
            directory: directory,
            arguments: arguments,
            programs: program.folderOfPath
        )
    }

    /// The number of the job that was submitted for a run; `nil` where none was.
    static func job(of directory: String) -> String? {
        guard let bytes = try? InputFile.readRegular(RunLayout(directory).slurmJob) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(
            in: .whitespacesAndNewlines
        )
    }
}
