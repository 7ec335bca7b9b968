import Foundation
import FurrowSystem

extension RunLock {
    /// What stands in a lock's place.
    enum Content: Sendable, Equatable {
        case owner(Owner)
        case missing
        /// It is empty: its host went down before it was on disk. A lock has its content before it
        /// gets its name.
        case lost
        /// No lock that Furrow wrote.
        case foreign
        /// It cannot be read now, which says nothing of its owner.
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

        /// How often it is looked at again, each time a millisecond later, before it is believed: it
        /// may be gone meanwhile, perhaps time and again, or not seen whole yet.
        var looks: Int {
            switch self {
            case .owner: 0
            case .missing: 10_000
            case .lost, .foreign, .unreadable: 100
            }
        }
    }
}
