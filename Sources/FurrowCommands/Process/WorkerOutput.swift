import FurrowRuns
import FurrowSystem
import Glibc
import Synchronization

/// The output of a worker's commands: one growing file each for standard output and error, because
/// 100,000 jobs must not make 100,000 files.
///
/// A running command writes to its own file, whose content is moved when the command has ended. It
/// cannot share the growing file: a command that opens `/dev/stderr` truncates it, and a background
/// process would write between the next command's lines.
///
/// Short commands use the same file one after the other, under a name that has no readers. The file
/// of a longer command gets the name of its job and is not reused, so that its readers see only
/// that job's output.
final class WorkerOutput: Sendable {
    /// The most bytes of a command's output shown when it ends.
    private static let shownBytes = 16 << 20

    let out: CapturedStream
    let err: CapturedStream
    private let folder: OutputFolder
    private let isFolderSynced = Mutex(false)

    /// - Parameters:
    ///   - folder: the folder; some rank has called its ``OutputFolder/makeRunningFolder()``.
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

    /// The number of the run's start that its files belong to.
    var start: Int { folder.start }

    /// Prepares for the next command.
    func renew() throws(FileError) {
        try out.renew()
        try err.renew()
    }

    /// How much the running or last command has written, to both.
    func size() throws(RunFault) -> Int { try out.size() + err.size() }

    /// The output and errors of the running or last command, each line with a number in front.
    func shown(as number: Int) throws(RunFault) -> [UInt8] {
        let feed = UInt8(ascii: "\n")
        let tag = Array("\(number)\t".utf8)
        var text: [UInt8] = []
        for stream in [out, err] {
            let bytes = try stream.read(at: 0, most: Self.shownBytes)
            for line in bytes.split(separator: feed, omittingEmptySubsequences: false)
                .dropLast(bytes.last == feed || bytes.isEmpty ? 1 : 0)
            {
                text += tag + line + [feed]
            }
            let rest = try stream.size() - bytes.count
            if rest > 0 { text += tag + Array("… and \(rest) bytes more\n".utf8) }
        }
        return text
    }

    /// The names of a command's files once it has run for a while: standard output, error.
    func names(of attempt: RunningAttempt) -> [String] {
        [folder.path(running: attempt, .out), folder.path(running: attempt, .err)]
    }

    /// Removes the running commands' files, after the last one.
    func close() {
        out.remove()
        err.remove()
    }

    /// Syncs the growing files; must come before the sync of the journal.
    func sync() throws(FileError) {
        try isFolderSynced.withLock { (isSynced) throws(FileError) in
            if !isSynced { try folder.sync() }
            isSynced = true
        }
        try out.sync()
        try err.sync()
    }
}
