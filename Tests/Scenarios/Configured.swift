import ArgumentParser
import Furrow

/// A pipeline that is made from its configuration.
struct Configured: PipelineCommand {
    static let configuration = CommandConfiguration(commandName: "configured")
    static let sharedKeys = ["doubled", "runner"]

    @OptionGroup var options: PipelineOptions

    func pipeline(
        _ configuration: Configuration,
        _ runOptions: RunOptions
    ) throws -> Pipeline<Configuration, [Int]> {
        let isSerial = try configuration.decode(String.self, at: "runner") == "serial"
        let leaves = GridGenerator<Leaf>(sharing: ["seed"])
        let first = Pipeline(
            isSerial
                ? AnyRunner(SerialRunner(leaves, options: runOptions))
                : AnyRunner(ParallelRunner(leaves, options: runOptions))
        )
        // Two stages that need nothing of each other, and one that sees both.
        let both = first.keeping(
            ParallelRunner(GridGenerator<Leaf>(section: "more"), options: runOptions)
        )
        let sums = both.then(ParallelRunner(Jobs(Self.products), options: runOptions))
        guard try configuration.decode(Bool.self, at: "doubled") == true else { return sums }
        return sums.then(
            SerialRunner(Jobs { $1.map { Sum(parts: [$0, $0]) } }, options: runOptions)
        )
    }

    private static func products(
        _ configuration: Configuration,
        _ values: ([Int], [Int])
    ) -> [Sum] {
        values.0.flatMap { first in values.1.map { Sum(parts: [first, $0]) } }
    }
}

struct Leaf: Job {
    var seed: Int
    var factor: Int

    func run(_ context: JobContext) -> Int { seed * factor }
}

struct Sum: Job {
    var parts: [Int]

    func run(_ context: JobContext) -> Int { parts.reduce(0, +) }

    static func save(_ sums: [Int]) {
        FileOutput.write("sums \(sums)\n")
    }
}
