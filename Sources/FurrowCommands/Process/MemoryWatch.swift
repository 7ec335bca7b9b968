import Foundation
import Synchronization

/// Whether the system ended processes for want of memory: it counts them for each control group,
/// and for the node.
final class MemoryWatch: Sendable {
    /// What the system says of it.
    enum Verdict: Sendable, CustomStringConvertible {
        /// The control group of this worker lost a process.
        case group
        /// The node lost one.
        case node

        var description: String {
            switch self {
            case .group: "memory ran out: the system ended a process of this job's control group"
            case .node: "memory may have run out: the system ended a process of this node for it"
            }
        }
    }

    private let root: String
    private let known: Mutex<(group: Int?, node: Int?)>
    private let groupFile: String?

    /// - Parameter root: where `/proc` and `/sys` are.
    init(root: String = "") {
        self.root = root
        groupFile = Self.groupFile(root)
        known = Mutex((group: nil, node: nil))
        _ = look()
    }

    /// What has happened since the last look; `nil`: nothing that the system tells of.
    func look() -> Verdict? {
        let group = groupFile.flatMap(Self.kills)
        let node = Self.kills(in: root + "/proc/vmstat")
        return known.withLock { known in
            defer { known = (group, node) }
            if let group, let before = known.group, group > before { return .group }
            if let node, let before = known.node, node > before { return .node }
            return nil
        }
    }

    /// The file with this process's group's events, of version 2 or 1 of control groups.
    private static func groupFile(_ root: String) -> String? {
        guard let text = try? String(contentsOfFile: root + "/proc/self/cgroup", encoding: .utf8)
        else { return nil }
        let lines = text.split(separator: "\n").map {
            $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        }
        let base = root + "/sys/fs/cgroup"
        var files: [String] = []
        for line in lines where line.count == 3 {
            if line[1].isEmpty { files.append("\(base)\(line[2])/memory.events") }
            if line[1].split(separator: ",").contains("memory") {
                files.append("\(base)/memory\(line[2])/memory.oom_control")
            }
        }
        return files.first { kills(in: $0) != nil }
    }

    private static func kills(in file: String) -> Int? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) }
        }
        return nil
    }
}
