import CMPI
import Dispatch
import Glibc

/// Ends MPI when the process exits with status 0. A launcher takes a process that exits without
/// `MPI_Finalize` for a failed one, and an application's own `main` need not know that.
func finishAtExit(_ status: Int32, _ context: UnsafeMutableRawPointer?) {
    guard status == 0, !MPISession.isOver else { return }
    // The thread of MPI cannot wait for itself.
    guard !MPIThread.isCurrent else {
        MPI_Finalize()
        return
    }
    let done = DispatchSemaphore(value: 0)
    Task { @MPIActor in
        do {
            try MPISession.finish()
        } catch {
            MPISession.abort(EXIT_FAILURE)
        }
        done.signal()
    }
    done.wait()
}
