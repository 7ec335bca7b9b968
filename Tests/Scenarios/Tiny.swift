import ArgumentParser
import Furrow
import Glibc

/// Jobs that say in which process they ran.
struct TinyJobs: PipelineCommand {
    static let configuration = CommandConfiguration(commandName: "tiny")

    enum Kind: String, ExpressibleByArgument { case plain, prepared, sharing }

    @OptionGroup var options: PipelineOptions
    @Option var kind = Kind.plain

    func pipeline(_ runOptions: RunOptions) -> Pipeline<Configuration, [Place]> {
        let runner = ParallelRunner(GridGenerator<Tiny>(), options: runOptions)
        return switch kind {
        case .plain: Pipeline(runner)
        case .prepared:
            Pipeline(ParallelRunner(GridGenerator<PreparedTiny>(), options: runOptions))
        case .sharing: Pipeline(runner.sharing { _, _ in 0 })
        }
    }
}

/// Where a job ran.
struct Place: Codable, Sendable {
    var number: Int
    var task: Int
    var process: Int32

    init(_ number: Int, _ context: JobContext) {
        self.number = number
        task = context.taskID ?? -1
        process = getpid()
    }

    /// Writes a line a worker: its jobs, its processes, and how many jobs the first of them ran.
    static func write(_ places: [Place]) {
        for (task, places) in Dictionary(grouping: places, by: \.task).sorted(by: {
            $0.key < $1.key
        }) {
            let first = places.count { $0.process == places[0].process }
            FileOutput.write(
                "task \(task): \(places.count) jobs, \(Set(places.map(\.process)).count) "
                    + "processes, \(first) in the first\n"
            )
        }
        let sum = places.map(\.number).reduce(0, +)
        FileOutput.write("sum \(sum) of \(places.count)\n")
    }
}

struct Tiny: Job {
    enum Way: String, Codable, CaseIterable { case none, fail, abort, worker }
    struct Broken: Error {}

    static let name = "tiny"

    var number: Int
    var way: Way
    /// The job that does not succeed, or the first that does not on a broken worker.
    var at: Int
    var milliseconds: Int

    func run(_ context: JobContext) async throws -> Place {
        if milliseconds > 0 { usleep(UInt32(milliseconds) * 1000) }
        if way == .worker, number >= at, context.taskID == 1 { throw Broken() }
        if number == at {
            switch way {
            case .none, .worker: break
            case .fail: throw Broken()
            case .abort: Glibc.abort()
            }
        }
        return Place(number, context)
    }

    static func save(_ places: [Place], in directory: RunDirectory) { Place.write(places) }
}

struct PreparedTiny: PreparedJob {
    static let name = "tiny"

    var number: Int
    var way: Tiny.Way
    var at: Int
    var milliseconds: Int

    static func prepare(_ context: JobContext) -> Int32 { getpid() }

    func run(_ resource: Int32, _ context: JobContext) async throws -> Place {
        guard resource == getpid() else { throw Tiny.Broken() }
        return Place(number, context)
    }

    static func save(_ places: [Place], in directory: RunDirectory) { Place.write(places) }
}
