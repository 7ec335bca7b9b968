import FurrowSystem
import MPI

extension MPISession {
    /// All ranks of the launch, if there are several. Starts MPI only if a launcher started more
    /// than one process. Collective.
    static func launchedWorld() throws(MPIError) -> Communicator? {
        let launch = LaunchEnvironment(processEnvironment())
        guard isStarted || launch?.size ?? 1 > 1 else { return nil }
        let world = try start()
        return world.size > 1 ? world : nil
    }
}
