import Foundation
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowRuns

@Suite struct RunMetricsTests {
    private var state: RunState {
        var counts = StageFailure.Counts()
        counts.succeeded = 5
        counts.kept = 2
        counts.failed = 1
        var state = RunState(
            stage: "s\"1",
            total: 20,
            counts: counts,
            running: [.init(taskID: 0, job: 9, since: 1)]
        )
        state.start = 1000.5
        state.updated = 1002
        return state
    }

    private let target = RunMetrics.Target(path: "/dev/null", name: "a\\b", directory: "/d\ne")

    @Test func countsAreGauges() {
        let text = RunMetrics(target, state).text
        let labels = #"run="a\\b",directory="/d\ne""#
        let stage = labels + #",stage="s\"1""#
        #expect(text.contains("# TYPE furrow_jobs gauge\n"))
        #expect(text.contains("furrow_jobs{\(stage),state=\"succeeded\"} 7\n"))
        #expect(text.contains("furrow_jobs{\(stage),state=\"running\"} 1\n"))
        #expect(text.contains("furrow_jobs_planned{\(stage)} 20\n"))
        #expect(text.contains("furrow_stage_start_time_seconds{\(stage)} 1000.500\n"))
        #expect(text.contains("furrow_run_active{\(labels)} 1\n"))
    }

    @Test func theEndIsToldToo() {
        var record = RunRecord(submitted: "r", stages: ["s"], schedule: "", onFailure: "")
        record.status = 1
        record.end = 2000
        let text = RunMetrics(target, state, record: record).text
        #expect(text.contains("furrow_run_exit_status{"))
        #expect(text.contains("} 1\n") && text.contains("furrow_run_active{"))
        #expect(text.contains("furrow_run_end_time_seconds{"))
    }

    private static var hasPromtool: Bool {
        (try? Subprocess.run(["promtool", "--version"], limit: 60)) != nil
    }

    @Test(.enabled(if: RunMetricsTests.hasPromtool, "promtool is not installed"))
    func promtoolFindsNoFault() throws {
        let scratch = try Scratch()
        let file = try scratch.write(RunMetrics(target, state).text, to: "m.prom")
        _ = try Subprocess.run(["promtool", "check", "metrics"], input: file, limit: 60)
    }
}
