import ArgumentParser
import Furrow

/// A stage in which one value, and no other, cannot be encoded or decoded.
struct Coding: PipelineCommand {
    static let configuration = CommandConfiguration(commandName: "coding")

    enum Place: String, Codable, ExpressibleByArgument, CaseIterable {
        case jobEncode, jobDecode, resultEncode, resultDecode
    }

    @OptionGroup var options: PipelineOptions
    @Option var place: Place

    func pipeline(_ runOptions: RunOptions) -> Pipeline<Configuration, [Fragile]> {
        Pipeline(ParallelRunner(FragileJobs(place: place), options: runOptions))
    }
}

struct Fragile: Codable, Sendable {
    struct Broken: Error, CustomStringConvertible { let description = "too fragile" }

    var number: Int
    var place: Coding.Place?
    /// With a text it travels by its own coding, not as its bytes.
    var text = ""

    init(_ number: Int, _ place: Coding.Place? = nil) {
        self.number = number
        self.place = place
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        number = try container.decode(Int.self, forKey: .number)
        place = try container.decodeIfPresent(Coding.Place.self, forKey: .place)
        if place == .jobDecode || place == .resultDecode { throw Broken() }
    }

    func encode(to encoder: any Encoder) throws {
        if place == .jobEncode || place == .resultEncode { throw Broken() }
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(number, forKey: .number)
        try container.encodeIfPresent(place, forKey: .place)
    }

    private enum Key: CodingKey { case number, place }
}

struct FragileJob: Job {
    static let name = "fragile"

    var value: Fragile
    var resultBreaks: Coding.Place?

    func run(_ context: JobContext) -> Fragile { Fragile(value.number, resultBreaks) }

    static func save(_ results: [Fragile], in directory: RunDirectory) {
        FileOutput.write("saved \(results.map(\.number))\n")
    }
}

struct FragileJobs: JobGenerator {
    var place: Coding.Place
    var section: String? { "fragile" }

    func generate(
        from arguments: Configuration,
        after previous: Void,
        yield: (FragileJob) async throws -> Void
    ) async throws {
        // The first: on one rank no other makes the way.
        let isJob = place == .jobEncode || place == .jobDecode
        for number in 0..<5 {
            let place = number == 0 ? place : nil
            try await yield(
                FragileJob(
                    value: Fragile(number, isJob ? place : nil),
                    resultBreaks: isJob ? nil : place
                )
            )
        }
    }
}
