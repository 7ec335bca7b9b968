import ArgumentParser
import Foundation
import Furrow

/// The twin of anomalib's benchmark pipeline.
@main
struct Program: FurrowProgram {
    static let configuration = CommandConfiguration(
        commandName: "anomaly-benchmark",
        abstract: "Anomaly detection models on handwritten digits, in parallel.",
        version: Furrow.version,
        subcommands: [Run.self, Detect.self],
        defaultSubcommand: Run.self
    )

    struct Run: PipelineCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run every job of a configuration, under mpirun.",
            discussion: "Example: mpirun -q -n 3 anomaly-benchmark run --config benchmark.yaml"
        )

        @OptionGroup var options: PipelineOptions

        func pipeline(_ runOptions: RunOptions) -> Pipeline<Configuration, [Detection]> {
            // A wrong data file should be found before any job runs.
            let generator = GridGenerator<BenchmarkJob> {
                _ = try Digits.load($0.data.arguments.path)
            }
            return Pipeline(ParallelRunner(generator, options: runOptions))
        }
    }

    struct Detect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Train and score one model, without MPI.",
            discussion: "Example: anomaly-benchmark detect --model knn --category 3"
        )

        @Option(help: "gaussian, knn, pca or isolation_forest.")
        var model: ModelName

        @Option(help: "The digit that is normal, 0 to 9.")
        var category: Int

        @Option(help: "Seed of models that use random numbers.")
        var seed = 42

        @Option(
            help: ArgumentHelp("Rows like the UCI digits (default: built in).", valueName: "file")
        )
        var data: String?

        func validate() throws {
            guard 0...9 ~= category else {
                throw ValidationError("--category must be a digit from 0 to 9, not \(category)")
            }
        }

        func run() async throws {
            let result = try Detection.run(
                model,
                category: category,
                seed: seed,
                data: data,
                taskID: nil,
                device: nil,
                host: ProcessInfo.processInfo.hostName
            )
            print(String(format: "AUROC %.6f", result.auroc))
            print("training rows \(result.trainingRows)")
            print("test rows \(result.testRows)")
            print(String(format: "fit %.6f s", result.fitDuration))
            print(String(format: "test %.6f s", result.testDuration))
        }
    }
}

extension ModelName: ExpressibleByArgument {}
