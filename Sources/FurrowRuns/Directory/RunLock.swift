import Foundation
import FurrowSystem
import SystemPackage

/// The right to write into a run directory: the file `lock` in it.
///
/// `flock` and POSIX locks are missing or only local on many NFS and Lustre mounts. So the lock is
/// a file made by `link`, which is atomic on all of them. It names its owner, which touches it
/// every few seconds. A killed owner is recognised on its own host by its missing process, and on
/// other hosts by the missing touches.
package final class RunLock {
    /// How long an owner on another host is watched, in seconds.
    static let watch = 15.0

    /// How long the lock of a dead owner had not been touched when it was taken; `nil` where there
    /// was none.
    package let idle: Duration?
    private let path: String
    private let owner: Owner
    // A queue of its own, so that nothing else in the program can delay the touches.
    private let queue = DispatchQueue(label: "furrow.lock")
    private let timer: any DispatchSourceTimer

    /// Takes the lock of a run directory, also from a dead owner.
    ///
    /// - Parameter directory: the run's directory.
    /// - Throws: a usage error that names the owner, if a run is running in the directory.
    package convenience init(_ directory: String) throws {
        try self.init(directory, as: .current())
    }

    /// - Parameter watch: how long an owner on another host is watched, in seconds.
    init(_ directory: String, as owner: Owner, watching watch: Double = RunLock.watch) throws {
        path = RunLayout(directory).lock
        self.owner = owner
        let dead = try Self.take(path, directory, owner, watching: watch)
        utimensat(AT_FDCWD, path, nil, 0)
        let now = Self.touched(path) ?? 0
        idle = dead.map { .seconds(max(0, now - $0)) }
        let keeper = LockKeeper(path, of: owner)
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { keeper.look() }
        let beat = LockKeeper.beat.seconds
        timer.schedule(deadline: .now() + beat, repeating: beat)
        timer.resume()
        do {
            // A power failure may leave an empty lock, or none, which does no harm.
            try Durability.sync(path)
        } catch {
            release()
            throw error
        }
    }

    /// Releases the lock.
    package func release() {
        queue.sync {
            timer.cancel()
            if Content(of: path) == .owner(owner) { unlink(path) }
        }
    }

    /// Makes a lock if there is none.
    ///
    /// - Returns: false if there is one.
    static func make(_ path: String, for owner: Owner) throws -> Bool {
        try withOwnFile(path, owner) { own in
            try give(path, to: own)
        }
    }

    /// Writes a file that becomes the lock when it is linked to its name.
    private static func withOwnFile<Result>(
        _ path: String,
        _ owner: Owner,
        _ body: (String) throws -> Result
    ) throws -> Result {
        let own = "\(path).\(owner.host).\(owner.process)"
        try AtomicFile.write(
            try JSONEncoder.journal.encode(owner),
            to: own,
            isDurable: false
        )
        defer { unlink(own) }
        return try body(own)
    }

    /// - Returns: when a dead owner touched its lock last, in seconds since 1970; `nil` where there
    ///   was none.
    private static func take(
        _ path: String,
        _ directory: String,
        _ owner: Owner,
        watching watch: Double
    ) throws -> Double? {
        try withOwnFile(path, owner) {
            try link($0, to: path, directory, owner, watching: watch)
        }
    }

    @discardableResult
    private static func link(
        _ own: String,
        to path: String,
        _ directory: String,
        _ owner: Owner,
        watching watch: Double
    ) throws -> Double? {
        var looks = 0
        while true {
            if try give(path, to: own) { return nil }
            let found = Content(of: path)
            // An NFS server may have made the link and lost its answer.
            if found == .owner(owner) { return nil }
            if looks < found.looks {
                looks += 1
                usleep(1000)
                continue
            }
            let touched = touched(path)
            if try isDead(found, at: path, directory, owner, watching: watch),
                try replace(found, at: path, by: own, directory, owner, watching: watch)
            {
                return touched ?? StateFile.now
            }
        }
    }

    /// Gives a file another name, which nobody else has.
    ///
    /// - Returns: false where somebody has.
    private static func give(_ name: String, to own: String) throws -> Bool {
        if Glibc.link(own, name) == 0 { return true }
        if errno == EEXIST { return false }
        // FAT, some FUSE and some cluster file systems have no hard links. What `open` makes anew is
        // as exclusive there, only that others may see it empty at first.
        guard [EPERM, ENOTSUP, ENOSYS, EMLINK].contains(errno) else { throw FileError(name) }
        let file: OpenFile
        do {
            file = try OpenFile(name, .writeOnly, [.create, .exclusiveCreate])
        } catch let error where error.code == EEXIST {
            return false
        }
        let content = try InputFile.readRegular(own)
        do {
            try file.write(content)
        } catch {
            unlink(name)
            throw error
        }
        return true
    }

    /// Whether the owner of a lock is dead.
    ///
    /// - Returns: false if the lock has changed meanwhile, and must be looked at again.
    /// - Throws: a usage error, if the owner may be alive.
    private static func isDead(
        _ found: Content,
        at path: String,
        _ directory: String,
        _ owner: Owner,
        watching watch: Double
    ) throws(UsageError) -> Bool {
        switch found {
        case .owner(let other):
            let isAlive = other.isAlive(seenFrom: owner) ?? beats(path, found, within: watch)
            guard isAlive == true else { return isAlive == false }
            throw UsageError(
                "\(directory) is in use by \(other.description); wait for that run to end, or use "
                    + "another directory"
            )
        case .lost:
            let isTouched = beats(path, found, within: watch)
            guard isTouched == true else { return isTouched == false }
            throw UsageError("\(path) is empty, but a process touches it; wait for that run to end")
        case .unreadable(let error):
            throw UsageError("the lock of a run cannot be read: \(error); try again")
        case .missing, .foreign:
            throw UsageError(
                "\(path) is not a lock of a run; remove it if no run uses \(directory)"
            )
        }
    }

    /// Takes a dead owner's lock. Replacing it needs a second lock and a second check, because
    /// another process may have replaced it since the first.
    ///
    /// - Returns: false if another process was first.
    private static func replace(
        _ found: Content,
        at path: String,
        by own: String,
        _ directory: String,
        _ owner: Owner,
        watching watch: Double
    ) throws -> Bool {
        let right = path + ".next"
        try link(own, to: right, directory, owner, watching: watch)
        defer { unlink(right) }
        guard Content(of: path) == found else { return false }
        let new = own + ".new"
        guard try give(new, to: own), rename(new, path) == 0 else { throw FileError(path) }
        return true
    }

    /// Watches the lock of an owner on another host. Only its touches count, not the clock of
    /// either host.
    ///
    /// - Returns: `nil` at once if it says something else, or cannot be read.
    private static func beats(_ path: String, _ found: Content, within watch: Double) -> Bool? {
        if case .owner(let owner) = found {
            StandardError.write(
                "waiting \(Int(watch)) s to see whether \(owner.description) is still alive"
            )
        } else {
            StandardError.write(
                "\(path) is empty, as a power failure may leave it; waiting \(Int(watch)) s to see "
                    + "whether a process touches it"
            )
        }
        let first = touched(path)
        let end = ContinuousClock.now + .seconds(watch)
        while ContinuousClock.now < end {
            usleep(500_000)
            if Content(of: path) != found { return nil }
            if touched(path) != first { return true }
        }
        return false
    }

    /// When a lock was last touched, in seconds since 1970; `nil` where that cannot be told.
    private static func touched(_ path: String) -> Double? {
        // An NFS client asks the server again when a file is opened.
        try? OpenFile(path, .readOnly, .nonBlocking).status().modificationTime
    }

    /// An owner on another host that has not touched its lock for so long is dead, in seconds: it
    /// does so every ``LockKeeper/beat``. Clocks of hosts differ a little.
    private static let silence = 60.0

    /// The process that runs in a directory now, as text; `nil` if none is known.
    package static func owner(of directory: String) -> String? {
        let path = RunLayout(directory).lock
        guard case .owner(let owner) = Content(of: path) else { return nil }
        let isAlive =
            owner.isAlive(seenFrom: .current())
            ?? (StateFile.now - (touched(path) ?? 0) < silence)
        return isAlive ? owner.description : nil
    }
}
