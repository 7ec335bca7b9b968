import FurrowSystem
import Glibc

/// The processes of this machine, from `/proc`.
enum ProcessTable {
    /// The fields of a process in `/proc/PID/stat`.
    private struct Entry {
        let process: pid_t
        /// It has ended, but its parent has not read its status yet.
        let isZombie: Bool
        let parent: pid_t
        let session: pid_t
    }

    static func children(of parent: pid_t) -> [pid_t] {
        processes.filter { entry(of: $0)?.parent == parent }
    }

    /// The living processes of a session, those started with an environment variable, and all
    /// descendants of both, without this process.
    ///
    /// - Parameters:
    ///   - session: the session.
    ///   - variable: the variable, as `NAME=value`.
    static func remains(ofSession session: pid_t, having variable: [UInt8]) -> [pid_t] {
        let entries = processes.compactMap(entry).filter { !$0.isZombie && $0.process != getpid() }
        var found = Set(
            entries.filter {
                $0.session == session || environment(of: $0.process, has: variable)
            }.map(\.process)
        )
        var count = 0
        while found.count > count {
            count = found.count
            for entry in entries where found.contains(entry.parent) { found.insert(entry.process) }
        }
        return Array(found)
    }

    /// What launchers are called that start and bind ranks.
    private static let launchers: Set<String> = [
        "mpirun", "mpiexec", "orterun", "orted", "prterun", "prted", "mpiexec.hydra",
        "hydra_pmi_proxy", "slurmstepd",
    ]

    /// The process that started a rank, perhaps through a shell; `nil` if it is not known.
    static func launcher(of rank: pid_t) -> pid_t? {
        var process = rank
        for _ in 0..<8 {
            guard let parent = entry(of: process)?.parent, parent > 1 else { return nil }
            process = parent
            let name = contents("/proc/\(process)/comm") ?? []
            if launchers.contains(String(decoding: name.dropLast(), as: UTF8.self)) {
                return process
            }
        }
        return nil
    }

    /// The most memory that this process had resident, in kilobytes; not that of the program from
    /// which it was started, as getrusage(2) has it.
    static var ownPeak: Int? {
        guard let status = contents("/proc/self/status") else { return nil }
        for line in String(decoding: status, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("VmHWM:") {
                return line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first
            }
        }
        return nil
    }

    private static var processes: [pid_t] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var processes: [pid_t] = []
        while let name = try? Presence.nextName(in: directory, of: "/proc") {
            if let process = pid_t(String(decoding: name, as: UTF8.self)) {
                processes.append(process)
            }
        }
        return processes
    }

    private static func entry(of process: pid_t) -> Entry? {
        guard let bytes = contents("/proc/\(process)/stat"),
            // The name in parentheses may contain anything; state, parent, group and session follow
            // it.
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 3, let parent = pid_t(fields[1]), let session = pid_t(fields[3]) else {
            return nil
        }
        return Entry(
            process: process,
            isZombie: fields[0] == "Z" || fields[0] == "X",
            parent: parent,
            session: session
        )
    }

    private static func environment(of process: pid_t, has variable: [UInt8]) -> Bool {
        // Another user's environment is unreadable, and the process is not ours.
        guard let bytes = contents("/proc/\(process)/environ") else { return false }
        return bytes.split(separator: 0).contains { $0.elementsEqual(variable) }
    }

    /// `nil` if the process is gone.
    private static func contents(_ path: String) -> [UInt8]? {
        guard let file = try? OpenFile(path) else { return nil }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            guard let count = try? file.read(into: &buffer) else {
                return contents.isEmpty ? nil : contents
            }
            if count == 0 { return contents }
            contents += buffer[..<count]
        }
    }
}
