import Foundation
import FurrowSystem

extension RunLock {
    /// The owner of a lock.
    struct Owner: Codable, Sendable, Hashable {
        var host: String
        var process: Int32
        /// When the process began, in ticks since the boot: process numbers are reused.
        var processStart: String
        /// The boot of the host at that time.
        var boot: String
        /// Which processes its host's numbers are of: a container may have its host's name.
        var processes: String?
        var slurmJob: String?
        var slurmRestart: String?
        var since: Double

        static func current() -> Owner {
            let environment = processEnvironment()
            return Owner(
                host: hostName(),
                process: getpid(),
                processStart: FurrowSystem.processStart(of: getpid()) ?? "",
                boot: bootID(),
                processes: processNamespace(),
                slurmJob: environment["SLURM_JOB_ID"],
                slurmRestart: environment["SLURM_RESTART_COUNT"],
                since: StateFile.now
            )
        }

        /// `process 4711 on node1 (SLURM job 17)`.
        var description: String {
            "process \(process) on \(host)" + (slurmJob.map { " (SLURM job \($0))" } ?? "")
        }

        /// Whether the owner is alive; `nil` if that is uncertain.
        func isAlive(seenFrom current: Owner) -> Bool? {
            if let slurmJob, slurmJob == current.slurmJob, slurmRestart != current.slurmRestart {
                return false
            }
            guard host == current.host else { return nil }
            guard boot == current.boot else { return false }
            // What has a number here may be something else there. Version 0.1 did not tell.
            if let processes, processes != current.processes { return nil }
            return FurrowSystem.isAlive(process, startedAt: processStart)
        }
    }
}

private func bootID() -> String {
    let data = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}

private func processNamespace() -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
}
