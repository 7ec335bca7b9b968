import Foundation
import TestSupport
import Testing

@testable import Furrow

private struct Train: Job {
    enum Model: String, Codable {
        case gaussian, knn
        case three = "3"
    }
    enum Level: Int, Codable {
        case low = 1
        case high = 2
    }
    enum Noise: Codable {
        case off
        case fixed(Double)
        case ranged(low: Int, high: Int?)
        case tagged([String: Int])
    }
    struct Step: Codable {
        var size: Int
        var name: String?
    }
    struct Source: Codable {
        var path: String
        var sizes: [Int]?
        var step: Step?
    }

    var seed: Int
    var model: Model
    var rate: Double?
    var flag: Bool?
    var byte: UInt8?
    var level: Level?
    var noise: Noise?
    var data: Source?
    var tags: [String: Int]?
    var steps: [Step]?
    var time: Duration?
    var day: Date?

    func run(_ context: JobContext) -> Int { 0 }
}

/// The schema of configurations beside the code that reads them.
@Suite(.enabled(if: SchemaValidator.python != nil, Comment(rawValue: SchemaValidator.absence)))
struct ConfigurationSchemaTests {
    private static let generator = GridGenerator<Train>(sharing: ["data", "seed"])

    private static let pipeline: Pipeline<Configuration, [Int]> = {
        var pipeline = Pipeline(SerialRunner(generator))
        pipeline.isFixed = true
        return pipeline
    }()

    private func refused(_ texts: [String]) throws -> Set<String> {
        let documents = try texts.map { try Configuration(parsing: $0, file: "").root.json }
        let schema = Self.pipeline.schema(of: "test", otherKeys: ["other"])
        return Set(try SchemaValidator.refused(documents, by: schema).map { texts[$0] })
    }

    /// Makes the jobs of a configuration.
    ///
    /// - Returns: how many there are; `nil` for too many to try.
    /// - Throws: what is wrong with it.
    private func read(_ text: String) async throws -> Int? {
        let configuration = try Configuration(parsing: text, file: "test.yaml")
        try configuration.requireSections(
            Self.pipeline.sections + Self.pipeline.sharedKeys + ["other"]
        )
        let count = try Self.generator.count(from: configuration, after: ())
        if let count, count > 1000 { return nil }
        try await Self.generator.generate(from: configuration, after: ()) { _ in }
        return count
    }

    static let valid = [
        "train: {seed: 1, model: knn}", "train: {model: 3}\nseed: 1",
        "train: {seed: 1, model: '3', rate: 1, flag: true, byte: 255, level: 2, day: 2026-01-31}",
        "x-a: &a {seed: 1}\ntrain: {<<: *a, model: knn}\nother: [1]",
        "train: {seed: 1, model: knn, rate: null, flag: , noise: off, time: 90s, day: 1.5}",
        "train: {seed: 1, model: knn, noise: {fixed: 3}, time: [1, 2]}",
        "train: {seed: 1, model: knn, noise: {fixed: {_0: {grid: [3]}}}}",
        "train: {seed: 1, model: knn, noise: {ranged: {low: 1}}, tags: {a: 1, b: 2}}",
        "train: {seed: 1, model: knn, noise: {grid: [off, {off: {}}, {ranged: {low: 1, high: 2}}]}}",
        "train: {seed: 1, model: knn, noise: tagged, data: {path: 7, sizes: [1, 2]}}",
        "train: {grid: [{seed: 1, model: knn}, {seed: 2, model: gaussian}]}",
        "train: {seed: {grid: [1, 2]}, model: {grid: [knn, 3]}, steps: [{size: {grid: [1, 2]}}]}",
        "train: {seed: 1, model: knn, data: {grid: [{path: a}, {path: b, step: {size: 1}}]}}",
        "train: {seed: {range: {stop: 3}}, model: knn, rate: {linspace: {start: 0, stop: 1, num: 3}}}",
        "train: {seed: 1, model: knn, rate: {logspace: {start: 0, stop: 1, num: 3, base: 2}}}",
        "train: {seed: 1, model: knn, rate: {random: {uniform: [0, 1]}, samples: 3}}",
        "train: {seed: 1, model: {random: {choice: [knn, gaussian], samples: 2, seed: 1}}}",
        "train: {zip: {seed: [1, 2], model: [knn, gaussian]}}",
        "train: {zip: {seed: [1, 2], data.path: [a, b]}, model: knn, data: {sizes: []}}",
        "train: {seed: 1, model: knn, data: {zip: {path: [a, b], step: [{size: 1}, {size: 2}]}}}",
        "train: {seed: 1, model: knn, noise: {zip: {fixed: [1, 2]}}, tags: {zip: {a: [1], b: [2]}}}",
        "train: {seed: {grid: [1, 2]}, model: knn, exclude: [{seed: 2}, {seed: two}]}",
        "train: {model: knn, include: [{seed: 1}, {seed: 2, data: {path: a}}, {seed: 3, data.path: b}]}",
        "train: {model: knn, include: [{seed: a}, {seed: 1}]}",
        "seed: {grid: [1, 2]}\ntrain: {model: knn}", "seed: x\ntrain: {seed: 1, model: knn}",
        "seed: 1\ndata: {path: {grid: [a, b]}}\ntrain: {model: knn}",
        "train: {seed: 1, model: knn, rate: 1e3}",
    ]

