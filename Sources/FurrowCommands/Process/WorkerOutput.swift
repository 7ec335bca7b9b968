import FurrowRuns
import FurrowSystem
import Glibc
import Synchronization

/// The output of a worker's commands: one growing file each for standard output and error, for
/// 100,000 jobs must not make 100,000 files.
///
/// A running command writes to a file of its own, from where it is moved when the command has
/// ended. Sharing the growing file does not do: a command that opens `/dev/stderr` truncates it,
/// and what a command leaves running writes between the next one's lines.
///
/// Short commands use the same file one after the other, under a name that nobody looks for. The
/// file of a command that runs for longer gets the name of its job and is used no more: whoever
/// opens it by that name reads that job's output and no other's, whatever happens meanwhile.
final class WorkerOutput: Sendable {
    let out: CapturedStream
    let err: CapturedStream
    private let folder: OutputFolder
    private let isFolderSynced = Mutex(false)

    /// - Parameters:
    ///   - folder: whose ``OutputFolder/makeRunningFolder()`` was called, on some rank.
    ///   - rank: the worker's.
    init(in folder: OutputFolder, rank: Int) throws(FileError) {
        func open(_ kind: OutputKind) throws(FileError) -> CapturedStream {
            try CapturedStream(
                folder.path(rank: rank, kind),
                running: folder.runningPath(rank: rank, kind)
            )
        }
        self.folder = folder
        out = try open(.out)
        err = try open(.err)
    }

    /// Which start of the run its files belong to.
    var start: Int { folder.start }

    /// Makes ready for the next command.
    func renew() throws(FileError) {
        try out.renew()
        try err.renew()
    }

    /// What the files of a command are called once it has run for a while: standard output, error.
    func names(of attempt: RunningAttempt) -> [String] {
        [folder.path(running: attempt, .out), folder.path(running: attempt, .err)]
    }

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
