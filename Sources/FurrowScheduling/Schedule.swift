import FurrowSystem

/// How jobs are dealt to workers. The words have OpenMP's meaning.
public enum Schedule: Sendable, Hashable, CustomStringConvertible {
    /// All jobs are dealt before the first one runs: one block of neighbouring jobs per worker, or
    /// chunks of so many jobs round robin (1 is cyclic).
    case `static`(chunk: Int?)
    /// Jobs are dealt to the next free worker: in batches that adapt to the jobs' measured times,
    /// or in chunks of so many jobs.
    case dynamic(chunk: Int?)

    /// Reads `static`, `static,K`, `dynamic` or `dynamic,K`; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        var chunk: Int?
        if parts.count == 2 {
            guard let number = Int(parts[1].trimmed), number > 0 else { return nil }
            chunk = number
        } else if parts.count != 1 {
            return nil
        }
        switch parts[0].trimmed {
        case "static": self = .static(chunk: chunk)
        case "dynamic": self = .dynamic(chunk: chunk)
        default: return nil
        }
    }

    /// The form read by ``init(_:)``.
    public var description: String {
        switch self {
        case .static(let chunk): "static" + (chunk.map { ",\($0)" } ?? "")
        case .dynamic(let chunk): "dynamic" + (chunk.map { ",\($0)" } ?? "")
        }
    }

    package var isStatic: Bool {
        if case .static = self { true } else { false }
    }

    /// The jobs of each worker under a static schedule.
    ///
    /// Without a chunk, block sizes differ by at most one job; the longer ones come first.
    package static func blocks(jobs: Int, workers: Int, chunk: Int?) -> [[Range<Int>]] {
        var blocks = [[Range<Int>]](repeating: [], count: workers)
        if let chunk {
            for (turn, start) in stride(from: 0, to: jobs, by: chunk).enumerated() {
                blocks[turn % workers].append(start..<start + min(chunk, jobs - start))
            }
        } else {
            var start = 0
            for worker in 0..<workers {
                let count = jobs / workers + (worker < jobs % workers ? 1 : 0)
                if count > 0 { blocks[worker].append(start..<start + count) }
                start += count
            }
        }
        return blocks
    }
}
