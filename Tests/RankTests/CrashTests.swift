import Foundation
import TestSupport
import Testing

extension RankTests {
    /// A job that ends its process: who it was is said, and it does not end every resume again.
    @Suite struct Crashes {
        @Test(arguments: [
            ("exit0", 1, "called exit with status 0"), ("exit3", 3, "called exit with status 3"),
            ("trap", 3, "ended its process by signal"),
            ("overflow", 1, "ended its process by signal"),
            ("abort", 3, "ended its process by signal 6"),
        ])
        func theJobIsNamedAndDoesNotEndEveryResume(
            way: String,
            ranks: Int,
            word: String
        ) throws {
            let scratch = try Scratch()
            try scratch.write(
                "crash: {turn: {grid: [0, 1, 2, 3, 4]}, way: \(way)}\n",
                to: "crash.yaml"
            )
            func run(_ arguments: [String]) throws -> MPIRun.Outcome {
                let run = try MPIRun.run(
                    "Scenarios",
                    ["crashes", "--config", "crash.yaml", "--isolation", "none"]
                        + ["--on-failure", "continue"] + arguments,
                    ranks: ranks,
                    in: scratch.url,
                    environment: ["SWIFT_BACKTRACE": "enable=no"]
                )
                #expect(!run.timedOut)
                return run
            }
            // Twice is enough.
            let kept = ["--run-dir", "kept", "--crash-limit", "2"]
            for arguments in [[], kept] {
                let crash = try run(arguments)
                #expect(crash.status != 0)
                #expect(crash.errors.contains("stage 'crash': job 3 \(word)"), "\(crash.errors)")
                let isCrash = ["trap", "abort", "segfault", "overflow"].contains(way)
                let advises = crash.errors.contains("with --isolation process")
                #expect(advises == (isCrash && ranks > 1), "\(way): \(crash.errors)")
            }
            let second = try run(kept + ["--resume"])
            #expect(second.errors.contains("stage 'crash': job 3 \(word)"), "\(second.errors)")
            let third = try run(kept + ["--resume"])
            #expect(third.status == 1, "\(third.errors)")
            #expect(third.output.contains("saved [0, 1, 3, 4]"), "\(third.output)")
            #expect(third.errors.contains("until the program is rebuilt"), "\(third.errors)")
            #expect(third.errors.contains(#"job 3 {"turn":2"#), "\(third.errors)")
            let journal = try FileManager.default.contentsOfDirectory(
                atPath: scratch.url.appendingPathComponent("kept/journal").path
            )
            #expect(!journal.contains { $0.hasSuffix(".running") }, "\(journal)")
        }
    }
}
