package import FurrowSystem

/// What is known of a run in Prometheus' text format, for the textfile collector of a node exporter.
package struct RunMetrics: Sendable {
    /// Where to write, and of which run.
    package struct Target: Sendable, Hashable {
        /// The file.
        package var path: String
        /// The name of the runs of this program or sweep.
        package var name: String
        /// The run's directory.
        package var directory: String

        /// - Parameters:
        ///   - path: the file.
        ///   - name: the name of the runs of this program or sweep.
        ///   - directory: the run's directory.
        package init(path: String, name: String, directory: String) {
            self.path = path
            self.name = name
            self.directory = directory
        }
    }

    private let target: Target
    private let state: RunState?
    private let record: RunRecord?

    /// - Parameters:
    ///   - target: where to write, and of which run.
    ///   - state: what rank 0 knows.
    ///   - record: the run's record, once the run has ended.
    package init(_ target: Target, _ state: RunState?, record: RunRecord? = nil) {
        self.target = target
        self.state = state
        self.record = record
    }

    /// Replaces the file in one step, as the collector needs it.
    package func write() throws(FileError) {
        try AtomicFile.write(Array(text.utf8), to: target.path, isDurable: false)
    }

    /// The file's content.
    package var text: String {
        var text = ""
        func add(_ name: String, _ help: String, _ samples: [(labels: String, value: Double)]) {
            guard !samples.isEmpty else { return }
            text += "# HELP furrow_\(name) \(help)\n# TYPE furrow_\(name) gauge\n"
            for sample in samples {
                let value = rounded(sample.value, sample.value == sample.value.rounded() ? 0 : 3)
                text += "furrow_\(name){\(sample.labels)} \(value)\n"
            }
        }
        let run =
            "run=\"\(Self.escaped(target.name))\",directory=\"\(Self.escaped(target.directory))\""
        if let state {
            let stage = "\(run),stage=\"\(Self.escaped(state.stage))\""
            let counts = state.counts
            let jobs = [
                ("succeeded", counts.succeeded + counts.kept), ("failed", counts.failed),
                ("cancelled", counts.cancelled), ("abandoned", counts.abandoned),
                (RunRecord.State.running.rawValue, state.running.count),
            ]
            add(
                "jobs",
                "Jobs of the stage by state.",
                jobs.map { ("\(stage),state=\"\($0.0)\"", Double($0.1)) }
            )
            if let total = state.total {
                add("jobs_planned", "Jobs that the stage has.", [(stage, Double(total))])
            }
            add("stage_start_time_seconds", "When the stage began.", [(stage, state.start)])
            add("update_time_seconds", "When rank 0 wrote this.", [(stage, state.updated)])
        }
        let isRunning = record == nil
        add("run_active", "1 while the run goes on.", [(run, isRunning ? 1 : 0)])
        if let status = record?.status {
            add("run_exit_status", "The exit status of the run.", [(run, Double(status))])
        }
        if let end = record?.end {
            add("run_end_time_seconds", "When the run ended.", [(run, end)])
        }
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
            "\n",
            with: "\\n"
        )
    }
}
