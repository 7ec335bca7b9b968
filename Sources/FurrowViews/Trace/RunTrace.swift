package import FurrowRuns
import FurrowSystem

/// The trace of a run in the trace-event format, which Perfetto and chrome://tracing open.
///
/// Hosts are processes, ranks are threads, and attempts are slices. Times are in microseconds from
/// the run's first start.
package struct RunTrace {
    /// How many steps the counters have at most.
    private static let counterSteps = 2_000

    private let facts: RunFacts
    /// The process of each host, from 1.
    private let processes: [String: Int]
    private let origin: Double

    /// - Parameters:
    ///   - reader: the run.
    ///   - stages: its stages, in order.
    /// - Throws: if the journal cannot be read.
    package init(of reader: RunReader, _ stages: [RunFacts.PlannedStage]) throws {
        facts = try RunFacts(reader, stages)
        let first = facts.attempts.map(\.start).min()
        origin = min(facts.sessions.first?.start ?? 0, first ?? .infinity)
        var hosts = (facts.record?.ranks ?? []).map(\.host)
        hosts += facts.workers.map(\.host)
        var processes: [String: Int] = [:]
        for host in hosts where processes[host] == nil { processes[host] = processes.count + 1 }
        self.processes = processes
    }

    /// Writes the trace.
    ///
    /// - Parameter path: the file; `nil`: the trace in the run's directory.
    /// - Returns: the path.
    /// - Throws: if the journal cannot be read, or the file cannot be written.
    @discardableResult
    package func write(to path: String? = nil) throws -> String {
        let path = path ?? RunLayout(facts.reader.directory).trace
        let file = try StreamedFile(path)
        try file.write(Array(#"{"displayTimeUnit":"ms","traceEvents":["#.utf8))
        var isFirst = true
        func add(_ event: String) throws {
            try file.write(Array((isFirst ? "\n" : ",\n").utf8) + Array(event.utf8))
            isFirst = false
        }
        for event in names + phases { try add(event) }
        try addAttempts(add)
        for event in counters { try add(event) }
        try file.write(Array("\n]}\n".utf8))
        try file.finish()
        return path
    }

    private func process(of host: String) -> Int { processes[host] ?? 0 }

    private func microseconds(_ moment: Double) -> Int {
        Self.whole((moment - origin) * 1e6)
    }

    /// A time that a damaged journal made too large is 0.
    private static func whole(_ value: Double) -> Int { Int(exactly: value.rounded()) ?? 0 }

    /// The names of hosts and ranks.
    private var names: [String] {
        let hosts = processes.sorted { $0.value < $1.value }.flatMap { host, process in
            [
                Self.metadata("process_name", process, 0, "name", JSONText.text(host)),
                Self.metadata("process_sort_index", process, 0, "sort_index", "\(process)"),
            ]
        }
        var threads: [String] = []
        let root = facts.record?.ranks.first { $0.rank == 0 }
        if let root, facts.workers.contains(where: { $0.rank > 0 }) {
            threads += Self.thread("rank 0", process(of: root.host), 0)
        }
        var known: Set<[Int]> = []
        for worker in facts.workers {
            let process = process(of: worker.host)
            guard known.insert([process, worker.rank]).inserted else { continue }
            let device = worker.device.map { ", \($0)" } ?? ""
            threads += Self.thread(worker.name + device, process, worker.rank)
        }
        return hosts + threads
    }

    private static func thread(_ name: String, _ process: Int, _ thread: Int) -> [String] {
        [
            metadata("thread_name", process, thread, "name", JSONText.text(name)),
            metadata("thread_sort_index", process, thread, "sort_index", "\(thread)"),
        ]
    }

    private static func metadata(
        _ name: String,
        _ process: Int,
        _ thread: Int,
        _ key: String,
        _ value: String
    ) -> String {
        #"{"ph":"M","name":"\#(name)","pid":\#(process),"tid":\#(thread),"args":{"\#(key)":\#(value)}}"#
    }

    /// What rank 0 did, as far as the record has it.
    private var phases: [String] {
        guard let record = facts.record, let root = record.ranks.first else { return [] }
        return (record.phases ?? []).map { phase in
            slice(
                phase.name.rawValue,
                "rank 0",
                process(of: root.host),
                0,
                from: phase.start,
                seconds: phase.end - phase.start,
                JSONText.object(["stage": JSONText.text(phase.stage)])
            )
        }
    }

    private func slice(
        _ name: String,
        _ category: String,
        _ process: Int,
        _ thread: Int,
        from start: Double,
        seconds: Double,
        _ arguments: String
    ) -> String {
        JSONText.object([
            "ph": "\"X\"",
            "name": JSONText.text(name),
            "cat": JSONText.text(category),
            "pid": "\(process)",
            "tid": "\(thread)",
            "ts": "\(microseconds(start))",
            "dur": "\(max(0, Self.whole(seconds * 1e6)))",
            "args": arguments,
        ])
    }

    private func addAttempts(_ add: (String) throws -> Void) throws {
        let changes = Dictionary(zip(facts.stages.map(\.stage), facts.changes)) { $1 }
        try JournalScan.forEachAttempt(in: facts.reader.index) { record, line in
            let stage = JournalIndex.Stage(
                name: record.stage,
                occurrence: record.stageOccurrence ?? 1
            )
            let number =
                changes[stage].map { $0.number(of: record.id, recordedAs: record.job) }
                ?? record.job
            let parameters = (try? line.content().parameters) ?? .null
            var members = [
                JSON.Member("state", .text(record.state.rawValue)),
                JSON.Member("job", .number("\(number ?? record.job)")),
                JSON.Member("attempt", .number("\(record.attempt)")),
                JSON.Member("parameters", parameters),
            ]
            // Its number may now be another job's.
            if number == nil { members.append(JSON.Member("former", .boolean(true))) }
            if let message = record.message {
                members.append(JSON.Member("message", .text(message)))
            }
            let isAgain = record.attempt > 1 ? " (attempt \(record.attempt))" : ""
            try add(
                slice(
                    (number.map { "job \($0)" } ?? "former job \(record.job)") + isAgain,
                    record.stage,
                    process(of: record.host),
                    record.rank,
                    from: record.start,
                    seconds: record.duration,
                    JSON.object(members).description
                )
            )
        }
        for attempt in facts.attempts where attempt.state == .running || attempt.state == .lost {
            let worker = facts.workers[attempt.worker]
            try add(
                slice(
                    "job \(attempt.job)",
                    facts.stages[attempt.stage].stage.label,
                    process(of: worker.host),
                    worker.rank,
                    from: attempt.start,
                    seconds: attempt.seconds,
                    JSONText.object(["state": JSONText.text(attempt.state.name)])
                )
            )
        }
    }

    /// How many jobs ran, and how many had not ended, at the beginning of each of many steps.
    private var counters: [String] {
        guard !facts.attempts.isEmpty else { return [] }
        let steps = Self.counterSteps
        let load = Utilisation(of: facts, steps: steps)
        let totals = facts.stages.map { $0.plan.total }
        var open = totals.contains(nil) ? nil : totals.compactMap { $0 }.reduce(0, +)
        var events: [String] = []
        var last = ""
        for step in 0..<steps {
            let position = Double(step) * load.step
            let session = facts.sessions.last { $0.base <= position } ?? facts.sessions[0]
            let moment = microseconds(session.start + position - session.base)
            let running = JSONText.number(load.running[step], digits: 2)
            let value = "\(running) \(open ?? -1)"
            if value != last {
                events.append(
                    #"{"ph":"C","name":"running jobs","pid":0,"tid":0,"ts":\#(moment),"args":{"jobs":\#(running)}}"#
                )
                if let open {
                    events.append(
                        #"{"ph":"C","name":"jobs left","pid":0,"tid":0,"ts":\#(moment),"args":{"jobs":\#(open)}}"#
                    )
                }
            }
            last = value
            open = open.map { max(0, $0 - load.succeeded[step]) }
        }
        return [Self.metadata("process_name", 0, 0, "name", "\"run\"")] + events
    }
}
