import Glibc

/// The processes that came from this one, which adopts orphans.
enum Descendants {
    /// Kills all processes that a command left behind. Afterwards this process has no descendants,
    /// and nothing writes to the command's files.
    static func killAll(group: pid_t?) {
        if let group { kill(-group, SIGKILL) }
        while true {
            let process = waitpid(-1, nil, WNOHANG)
            if process < 0 { return }
            if process == 0 {
                // The children of killed processes become children of this process, so another
                // round is needed; also where none was seen, for want of descriptors perhaps.
                if killChildren() { waitpid(-1, nil, 0) } else { usleep(1000) }
            }
        }
    }

    /// Kills this process's children.
    ///
    /// - Returns: whether there was one to be seen.
    @discardableResult
    static func killChildren() -> Bool {
        let children = ProcessTable.children(of: getpid())
        for process in children { kill(process, SIGKILL) }
        return !children.isEmpty
    }
}
