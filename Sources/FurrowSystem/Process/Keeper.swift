import CKeeper
import Glibc
import Synchronization

/// The process between the launcher and this rank, without which a killed rank would end all the
/// others: a launcher ends the whole MPI job when a process that it started is killed.
///
/// A program with Furrow that mpirun, mpiexec or srun starts begins as a keeper, and the rank is its
/// child. If the rank ends while the others can go on without it, its keeper tells rank 0 how,
/// finishes PMI in its name, and exits with 0. At any other time the keeper ends as the rank has
/// ended. It hands signals on. `FURROW_KEEPER=0` in the environment does without.
package enum Keeper {
    private static let hasConnection = Atomic(false)

    /// Whether this rank has one.
    package static var isThere: Bool { ckeeper_socket() >= 0 }

    /// The process that started this one: the launcher, with or without a keeper between them.
    static var launcher: pid_t { ckeeper_launcher() }

    /// Whether a signal came from the keeper.
    static func handedOn(from sender: pid_t) -> Bool {
        sender != 0 && sender == ckeeper_process()
    }

    /// Hands the connection to rank 0 over. The keeper writes to it how this rank ended. Once MPI has
    /// started.
    ///
    /// - Parameter connection: a socket, which is closed here.
    package static func give(connection: Int32) {
        // A launcher that ends all with this rank makes a keeper useless.
        let canEnd = ckeeper_hold_pmix(ckeeper_socket()) == 0
        let isGiven = canEnd && ckeeper_give(ckeeper_socket(), connection) == 0
        hasConnection.store(isGiven, ordering: .relaxed)
        close(connection)
    }

    /// Says that this rank does not hang. Called often, by the thread whose silence is the sign.
    package static func beat() { ckeeper_beat() }

    /// Says whether the other ranks can go on without this one, if it ends from now on.
    ///
    /// - Parameter limit: how long the rank may go without a ``beat()`` before its keeper kills it,
    ///   in whole seconds; `nil`: any time.
    package static func arm(_ isArmed: Bool, limit: Duration? = nil) {
        ckeeper_limit(limit.map { UInt32(clamping: max(1, $0.components.seconds)) } ?? 0)
        guard hasConnection.load(ordering: .relaxed) else { return }
        // Without its keeper this process is about to be killed.
        _ = ckeeper_arm(ckeeper_socket(), isArmed ? 1 : 0)
    }

    /// Has the keeper finish PMI in this rank's name, when it exits without `MPI_Finalize`: that
    /// would wait for ranks that are dead.
    package static func finish() {
        // Without its keeper this process is about to be killed.
        _ = ckeeper_finish(ckeeper_socket())
    }
}