    static let wrong = [
        "train: {seed: 1}", "train: {seed: 1, model: knm}", "train: {seed: x, model: knn}",
        "train: {seed: 1.5, model: knn}", "train: {seed: '1', model: knn}", "train: [1]", "seed: 1",
        "train: {seed: 1, modle: knn}", "train: {seed: 1, model: knn}\ntrian: {}", "other: 1",
        "train: {seed: 1, model: null}", "train: {seed: 1, model: knn, byte: 256}",
        "train: {seed: 1, model: knn, flag: yes}", "train: {seed: 1, model: knn, level: 3}",
        "train: {seed: 1, model: knn, noise: loud}", "train: {seed: 1, model: knn, noise: fixed}",
        "train: {seed: 1, model: knn, noise: {fixed: a}}",
        "train: {seed: 1, model: knn, noise: {ranged: {high: 1}}}",
        "train: {seed: 1, model: knn, noise: {off: {}, fixed: 1}}",
        "train: {seed: 1, model: knn, noise: {off: {x: 1}}}",
        "train: {seed: 1, model: knn, data: {sizes: [1]}}",
        "train: {seed: 1, model: knn, data: {path: a, sizes: [b]}}",
        "train: {seed: 1, model: knn, data: {path: a, szies: []}}",
        "train: {seed: 1, model: knn, data: {path: [a]}}",
        "train: {seed: 1, model: knn, tags: {a: b}}",
        "train: {seed: 1, model: knn, steps: [{name: a}]}",
        "train: {seed: 1, model: knn, steps: {size: 1}}",
        "train: {seed: {grid: []}, model: knn}", "train: {seed: {grid: [x]}, model: knn}",
        "train: {seed: {grid: [1], gird: [2]}, model: knn}",
        "train: {seed: {gird: [1]}, model: knn}",
        "train: {seed: {range: {stop: 3, setp: 1}}, model: knn}",
        "train: {seed: 1, model: {range: {stop: 3}}, flag: {range: {stop: 2}}}",
        "train: {seed: 1, model: knn, rate: {linspace: {start: 0, stop: 1}}}",
        "train: {seed: 1, model: knn, rate: {random: {unfiorm: [0, 1]}, samples: 3}}",
        "train: {zip: {seed: [1], modle: [knn]}, model: knn}",
        "train: {zip: {seed: 1}, model: knn}",
        "train: {zip: {seed: [a]}, model: knn}", "train: {model: knn, include: [{sede: 1}]}",
        "train: {seed: {grid: [1, 2]}, model: knn, exclude: [{sede: 1}]}",
        "train: {seed: {grid: [1, {grid: [2]}]}, model: knn}", "seed: x\ntrain: {model: knn}",
        "train: {grid: [{seed: 1, model: knn}, {seed: 2}]}",
        "data: {}\ntrain: {seed: 1, model: knn}",
    ]

    @Test func whatIsValidIsAccepted() async throws {
        for text in Self.valid {
            #expect(try await read(text) != 0, "\(text)")
        }
        #expect(try refused(Self.valid) == [])
    }

    @Test func mistakesAreRefused() async throws {
        let refused = try refused(Self.wrong)
        for text in Self.wrong {
            #expect(refused.contains(text), "valid to the schema: \(text)")
            await #expect(throws: (any Error).self, "valid to the reader: \(text)") {
                try await read(text)
            }
        }
    }

    /// Changes configurations at random; those that still make jobs must still be valid.
    @Test func nothingThatMakesJobsIsRefused() async throws {
        var changes = try ConfigurationChanges(of: Self.valid + Self.wrong)
        var accepted: Set<String> = []
        for _ in 0..<changes.count {
            let text = changes.next().json
            if let count = try? await read(text), count > 0 { accepted.insert(text) }
        }
        #expect(accepted.count > 100)
        let refused = try refused(Array(accepted))
        #expect(refused == [], "\(refused.sorted { $0.count < $1.count }.prefix(3))")
    }

    @Test func otherStagesAndSectionsAreLeftOpen() throws {
        let open = Pipeline(SerialRunner(Self.generator))
            .then(SerialRunner(Jobs { (_: Configuration, _: [Int]) in [Part(x: 1)] }))
        let schema = open.schema(of: "test", otherKeys: [])
        let texts = [
            "train: {seed: 1, model: knn}\npart: 3\nmore: 1", "other: {}", "train: {model: knm}",
        ]
        let documents = try texts.map { try Configuration(parsing: $0, file: "").root.json }
        #expect(try SchemaValidator.refused(documents, by: schema) == [2])
    }

    @Test func everyRunnerOfAGeneratorKnowsItsType() {
        let runner = ParallelRunner(Self.generator)
        func type(_ runner: some Runner<Configuration, Void, some Sendable>) -> (any Job.Type)? {
            Pipeline(runner).map { _ in 0 }.sources[0].pointType
        }
        #expect(type(runner) == Train.self && type(AnyRunner(runner)) == Train.self)
        #expect(type(runner.onResult { _, _ in }) == Train.self)
        #expect(type(runner.sharing { _, _ in 1 }) == Train.self)
        #expect(type(SerialRunner(Jobs { (_: Configuration, _) in [Part(x: 1)] })) == nil)
    }

    private struct Part: Job {
        var x: Int
        func run(_ context: JobContext) -> Int { x }
    }
}
