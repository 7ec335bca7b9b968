import FurrowSystem
import Synchronization

/// Identifies a stage across runs: its name, the type of its jobs, and its number among the run's
/// stages of that name. So two stages of the same name never share jobs, whatever their parameters.
package struct StageIdentity: Sendable, Hashable {
    /// The stage's name.
    package let name: String
    /// Its number among the run's stages of that name, from 1.
    package let occurrence: Int
    /// The part of it in its jobs' identities.
    package let key: String
    /// The same in version 0.1, which used only the name: its journals are still read. `nil` if
    /// another stage could have the same.
    package let formerKey: String?

    /// The stage of a runner.
    ///
    /// - Parameters:
    ///   - name: the stage's name.
    ///   - type: the type of its jobs.
    ///   - occurrence: its number among the run's stages of that name, from 1.
    package init(_ name: String, of type: Any.Type, occurrence: Int = 1) {
        self.name = name
        self.occurrence = occurrence
        key = [name, Self.qualified(type), "\(occurrence)"].joined(separator: "\0")
        formerKey = occurrence == 1 ? name : nil
    }

    /// A stage whose name is unique in the run.
    package init(unique name: String) {
        self.name = name
        occurrence = 1
        key = name
        formerKey = nil
    }

    /// A type's name with the types around it. For a private type the runtime adds an address that
    /// differs in each process; it is removed.
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

    /// The number of the next stage among those of that name, from 1.
    package func next(_ name: String) -> Int {
        counts.withLock { counts in
            counts[name, default: 0] += 1
            return counts[name, default: 1]
        }
    }
}
