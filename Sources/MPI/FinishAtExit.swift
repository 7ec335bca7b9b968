import CMPI
import Dispatch

/// Ends MPI when the process exits with status 0. A launcher takes a process that exits without
/// `MPI_Finalize` for a failed one, and an application's own `main` need not know that.
func finishAtExit(_ status: Int32, _ context: UnsafeMutableRawPointer?) {
    guard status == 0 else { return }
    if MPIThread.isCurrent { return finalizeOnce() }
    let done = DispatchSemaphore(value: 0)
    Task { @MPIActor in
        finalizeOnce()
        done.signal()
    }
    done.wait()
}

private func finalizeOnce() {
    var isFinalized: Int32 = 0
    MPI_Finalized(&isFinalized)
    if isFinalized == 0 { MPI_Finalize() }
}
