import Foundation
import FurrowSystem
import Synchronization

/// Keeps a lock: touches it every few seconds, and ends the process if another run has taken it.
final class LockKeeper: Sendable {
    /// How often the owner touches its lock.
    static let beat = Duration.seconds(3)
    /// For how long an unreadable lock is read again. A file server may be away that long.
    static let patience = Duration.seconds(300)
    /// A lock touched more recently than this is still held: nobody takes it before
    /// ``RunLock/watch`` has passed.
    static let holdTime = Duration.seconds(RunLock.watch / 2)

    /// What the owner does about its lock.
    enum Step: Sendable, Equatable {
        case touch
        /// It was removed: make it again.
        case restore
        /// It cannot be judged now.
        case wait(String)
        case end(String)

        /// - Parameters:
        ///   - content: the content of the lock.
        ///   - path: the lock.
        ///   - owner: the owner who took it.
        ///   - untouched: how long ago it was touched.
        init(
            for content: RunLock.Content,
            of path: String,
            takenBy owner: RunLock.Owner,
            untouched: Duration
        ) {
            let problem: String
            switch content {
            case .owner(owner):
                self = .touch
                return
            case .owner(let other):
                self = .end("\(path) was taken by another run, \(other.description)")
                return
            case .missing where untouched < LockKeeper.holdTime:
                self = .restore
                return
            case .missing:
                self = .end("\(path) is gone, and another run may have taken it since")
                return
            case .lost: problem = "\(path) is empty"
            case .foreign: problem = "\(path) is not a lock of a run any more"
            case .unreadable(let error): problem = "the lock cannot be read: \(error)"
            }
            self = untouched < LockKeeper.patience ? .wait(problem) : .end(problem)
        }
    }

    private struct State: Sendable {
        var touched = ContinuousClock.now
        var isWarned = false
    }

    private let path: String
    private let owner: RunLock.Owner
    private let state = Mutex(State())

    init(_ path: String, of owner: RunLock.Owner) {
        self.path = path
        self.owner = owner
    }

    /// Checks the lock; call it every ``beat``.
    func look() {
        let untouched = state.withLock { ContinuousClock.now - $0.touched }
        switch Step(for: .init(of: path), of: path, takenBy: owner, untouched: untouched) {
        case .touch: touch()
        case .restore: restore()
        case .wait(let problem): warn("\(problem); trying again for some minutes")
        case .end(let reason): end(reason)
        }
    }

    private func touch() {
        // Or the runs of other hosts take it, and this one believes that it holds it.
        guard utimensat(AT_FDCWD, path, nil, 0) == 0 else {
            return warn("the lock cannot be touched: \(FileError(path)); trying again")
        }
        state.withLock { $0 = State() }
    }

    private func restore() {
        do {
            if try RunLock.make(path, for: owner) {
                warn("\(path) was removed while the run is running; making it again")
                touch()
            }
        } catch let error as FileError where error.code == ENOENT {
            end("\(path.folderOfPath) is gone")
        } catch {
            warn("\(path) was removed and cannot be made again: \(message(of: error))")
        }
    }

    /// Warns once, until the lock is in order again.
    private func warn(_ text: String) {
        let isNew = state.withLock { state in
            defer { state.isWarned = true }
            return !state.isWarned
        }
        if isNew { StandardError.write("Warning: \(text)") }
    }

    private func end(_ reason: String) -> Never {
        StandardError.write("\(reason); ending this run")
        _exit(70)
    }
}
