import Foundation
import FurrowRuns
import TestSupport
import Testing

@testable import FurrowViews

/// Traces, compared with what the document "Trace Event Format" demands.
@Suite struct TraceTests {
    private let run: MadeUpRun

    init() throws { run = try MadeUpRun() }

    private func events() throws -> [[String: Any]] {
        let (reader, stages) = try run.reader()
        let path = try RunTrace(of: reader, stages.map { (stage: $0.0, plan: $0.1) }).write()
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let trace = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return try #require(trace?["traceEvents"] as? [[String: Any]])
    }

    @Test func everyEventHasWhatItsKindNeeds() throws {
        try run.write(total: 4)
        try run.write([
            .init(job: 1, worker: 0, start: 101, seconds: 4, parameters: #"{"a":"</script>"}"#),
            .init(job: 2, worker: 1, start: 100.25, seconds: 0.5, state: .failed, message: "no"),
            .init(job: 2, worker: 1, start: 102, seconds: 1, attempt: 2),
        ])
        let events = try events()
        for event in events {
            let kind = try #require(event["ph"] as? String)
            #expect(event["name"] is String && event["args"] is [String: Any], "\(event)")
            for name in ["pid", "tid"] { #expect(event[name] is Int, "\(event)") }
            switch kind {
            case "M":
                let names = [
                    "process_name", "process_sort_index", "thread_name", "thread_sort_index",
                ]
                #expect(names.contains("\(event["name"] ?? "")"))
            case "X": #expect(event["ts"] is Int && event["dur"] is Int && event["cat"] is String)
            case "C":
                #expect(event["ts"] is Int)
                #expect(
                    (event["args"] as? [String: Any])?.values.allSatisfy { $0 is Double } == true
                )
            default: Issue.record("\(event)")
            }
        }
        let slices = events.filter { $0["ph"] as? String == "X" }
        #expect(slices.map { $0["name"] as? String } == ["job 1", "job 2", "job 2 (attempt 2)"])
        #expect(slices.map { $0["ts"] as? Int } == [1_000_000, 250_000, 2_000_000])
        #expect(slices.map { $0["dur"] as? Int } == [4_000_000, 500_000, 1_000_000])
        #expect(slices.map { $0["tid"] as? Int } == [1, 2, 2])
        let parameters = (slices[0]["args"] as? [String: Any])?["parameters"] as? [String: Any]
        #expect(parameters?["a"] as? String == "</script>")
        let left = events.filter { $0["name"] as? String == "jobs left" }
        #expect((left.first?["args"] as? [String: Int])?["jobs"] == 4)
        #expect((left.last?["args"] as? [String: Int])?["jobs"] == 2)
    }

    @Test func whatRank0DidIsATrack() throws {
        try run.write()
        try run.write([.init(job: 1, start: 101, seconds: 1)])
        var record = try RunRecord(of: run.folder.path)
        record.phases = [.init(stage: "s", name: .deal, start: 100.5, end: 103)]
        try record.write(to: run.folder.path)
        let events = try events()
        let slice = try #require(events.first { $0["cat"] as? String == "rank 0" })
        #expect(slice["name"] as? String == "deal" && slice["tid"] as? Int == 0)
        #expect(slice["ts"] as? Int == 500_000 && slice["dur"] as? Int == 2_500_000)
        let names = events.filter { $0["name"] as? String == "thread_name" }
            .compactMap { ($0["args"] as? [String: String])?["name"] }
        #expect(names == ["rank 0", "task 0"])
    }

    @Test func anEmptyRunHasATrace() throws {
        try run.write()
        #expect(try events().allSatisfy { $0["ph"] as? String == "M" })
    }
}
