package import FurrowRuns

extension RunSituation {
    /// The situation of a run as its directory has it.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - isRunning: whether it goes on.
    ///   - stages: its stages, in order.
    ///   - counts: how the jobs of each stage ended.
    /// - Throws: if what rank 0 last knew cannot be read.
    package init(
        of run: RunReader,
        isRunning: Bool,
        _ stages: [JournalIndex.Stage],
        _ counts: [RunRecord.StageCounts]
    ) throws {
        let record = run.record
        let recorded = record?.state ?? .running
        let ended = recorded == .running ? "killed" : recorded.rawValue
        self.init(
            state: isRunning ? RunRecord.State.running.rawValue : ended,
            directory: run.directory
        )
        onFailure = record?.onFailure ?? ""
        isTyped = record?.kind == .typed
        status = record?.status
        skipped = record?.skipped ?? []
        workers = max(1, (record?.ranks.count ?? 2) - 1)
        last = isRunning ? try RunState(of: run.directory) : nil
        removed = (isRunning ? last?.removed : record?.removed) ?? []
        // A resumed run also runs the jobs again that failed.
        let lefts = counts.map { counts in counts.left.map { $0 + (isRunning ? 0 : counts.failed) }
        }
        left = lefts.contains(nil) ? nil : lefts.compactMap { $0 }.reduce(0, +)
        let begun = stages.lastIndex { $0.name == last?.stage } ?? 0
        waitingStages = last == nil ? [] : stages.dropFirst(begun + 1).map(\.label)
    }
}
