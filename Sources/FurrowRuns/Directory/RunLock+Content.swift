import Foundation
import FurrowSystem

extension RunLock {
    /// The content of a lock's file.
    enum Content: Sendable, Equatable {
        case owner(Owner)
        case missing
        /// It is empty because its host went down before it was on disk. A lock gets its content
        /// before its name.
        case lost
        /// Not written by Furrow.
        case foreign
        /// It cannot be read now; its owner is unknown.
        case unreadable(FileError)

        init(of path: String) {
            do {
                guard let bytes = try contentsIfPresent(of: path) else {
                    self = .missing
                    return
                }
                if isLost(bytes) {
                    self = .lost
                } else {
                    let owner = try? JSONDecoder.journal.decode(Owner.self, from: Data(bytes))
                    self = owner.map { .owner($0) } ?? .foreign
                }
            } catch {
                self = .unreadable(error)
            }
        }

        /// How often it is read again, a millisecond apart, before it is believed: it may be gone
        /// meanwhile, even several times, or not complete yet.
        var looks: Int {
            switch self {
            case .owner: 0
            case .missing: 10_000
            case .lost, .foreign, .unreadable: 100
            }
        }
    }
}
