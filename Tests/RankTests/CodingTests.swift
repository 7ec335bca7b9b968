import Foundation
import TestSupport
import Testing

extension RankTests {
    /// A value that cannot be encoded or decoded is one failed job, on one rank and on several.
    @Suite struct Coding {
        @Test(
            arguments: ["jobEncode", "jobDecode", "resultEncode", "resultDecode"],
            [(1, []), (3, []), (1, ["--run-dir", "kept"]), (3, ["--run-dir", "kept"])]
        )
        func aValueThatCannotBeCodedIsOneFailedJob(place: String, how: (Int, [String])) throws {
            let (ranks, directory) = how
            let scratch = try Scratch()
            try scratch.write("fragile: {}\n", to: "fragile.yaml")
            func run(_ arguments: [String]) throws -> MPIRun.Outcome {
                let run = try MPIRun.run(
                    "Scenarios",
                    ["coding", "--config", "fragile.yaml", "--place", place]
                        + ["--on-failure", "continue"] + directory + arguments,
                    ranks: ranks,
                    in: scratch.url
                )
                #expect(!run.timedOut)
                return run
            }
            let first = try run([])
            #expect(first.status == 1, "\(first.errors)")
            #expect(first.errors.contains("1 failed, 4 succeeded"), "\(first.errors)")
            #expect(first.errors.contains("job 1 "), "\(first.errors)")
            #expect(first.errors.contains("too fragile"), "\(first.errors)")
            #expect(first.output.contains("saved [1, 2, 3, 4]"), "\(first.output)")
            guard !directory.isEmpty else { return }
            // The run is not stuck with that job.
            let second = try run(["--resume"])
            #expect(second.status == 1, "\(second.errors)")
            #expect(second.errors.contains("1 failed"), "\(second.errors)")
            #expect(second.output.contains("saved [1, 2, 3, 4]"), "\(second.output)")
        }
    }
}
