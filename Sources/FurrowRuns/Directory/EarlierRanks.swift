package import FurrowSystem
import Glibc

/// The ranks of a run's last start, where its rank 0 was killed: the launcher needs seconds to end
/// the others, and a resume that began meanwhile would meet them.
package enum EarlierRanks {
    /// How long those of this host are waited for.
    static let patience = Duration.seconds(15)
    /// How long after rank 0's last touch of the lock those of other hosts may live: a beat, and the
    /// two seconds that Open MPI leaves between a first and a last signal, twice.
    static let departure = LockKeeper.beat + .seconds(4)

    /// Waits until they are gone.
    ///
    /// - Parameters:
    ///   - ranks: the ranks of the last start.
    ///   - directory: the run's directory.
    ///   - idle: how long the lock was not touched; `nil` where the last start gave it back.
    ///   - patience: how long those of this host are waited for.
    /// - Throws: ``UsageError`` when one of this host does not go.
    package static func waitForEnd(
        of ranks: [RunRecord.Rank],
        in directory: String,
        idle: Duration?,
        patience: Duration = patience
    ) throws(UsageError) {
        guard let idle else { return }
        let host = hostName()
        let own = ranks.filter { $0.host == host }
        let start = ContinuousClock.now
        var isTold = false
        while own.contains(where: { isAlive($0) != false }) {
            guard ContinuousClock.now - start < patience else {
                // Another user's process that cannot be told from a rank had the same time.
                guard let rank = own.first(where: { isAlive($0) == true }) else { break }
                throw UsageError(
                    "\(directory) is still in use by rank \(rank.rank) of the run that was killed, "
                        + "process \(rank.process ?? 0) on \(host); end that process first"
                )
            }
            if !isTold { StandardError.write("waiting for the ranks of the killed run to end") }
            isTold = true
            usleep(100_000)
        }
        // Those of other hosts cannot be seen, and had the same time.
        let others = Set(ranks.map(\.host)).subtracting([host]).sorted()
        let rest = departure - idle - (ContinuousClock.now - start)
        guard !others.isEmpty, rest > .zero else { return }
        StandardError.write(
            "waiting \(Quantity.time(seconds: rest.seconds)) for the ranks of the killed run on "
                + "\(others.joined(separator: ", ")) to end"
        )
        usleep(UInt32(rest / .microseconds(1)))
    }

    /// - Returns: `nil` where that cannot be told.
    private static func isAlive(_ rank: RunRecord.Rank) -> Bool? {
        guard let process = rank.process, process != getpid(), let start = rank.processStart else {
            return false
        }
        return FurrowSystem.isAlive(process, startedAt: start)
    }
}
