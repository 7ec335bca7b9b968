import Foundation
import FurrowSystem
import Synchronization

/// Keeps a lock that was taken: touches it every few seconds, and ends the process where another run
/// has it.
final class LockKeeper: Sendable {
    /// How often the owner touches its lock.
    static let beat = Duration.seconds(3)
    /// How long a lock that cannot be read is looked at again. A file server may be away so long.
    static let patience = Duration.seconds(300)
    /// Who has touched the lock so shortly ago has it still: nobody takes it before
    /// ``RunLock/watch`` is over.
    static let holdTime = Duration.seconds(RunLock.watch / 2)

    /// What the owner does about its lock.
    enum Step: Sendable, Equatable {
        case touch
        /// Somebody removed it: it is made again.
        case restore
        /// It says nothing for now.
        case wait(String)
        case end(String)

        /// - Parameters:
        ///   - content: what stands in the lock's place.
        ///   - path: the lock.
        ///   - owner: who took it.
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
                self = .end("\(path) is gone, and another run may have had it since")
                return
            case .lost: problem = "\(path) is empty"
            case .foreign: problem = "\(path) is no lock of a run any more"
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

    /// To be called every ``beat``.
    func look() {
        let untouched = state.withLock { ContinuousClock.now - $0.touched }
        switch Step(for: .init(of: path), of: path, takenBy: owner, untouched: untouched) {
        case .touch: touch()
        case .restore: restore()
        case .wait(let problem): warn("\(problem); it is looked at again for some minutes")
        case .end(let reason): end(reason)
        }
    }

    private func touch() {
        utimensat(AT_FDCWD, path, nil, 0)
        state.withLock { $0 = State() }
    }

    private func restore() {
        do {
            if try RunLock.make(path, for: owner) {
                warn("\(path) was removed while the run goes on, and is made again")
                touch()
            }
        } catch let error as FileError where error.code == ENOENT {
            end("\(path.folderOfPath) is gone")
        } catch {
            warn("\(path) was removed, and cannot be made again: \(message(of: error))")
        }
    }

    /// Once, until all is well again.
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
