import Foundation
import FurrowSystem

extension RunLock {
    /// Who holds a lock.
    struct Owner: Codable, Sendable, Hashable {
        var host: String
        var process: Int32
        /// When the process began, in ticks since the boot: process numbers are used again.
        var processStart: String
        /// Which boot of the host that was.
        var boot: String
        var slurmJob: String?
        var slurmRestart: String?
        var since: Double

        static func current() -> Owner {
            let environment = processEnvironment()
            return Owner(
                host: hostName(),
                process: getpid(),
                processStart: startTicks(of: getpid()) ?? "",
                boot: bootID(),
                slurmJob: environment["SLURM_JOB_ID"],
                slurmRestart: environment["SLURM_RESTART_COUNT"],
                since: StateFile.now
            )
        }

        /// `process 4711 on node1 (SLURM job 17)`.
        var description: String {
            "process \(process) on \(host)" + (slurmJob.map { " (SLURM job \($0))" } ?? "")
        }

        /// Whether the owner is gone for certain, or still there for certain.
        func isAlive(seenFrom current: Owner) -> Bool? {
            if let slurmJob, slurmJob == current.slurmJob, slurmRestart != current.slurmRestart {
                return false
            }
            guard host == current.host else { return nil }
            guard boot == current.boot else { return false }
            return startTicks(of: process) == processStart
        }
    }
}

private func startTicks(of process: Int32) -> String? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else {
        return nil
    }
    // The name in parentheses may hold anything; field 22 is the twentieth after it.
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z" else { return nil }
    return String(fields[19])
}

private func bootID() -> String {
    let data = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}
