import Foundation
package import FurrowRuns
import FurrowSystem

/// The report of a run: one page for a browser, which needs no other file and no network.
package struct RunReport {
    /// How many steps the chart of the workers' load has.
    private static let loadSteps = 300
    /// The most bytes of the sweep, or of the configuration, on the page.
    private static let mostInput = 200_000

    private let facts: RunFacts
    private let parts: [StageReport.Part]
    private let situation: RunSituation

    /// Reads a run.
    ///
    /// - Parameters:
    ///   - reader: the run; it has best kept its attempts.
    ///   - stages: its stages, in order.
    ///   - known: the parts of stages that are there already; the others are made.
    /// - Throws: if the journal cannot be read.
    package init(
        of reader: RunReader,
        _ stages: [RunFacts.PlannedStage],
        with known: [JournalIndex.Stage: StageReport.Part] = [:]
    ) throws {
        parts = try stages.map { stage, plan in
            if let part = known[stage] { return part }
            return try StageReport.part(of: StageTable(of: reader, stage, as: plan))
        }
        facts = try RunFacts(reader, stages, changes: parts.map(\.changes))
        situation = try RunSituation(
            of: reader,
            isRunning: facts.isRunning,
            stages.map(\.stage),
            parts.map(\.counts)
        )
    }

    /// Writes the page.
    ///
    /// - Parameter path: the file; `nil`: the report in the run's directory.
    /// - Returns: the path.
    /// - Throws: if the file cannot be written.
    @discardableResult
    package func write(to path: String? = nil) throws -> String {
        let path = path ?? RunLayout(facts.reader.directory).report
        let page = ReportPage(title: title, data: json)
        try AtomicFile.write(page.bytes, to: path, isDurable: false)
        return path
    }

    private var title: String {
        let name = facts.record?.name ?? facts.reader.directory.nameOfPath
        return "\(name): \(facts.state)"
    }

    private var json: String {
        JSONText.object([
            "run": run,
            "time": time,
            "load": load,
            "timeline": Timeline(of: facts).json,
            "stages": JSONText.list(parts.map(\.json)),
            "facts": JSONText.list(
                ReportFacts.list(of: facts).map {
                    JSONText.list([JSONText.text($0.name), JSONText.text($0.value)])
                }
            ),
            "input": JSONText.text(input),
            "written": JSONText.number(Date().timeIntervalSince1970),
            "most_rows": "\(RowChoice.most)",
        ])
    }

    private var run: String {
        JSONText.object([
            "name": JSONText.text(facts.record?.name),
            "directory": JSONText.text(directory),
            "state": JSONText.text(facts.state),
            "status": facts.record?.status.map { "\($0)" } ?? "null",
            "kind": JSONText.text(facts.record?.kind?.rawValue),
            "reasons": JSONText.list(situation.reasons.map { JSONText.text($0) }),
        ])
    }

    /// Absolute, for commands that are pasted anywhere.
    private var directory: String {
        let given = facts.reader.directory
        return given.hasPrefix("/") ? given : "\(FileManager.default.currentDirectoryPath)/\(given)"
    }

    private var time: String {
        let time = WorkerTime(of: facts)
        let sessions = facts.sessions.map { session in
            JSONText.object([
                "start": JSONText.number(session.start),
                "base": JSONText.number(session.base),
                "seconds": JSONText.number(session.seconds),
                "workers": "\(session.workers)",
            ])
        }
        return JSONText.object([
            "wall": JSONText.number(facts.wallSeconds),
            "sessions": JSONText.list(sessions),
            "total": JSONText.number(time.total),
            "used": JSONText.number(time.used),
            "failed": JSONText.number(time.failed),
            "start": JSONText.number(time.start),
            "between": JSONText.number(time.between),
            "tail": JSONText.number(time.tail),
            "end": JSONText.number(time.end),
        ])
    }

    private var load: String {
        let load = Utilisation(of: facts, steps: Self.loadSteps)
        return JSONText.object([
            "step": JSONText.number(load.step, digits: 6),
            "jobs": JSONText.list(load.running.map { JSONText.number($0, digits: 2) }),
            "succeeded": JSONText.list(load.succeeded),
            "failed": JSONText.list(load.failed),
        ])
    }

    /// The sweep or the configuration, if it is there and not long.
    private var input: String? {
        let path = RunLayout(facts.reader.directory).configuration
        guard let bytes = try? InputFile.read(path, limit: Self.mostInput + 1) else { return nil }
        let text = String(decoding: bytes.prefix(Self.mostInput), as: UTF8.self)
        return bytes.count > Self.mostInput ? text + "\n…" : text
    }
}
