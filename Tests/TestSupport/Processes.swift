import Foundation

/// The processes that this one can see.
private func all() throws -> [Int32] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
}

/// A process's command line, each argument ended by a zero; empty where there is none any more.
private func commandLine(_ process: Int32) -> Data {
    FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
}

/// The processes that run one of the programs built with these tests, and that a test started
/// with ``Execution``: others have nothing to do with it.
package func processes(named name: String) throws -> [Int32] {
    try processes(at: Execution.programs.appendingPathComponent(name).path)
}

/// The same of a program anywhere.
package func processes(at path: String) throws -> [Int32] {
    let wanted = Data((path + "\0").utf8)
    return try all().filter {
        commandLine($0).starts(with: wanted)
            && environment(of: $0)[Execution.mark.name] == Execution.mark.value
    }
}

/// Processes whose command line has this text in it.
package func processes(with text: String) throws -> [Int32] {
    try all().filter {
        $0 != getpid() && String(decoding: commandLine($0), as: UTF8.self).contains(text)
    }
}

/// Processes whose command line begins with these arguments.
package func processes(running arguments: String...) throws -> [Int32] {
    let line = Data((arguments.joined(separator: "\0") + "\0").utf8)
    return try all().filter { commandLine($0).starts(with: line) }
}

/// Whether a process is the keeper of a rank, whose command line it shares.
package func isKeeper(_ process: Int32) -> Bool {
    let name = FileManager.default.contents(atPath: "/proc/\(process)/comm") ?? Data()
    return name.starts(with: Data("furrow-keeper".utf8))
}

/// The parent of a process; 0 if it has ended.
package func parent(of process: Int32) -> Int32 {
    let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") ?? Data()
    // Its name stands before, in parentheses, and may have anything in it.
    let fields = String(decoding: stat, as: UTF8.self).split(separator: ")").last?.split(
        separator: " "
    )
    return fields.flatMap { $0.count > 1 ? Int32($0[1]) : nil } ?? 0
}

/// Whether a process has ended; its parent may not have heard of it.
package func isDead(_ process: Int32) -> Bool {
    let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") ?? Data()
    return stat.isEmpty || String(decoding: stat, as: UTF8.self).contains(") Z ")
}

/// The variables that a process began with.
package func environment(of process: Int32) -> [String: String] {
    let data = FileManager.default.contents(atPath: "/proc/\(process)/environ") ?? Data()
    let pairs = data.split(separator: 0).map { line in
        let text = String(decoding: line, as: UTF8.self)
        let name = text.prefix { $0 != "=" }
        return (String(name), String(text.dropFirst(name.count + 1)))
    }
    return Dictionary(pairs) { first, _ in first }
}

/// Kills processes as a power failure does: none of them sees another one go.
package func killAtOnce(_ processes: [Int32]) {
    for process in processes { kill(process, SIGSTOP) }
    for process in processes { kill(process, SIGKILL) }
}

/// A process that these tests started with ``Execution``, or that such a one did.
package struct StartedProcess: Sendable, CustomStringConvertible {
    package var process: Int32
    /// How it was started, without its folder.
    package var name: String
    /// Its MPI rank.
    package var rank: Int?

    /// With the function of the kernel in which it waits; 0 where it runs.
    package var description: String {
        func text(_ file: String) -> String {
            let data = FileManager.default.contents(atPath: "/proc/\(process)/\(file)") ?? Data()
            return String(decoding: data, as: UTF8.self)
        }
        let state = text("stat").split(separator: ")").last.map { $0.prefix(2) } ?? ""
        let place = rank.map { " of rank \($0)" } ?? ""
        return "\(process) \(name)\(place):\(state) in \(text("wchan"))"
    }
}

/// What runs of all that these tests have started with ``Execution``.
package func startedProcesses() throws -> [StartedProcess] {
    try all().compactMap { process in
        let environment = environment(of: process)
        guard environment[Execution.mark.name] == Execution.mark.value, !isDead(process) else {
            return nil
        }
        let program = commandLine(process).split(separator: 0).first ?? Data()
        let path = String(decoding: program, as: UTF8.self)
        return StartedProcess(
            process: process,
            name: path.split(separator: "/").last.map { String($0) } ?? "",
            rank: (environment["OMPI_COMM_WORLD_RANK"] ?? environment["PMIX_RANK"]).flatMap {
                Int($0)
            }
        )
    }
}
