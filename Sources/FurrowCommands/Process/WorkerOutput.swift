import Furrow
import Glibc
import Synchronization

/// The output of a worker's commands: one growing file each for standard output and error, for
/// 100,000 jobs must not make 100,000 files.
///
/// A running command writes to a file of its own, from where it is moved when the command has
/// ended. Sharing the growing file does not do: a command that opens `/dev/stderr` truncates it,
/// and what a command leaves running writes between the next one's lines.
final class WorkerOutput: Sendable {
    let out: CapturedStream
    let err: CapturedStream
    private let folder: OutputFolder
    private let isFolderSynced = Mutex(false)

    /// - Parameter rank: the worker's.
    init(in folder: OutputFolder, rank: Int) throws(FileError) {
        self.folder = folder
        out = try CapturedStream(folder.path(rank: rank, .out))
        err = try CapturedStream(folder.path(rank: rank, .err))
    }

    /// Which start of the run its files belong to.
    var start: Int { folder.start }

    /// Removes the files of running commands, when no more run.
    func close() {
        out.remove()
        err.remove()
    }

    /// Puts on disk what has been moved: to be done before a record of it is.
    func sync() throws(FileError) {
        try isFolderSynced.withLock { (isSynced) throws(FileError) in
            if !isSynced { try folder.sync() }
            isSynced = true
        }
        try out.sync()
        try err.sync()
    }
}
