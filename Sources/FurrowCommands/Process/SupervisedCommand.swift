import FurrowSystem
import Glibc
import SystemPackage

/// A command that a supervisor runs: what is due while it runs, and how it is ended.
struct SupervisedCommand {
    /// How long a command runs before its files get the name of its job. Shorter ones, perhaps a
    /// thousand a second, skip this.
    static let namingDelay = Duration.milliseconds(200)

    /// How often the size of a command's output is looked at, where it has a limit.
    private static let lookInterval = Duration.milliseconds(50)

    /// Its first process, the leader of its group.
    let process: pid_t
    /// What is known of its end.
    private(set) var outcome = ProcessOutcome(end: .exited(0))

    private let grace: Duration
    /// Its files, and their future names.
    private let files: [(file: String, name: String)]
    /// When they get these names.
    private var naming: ContinuousClock.Instant?
    /// When it gets a SIGTERM because it took too long.
    private var timeout: ContinuousClock.Instant?
    /// The most bytes that its files may have, and when they are looked at next.
    private let outputLimit: Int?
    private var look: ContinuousClock.Instant?
    /// When it gets a SIGKILL.
    private var end: ContinuousClock.Instant?

    /// - Parameters:
    ///   - process: its process, which has just started.
    ///   - request: what was asked for.
    init(_ process: pid_t, _ request: ProcessRequest) {
        self.process = process
        grace = request.grace
        files = [request.output, request.errors].enumerated().map {
            (file: $1, name: $0 < request.names.count ? request.names[$0] : "")
        }
        naming = request.names.isEmpty ? nil : .now + Self.namingDelay
        timeout = request.timeout.map { .now + $0 }
        outputLimit = request.outputLimit
        look = request.outputLimit.map { _ in .now + Self.lookInterval }
    }

    /// When something is due next.
    var nextDeadline: ContinuousClock.Instant? {
        [naming, look, end ?? timeout].compactMap(\.self).min()
    }

    /// Does what is due.
    ///
    /// - Returns: whether the files have got their names.
    mutating func meetDeadlines() -> Bool {
        let now = ContinuousClock.now
        var hasNamed = false
        if let naming, now >= naming { hasNamed = nameFiles() }
        if let look, now >= look { checkOutput() }
        if let timeout, now >= timeout {
            outcome.timedOut = true
            terminate()
        }
        if let end, now >= end {
            self.end = nil
            killNow()
        }
        return hasNamed
    }

    /// Ends it because the run was stopped.
    mutating func stop() {
        guard !outcome.stopped else { return }
        outcome.stopped = true
        terminate()
    }

    private mutating func nameFiles() -> Bool {
        naming = nil
        for (file, name) in files where rename(file, name) == 0 { outcome.isNamed = true }
        // Without a name the output is still kept, but cannot be read before the end.
        return outcome.isNamed
    }

    /// Ends a command that has written too much, without grace: it would write on.
    private mutating func checkOutput() {
        guard let outputLimit else { return }
        look = .now + Self.lookInterval
        let written = files.reduce(0) { size, file in
            let status =
                (try? OpenFile.status(of: outcome.isNamed ? file.name : file.file))
                ?? (try? OpenFile.status(of: file.file))
            return size + Int(status?.size ?? 0)
        }
        guard written > outputLimit else { return }
        look = nil
        outcome.overflowed = true
        killNow()
    }

    /// Asks the command's processes to end.
    private mutating func terminate() {
        timeout = nil
        if end == nil { end = .now + grace }
        kill(-process, SIGTERM)
        // A stopped process would not receive it.
        kill(-process, SIGCONT)
    }

    /// Kills its processes, also those that left its group; the rest follows when it ends.
    private func killNow() {
        kill(-process, SIGKILL)
        Descendants.killChildren()
    }
}
