import FurrowSystem
import TestSupport
import Testing

@testable import FurrowCommands
@testable import FurrowSweeps

/// No cost of what a command wrote grows with the square of its size.
@Suite struct OutputGrowthTests {
    private static let rules: [String: MetricRule.Source] = [
        "a pattern": .pattern("x=([0-9.]+)"), "a greedy pattern": .pattern("^(.*)=.*y$"),
        "the last line": .lastLine(key: "a.b"),
    ]

    /// Lines without a metric, and one line that grows.
    @Test(
        arguments: [
            ("a pattern", "step 1 loss=0.5\n"), ("a pattern", "loss=0.5 "), ("a pattern", "\n"),
            ("a greedy pattern", "step 1 loss=0.5\n"), ("the last line", "{\"a\": "),
            ("the last line", "\n"),
        ]
    )
    func metrics(rule: String, piece: String) throws {
        let rules = [MetricRule(name: "m", source: try #require(Self.rules[rule]))]
        let scratch = try Scratch()
        let factor = try Growth.factor(
            from: 8000,
            { count in
                let running = scratch.path + "/running-\(count)"
                let stream = try CapturedStream(scratch.path + "/all-\(count)", running: running)
                try scratch.append(String(repeating: piece, count: count), to: "running-\(count)")
                return stream
            },
            { _ = try MetricExtraction(rules).find(in: $0, result: nil) }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func aResultFile() throws {
        let scratch = try Scratch()
        let stream = try CapturedStream(scratch.path + "/all", running: scratch.path + "/running")
        try scratch.append("", to: "running")
        let factor = try Growth.factor(
            from: 500,
            { count in Array("{\((0..<count).map { "\"k\($0)\":1" }.joined(separator: ","))}".utf8)
            },
            { _ = try MetricExtraction([]).find(in: stream, result: $0) }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }
}
