import Foundation

/// A number from 0 to 9 that tells the networks and folders of this process's clusters from those of
/// other test processes on this machine.
enum ClusterNumber {
    /// The first that is free. The lock goes when this process ends, however it does.
    static let own: Int = {
        for number in 0...9 {
            let path = "/tmp/furrow-cluster-\(getuid())-\(number).lock"
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            if file >= 0, flock(file, LOCK_EX | LOCK_NB) == 0 { return number }
            if file >= 0 { close(file) }
        }
        fatalError("ten processes have clusters for tests, or /tmp cannot be written")
    }()
}
