import Foundation
import Furrow

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
    private let path: String
    private let handle: FileHandle

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
        path = folder.path(running: newest, kind)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            // It has ended meanwhile, and the journal has its range.
            if errno == ENOENT { return nil }
            throw FileError(path)
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Whether the file was removed: the attempt has ended, and is in the journal.
    var isRemoved: Bool { access(path, F_OK) != 0 }

    /// Writes the output added since the last call to standard output.
    func copy(to output: inout BufferedOutput) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(handle.fileDescriptor, &buffer, buffer.count, off_t(shown))
            if count < 0 {
                if errno == EINTR { continue }
                // On NFS a file removed by another node cannot be read any more.
                if errno == ESTALE { break }
                throw FileError(path)
            }
            guard count > 0 else { break }
            try output.write(Array(buffer[..<count]))
            shown += count
        }
        try output.flush()
    }
}
