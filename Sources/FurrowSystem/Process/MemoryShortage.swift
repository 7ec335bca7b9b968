import Glibc

/// Whom the system ends when memory runs out.
package enum MemoryShortage {
    /// What the system adds to a process's memory, in thousandths of the node's, when it chooses one.
    private static let score = Array("500".utf8)

    /// Offers a process before others: a command, or what runs jobs, before its rank.
    ///
    /// - Parameter process: its number; it may have ended already.
    package static func offer(_ process: Int32) {
        let file = open("/proc/\(process)/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, score, score.count)
        close(file)
    }
}
