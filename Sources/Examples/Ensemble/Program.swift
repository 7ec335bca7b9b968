import ArgumentParser
import Foundation
import Furrow

/// Fits a line to a random sample of the measurements. The first stage's job.
struct Fit: Job {
    var seed: UInt64

    func run(_ context: JobContext) throws -> Line {
        Line(through: Point.drawn(seed: seed))
    }
}

/// Asks all lines for their value at one place. The second stage's job.
struct Predict: Job {
    struct Prediction: Codable, Sendable {
        var x: Double
        var mean: Double
        var deviation: Double
    }

    var x: Double
    var lines: [Line]

    func run(_ context: JobContext) throws -> Prediction {
        let values = lines.map { $0.value(at: x) }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return Prediction(x: x, mean: mean, deviation: sqrt(squares / Double(values.count)))
    }

    static func save(_ predictions: [Prediction], in directory: RunDirectory) throws {
        let rows = predictions.map { "\($0.x),\($0.mean),\($0.deviation)\n" }
        let path = try directory.path(of: "predictions.csv")
        try Data(("x,mean,deviation\n" + rows.joined()).utf8).write(to: URL(fileURLWithPath: path))
        for prediction in predictions {
            print(
                String(
                    format: "at %4.1f: %6.3f ± %.3f",
                    prediction.x,
                    prediction.mean,
                    prediction.deviation
                )
            )
        }
    }
}

/// Makes the second stage's jobs from the results of the first.
struct PredictGenerator: JobGenerator {
    func count(from configuration: Configuration, after lines: [Line]) -> Int? { 5 }

    func generate(
        from configuration: Configuration,
        after lines: [Line],
        yield: (Predict) async throws -> Void
    ) async throws {
        for x in stride(from: 0.0, through: 10, by: 2.5) {
            try await yield(Predict(x: x, lines: lines))
        }
    }
}

@main struct Program: PipelineCommand {
    @OptionGroup var options: PipelineOptions

    func pipeline(
        _ runOptions: RunOptions
    ) -> Pipeline<Configuration, [Predict.Prediction]> {
        Pipeline(ParallelRunner(GridGenerator<Fit>(), options: runOptions))
            .then(ParallelRunner(PredictGenerator(), options: runOptions))
    }
}
