import Foundation
import FurrowRuns
import FurrowSystem

/// What is known of a run besides its jobs, as names and values for people.
enum ReportFacts {
    private static let mostHosts = 20

    static func list(of facts: RunFacts) -> [(name: String, value: String)] {
        var list = [("directory", facts.reader.directory)]
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { list.append((name, value)) }
        }
        func moment(_ seconds: Double) -> String { Date(timeIntervalSince1970: seconds).localText }
        guard let record = facts.record else {
            add("record", "lost: what is here is from the journal")
            return list
        }
        add("state", facts.state)
        add("exit status", record.status.map { "\($0)" })
        add("started", record.starts.first.map(moment))
        add("resumed", record.starts.dropFirst().map(moment).joined(separator: ", "))
        if record.state != .running { add("ended", record.end.map(moment)) }
        add("command line", record.arguments.map(ShellQuoting.quoted).joined(separator: " "))
        add("working directory", record.workingDirectory)
        add("git revision", record.revision)
        add("stages", record.stages.joined(separator: ", "))
        add("schedule", record.schedule)
        add("on failure", record.onFailure)
        add("ranks", "\(record.ranks.count)")
        add("hosts", hosts(of: record))
        add("devices", devices(of: record))
        add("SLURM job", record.slurmJob)
        add("Furrow", record.version)
        add("MPI", record.mpi)
        return list
    }

    /// Each host with its number of ranks.
    private static func hosts(of record: RunRecord) -> String {
        let counts = Dictionary(grouping: record.ranks, by: \.host).mapValues(\.count)
        let all = counts.sorted { $0.key < $1.key }.map {
            "\($0.key) (\($0.value) rank\($0.value == 1 ? "" : "s"))"
        }
        return all.listed(most: mostHosts)
    }

    private static func devices(of record: RunRecord) -> String {
        let all = record.ranks.compactMap { rank in
            rank.device.map { "\(rank.host): \($0)" }
        }
        return Set(all).sorted().listed(most: mostHosts)
    }
}
