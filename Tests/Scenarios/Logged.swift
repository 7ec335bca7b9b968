import ArgumentParser
import Furrow

/// Jobs that log.
struct Logged: PipelineCommand {
    static let configuration = CommandConfiguration(commandName: "logged")

    @OptionGroup var options: PipelineOptions
    /// How many lines an attempt writes, and how long the end of each is.
    @Option var lines = 40
    @Option var length = 900

    func pipeline(_ runOptions: RunOptions) -> Pipeline<Configuration, [Int]> {
        var runOptions = runOptions
        runOptions.retries = 1
        runOptions.retryDelay = .zero
        let jobs = Jobs { [lines, length] (_: Configuration, _: Void) in
            (0..<6).map { Note(turn: $0, lines: lines, length: length) }
        }
        return Pipeline(ParallelRunner(jobs, options: runOptions))
    }
}

struct Note: Job {
    struct Failure: Error {}

    var turn: Int
    var lines: Int
    var length: Int

    func run(_ context: JobContext) throws -> Int {
        for line in 0..<lines {
            try context.log("line \(line) of\nturn \(turn)" + String(repeating: "!", count: length))
        }
        // Its next attempt logs again.
        if turn == 2, context.attempt == 1 { throw Failure() }
        return turn
    }
}
