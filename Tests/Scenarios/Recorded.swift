import ArgumentParser
import Foundation
import Furrow
import Glibc

/// A stage whose run is kept, for the tests of what a journal is good for.
struct Recorded: PipelineCommand {
    static let configuration = CommandConfiguration(commandName: "recorded")

    @OptionGroup var options: PipelineOptions

    func pipeline(_ runOptions: RunOptions) -> Pipeline<Configuration, [Step.Output]> {
        print("the pipeline is made")
        return Pipeline(ParallelRunner(GridGenerator<Step>(), options: runOptions))
    }
}

struct Step: Job {
    struct Output: Codable, Sendable {
        var number: Int
        var value: Double
        var ballast: String
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Not what the protocol calls number: it may come twice.
    var point: Int
    /// How long it takes.
    var milliseconds: Int
    /// How many bytes its result has, about.
    var bytes: Int

    /// Fails as often as the environment says: `STEP_FAILURES=point:attempts`. Takes no time with
    /// `STEP_TIME=0`.
    func run(_ context: JobContext) async throws -> Output {
        let plan = ProcessInfo.processInfo.environment["STEP_FAILURES"] ?? ""
        let words = plan.split(separator: ":").compactMap { Int($0) }
        if words.count == 2, words[0] == point, context.attempt <= words[1] {
            throw Failure(description: "attempt \(context.attempt) failed as planned")
        }
        if ProcessInfo.processInfo.environment["STEP_TIME"] != "0" {
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
        return Output(
            number: point,
            value: 1 / Double(point + 1),
            ballast: String(repeating: "b", count: bytes)
        )
    }

    static func save(_ outputs: [Output], in directory: RunDirectory) throws {
        let rows = outputs.map { "\($0.number),\($0.value)\n" }.joined()
        let path = try directory.path(of: "results.csv")
        try Data(rows.utf8).write(to: URL(fileURLWithPath: path))
    }
}
