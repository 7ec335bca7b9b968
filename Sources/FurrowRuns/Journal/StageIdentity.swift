import FurrowSystem
import Synchronization

/// What makes a stage the same stage in a later run: its name, the type of its jobs, and which of
/// the run's stages of that name it is. So two stages of one name have jobs of their own, whatever
/// their parameters.
package struct StageIdentity: Sendable, Hashable {
    /// The stage's name.
    package let name: String
    /// Which of the run's stages of that name it is, from 1.
    package let occurrence: Int
    /// What goes into the identities of its jobs.
    package let key: String
    /// What went into them in version 0.1, which knew the name alone: its journals are still read.
    /// `nil` where that could be another stage's.
    package let formerKey: String?

    /// The stage of a runner.
    ///
    /// - Parameters:
    ///   - name: the stage's name.
    ///   - type: the type of its jobs.
    ///   - occurrence: which of the run's stages of that name it is, from 1.
    package init(_ name: String, of type: Any.Type, occurrence: Int = 1) {
        self.name = name
        self.occurrence = occurrence
        key = [name, Self.qualified(type), "\(occurrence)"].joined(separator: "\0")
        formerKey = occurrence == 1 ? name : nil
    }

    /// A stage whose name alone tells it from every other of the run.
    package init(unique name: String) {
        self.name = name
        occurrence = 1
        key = name
        formerKey = nil
    }

    /// A type's name with all that it is nested in. For a private type the runtime puts an address
    /// into it, which is another in each process: that is left out.
    private static func qualified(_ type: Any.Type) -> String {
        var name = String(reflecting: type)
        while let start = name.firstRange(of: "(unknown context at $") {
            guard let end = name[start.upperBound...].firstRange(of: ").") else { break }
            name.removeSubrange(start.lowerBound..<end.upperBound)
        }
        return name
    }
}

/// Counts the stages of one run by their names. Every rank runs the same stages in the same order,
/// so every rank counts the same.
package final class StageOccurrences: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Which stage of that name the next one is, from 1.
    package func next(_ name: String) -> Int {
        counts.withLock { counts in
            counts[name, default: 0] += 1
            return counts[name, default: 1]
        }
    }
}
