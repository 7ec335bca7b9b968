import Furrow
import FurrowSystem
import Glibc

/// The output so far of a command that runs, or that was killed with its run.
///
/// The file is opened by a name that no other attempt's file ever has, see ``WorkerOutput``.
final class RunningOutput {
    /// The number of the run's start, that of the attempt, and the rank.
    let start: Int
    let attempt: Int
    let rank: Int
    /// How many bytes of it have been shown.
    private(set) var shown = 0
    private let file: OpenFile

    /// The newest attempt at a job.
    ///
    /// - Parameters:
    ///   - job: its number, from 1.
    ///   - stage: its stage's place in the sweep, from 1.
    ///   - directory: the run's directory.
    ///   - kind: standard output or error.
    /// - Returns: `nil` if none runs, or none has run for long enough.
    init?(of job: Int, stage: Int, in directory: String, _ kind: OutputKind) throws {
        guard let folder = try OutputFolder(runningIn: directory),
            let newest = try folder.newestAttempt(stage: stage, job: job)
        else { return nil }
        start = folder.start
        attempt = newest.attempt
        rank = newest.rank
        do {
            file = try OpenFile(folder.path(running: newest, kind))
        } catch {
            // It has ended meanwhile, and the journal has its range.
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    /// Whether the file was removed: the attempt has ended, and is in the journal.
    var isRemoved: Bool { access(file.path, F_OK) != 0 }

    /// Writes the output added since the last call to standard output.
    func copy(to output: inout BufferedOutput) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count: Int
            do {
                count = try file.read(into: &buffer, at: shown)
            } catch {
                // On NFS a file removed by another node cannot be read any more.
                if error.code == ESTALE { break }
                throw error
            }
            guard count > 0 else { break }
            try output.write(Array(buffer[..<count]))
            shown += count
        }
        try output.flush()
    }
}
