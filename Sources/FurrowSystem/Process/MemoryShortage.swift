import SystemPackage

/// Whom the system ends when memory runs out.
package enum MemoryShortage {
    /// What the system adds to a process's memory, in thousandths of the node's, when it chooses one.
    private static let score = Array("500".utf8)

    /// Offers a process before others: a command, or what runs jobs, before its rank.
    ///
    /// - Parameter process: its number; it may have ended already.
    package static func offer(_ process: Int32) {
        let path = "/proc/\(process)/oom_score_adj"
        let file = try? FileDescriptor.open(path, .writeOnly, options: .closeOnExec)
        _ = try? file?.writeAll(score)
        try? file?.close()
    }
}
