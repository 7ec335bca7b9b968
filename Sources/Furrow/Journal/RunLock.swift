internal import Foundation

/// The right to write into a run directory: the file `lock` in it.
///
/// `flock` and POSIX locks are missing or local on many NFS and Lustre mounts. So the lock is a
/// file that `link` makes, which is atomic on all of them. It names its owner, who touches it every
/// few seconds: an owner that was killed is known by its process being gone, on the same host, and
/// elsewhere by the touches that stay away.
public final class RunLock {
    /// Who holds a lock.
    struct Owner: Codable, Sendable, Hashable {
        var host: String
        var process: Int32
        /// When the process began, in ticks since the boot: process numbers are used again.
        var processStart: String
        /// Which boot of the host that was.
        var boot: String
        var slurmJob: String?
        var slurmRestart: String?
        var since: Double

        static func current() -> Owner {
            let environment = processEnvironment()
            return Owner(
                host: hostName(),
                process: getpid(),
                processStart: startTicks(of: getpid()) ?? "",
                boot: bootID(),
                slurmJob: environment["SLURM_JOB_ID"],
                slurmRestart: environment["SLURM_RESTART_COUNT"],
                since: StateFile.now
            )
        }

        /// `process 4711 on node1 (SLURM job 17)`.
        var description: String {
            "process \(process) on \(host)" + (slurmJob.map { " (SLURM job \($0))" } ?? "")
        }

        /// Whether the owner is gone for certain, or still there for certain.
        func isAlive(seenFrom current: Owner) -> Bool? {
            if let slurmJob, slurmJob == current.slurmJob, slurmRestart != current.slurmRestart {
                return false
            }
            guard host == current.host else { return nil }
            guard boot == current.boot else { return false }
            return startTicks(of: process) == processStart
        }
    }

    /// How often the owner touches its lock, in seconds.
    private static let beat = 3.0

    private let path: String
    private let owner: Owner
    private let timer: any DispatchSourceTimer

    /// Takes the lock of a run directory, that of a dead owner too.
    ///
    /// - Parameter directory: the run's directory.
    /// - Throws: a usage error that names the owner, when a run goes on in the directory.
    public convenience init(_ directory: String) throws {
        try self.init(directory, as: .current())
    }

    /// - Parameter watch: how long an owner on another host is watched, in seconds.
    init(_ directory: String, as owner: Owner, watching watch: Double = 15) throws {
        path = directory + "/lock"
        self.owner = owner
        try Self.take(path, directory, owner, watching: watch)
        // On a queue of its own, so that nothing the program does can keep it from beating.
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "furrow.lock"))
        timer.setEventHandler { [path, owner] in
            if Self.read(path) == owner {
                utimensat(AT_FDCWD, path, nil, 0)
            } else {
                StandardError.write("\(path) was taken by another run; ending this one")
                _exit(70)
            }
        }
        timer.schedule(deadline: .now() + Self.beat, repeating: Self.beat)
        timer.resume()
    }

    /// Gives the lock back.
    public func release() {
        timer.cancel()
        if Self.read(path) == owner { unlink(path) }
    }

    private static func take(
        _ path: String,
        _ directory: String,
        _ owner: Owner,
        watching watch: Double
    ) throws {
        let own = "\(path).\(owner.host).\(owner.process)"
        try AtomicFile.write(try JSONEncoder.journal.encode(owner), to: own)
        defer { unlink(own) }
        try link(own, to: path, directory, owner, watching: watch)
    }

    private static func link(
        _ own: String,
        to path: String,
        _ directory: String,
        _ owner: Owner,
        watching watch: Double
    ) throws {
        var unreadable = 0
        while true {
            if Glibc.link(own, path) == 0 { return }
            guard errno == EEXIST else { throw FileError(path) }
            guard let other = read(path) else {
                // Gone meanwhile, perhaps time and again; or no lock of ours.
                unreadable += 1
                if access(path, F_OK) != 0 || unreadable < 100 {
                    usleep(1000)
                    continue
                }
                throw UsageError("\(path) cannot be read; remove it if no run uses \(directory)")
            }
            // An NFS server may have made the link and lost its answer.
            if other == owner { return }
            let isAlive = other.isAlive(seenFrom: owner) ?? beats(path, other, within: watch)
            guard !isAlive else {
                throw UsageError(
                    "\(directory) is in use by \(other.description); wait for that run to end, or "
                        + "name another directory"
                )
            }
            // To replace a dead owner's lock takes a lock as well, and a second look: another may
            // have replaced it since the first.
            let right = path + ".next"
            try link(own, to: right, directory, owner, watching: watch)
            defer { unlink(right) }
            guard read(path) == other else { continue }
            let new = own + ".new"
            guard Glibc.link(own, new) == 0, rename(new, path) == 0 else { throw FileError(path) }
            return
        }
    }

    /// Watches the lock of an owner on another host. It is its touches that count, not the time of
    /// either host's clock.
    private static func beats(_ path: String, _ owner: Owner, within watch: Double) -> Bool {
        StandardError.write("waiting \(Int(watch)) s to see whether \(owner.description) lives")
        let first = touched(path)
        let end = ContinuousClock.now + .seconds(watch)
        while ContinuousClock.now < end {
            usleep(500_000)
            if read(path) != owner { return false }
            if touched(path) != first { return true }
        }
        return false
    }

    private static func touched(_ path: String) -> [Int] {
        // An NFS client asks the server anew when a file is opened.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return [] }
        return [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }

    private static func read(_ path: String) -> Owner? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder.journal.decode(Owner.self, from: data)
    }

    /// Who runs in a directory now, in words; `nil` where nobody is known to.
    ///
    /// - Returns: also whether that is certain: an owner on another host cannot be seen.
    public static func owner(of directory: String) -> (description: String, isCertain: Bool)? {
        guard let owner = read(directory + "/lock") else { return nil }
        switch owner.isAlive(seenFrom: .current()) {
        case true: return (owner.description, true)
        case false: return nil
        case nil: return (owner.description, false)
        }
    }
}

private func startTicks(of process: Int32) -> String? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else {
        return nil
    }
    // The name in parentheses may hold anything; field 22 is the twentieth after it.
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z" else { return nil }
    return String(fields[19])
}

private func bootID() -> String {
    let data = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}
