import Testing

@testable import Furrow

private struct Point: Job {
    enum Model: String, Codable, CaseIterable {
        case gaussian, knn
        case isolationForest = "isolation_forest"
    }

    static let name = "benchmark"
    var seed: Int
    var model: Model
    var rate: Double?

    func run(_ context: JobContext) -> String { "\(seed) \(model.rawValue) \(rate ?? -1)" }
}

/// The jobs that a configuration makes, run serially.
private func results(_ yaml: String) async throws -> [String]? {
    let configuration = try Configuration(parsing: yaml, file: "test.yaml")
    return try await SerialRunner(GridGenerator<Point>()).run(configuration)
}

private func message(_ yaml: String) async -> String {
    do {
        return "no error: \(try await results(yaml) ?? [])"
    } catch {
        return "\(error)"
    }
}

@Suite struct GridGeneratorTests {
    @Test func theFirstGridVariesSlowest() async throws {
        let yaml = """
            benchmark:
              seed: {grid: [1, 2]}
              model: {grid: [knn, isolation_forest]}
              rate: 0.5
            """
        #expect(
            try await results(yaml) == [
                "1 knn 0.5", "1 isolation_forest 0.5", "2 knn 0.5", "2 isolation_forest 0.5",
            ]
        )
    }

    @Test func aStageMayHaveASectionOfItsOwn() async throws {
        var first = RunOptions()
        first.stage = "coarse"
        var second = RunOptions()
        second.stage = "fine"
        let named = SerialRunner(GridGenerator<Point>(section: "fine"), options: second)
        let pipeline = Pipeline(SerialRunner(GridGenerator<Point>(), options: first))
        #expect(pipeline.stages == ["coarse"] && pipeline.sections == ["benchmark"])
        let configuration = try Configuration(
            parsing: "benchmark: {seed: 1, model: knn}\nfine: {seed: 2, model: knn}",
            file: "test.yaml"
        )
        #expect(named.stage == "fine" && named.section == "fine")
        #expect(try await pipeline.run(configuration) == ["1 knn -1.0"])
        #expect(try await named.run(configuration) == ["2 knn -1.0"])
        try configuration.requireSections(["benchmark", "fine"])
    }

    /// As in a test of one's own.
    @Test func aJobRunsWithoutARunner() throws {
        let context = JobContext(index: 3, attempt: 2, taskID: 1)
        #expect(Point(seed: 1, model: .knn).run(context) == "1 knn -1.0")
        #expect(context.index == 3 && context.attempt == 2 && context.taskID == 1)
        #expect(!context.host.isEmpty && context.directory == nil && context.resource == nil)
        context.record(7)
        context.show([])
    }

    @Test func noGridIsOneJob() async throws {
        #expect(
            try await results("benchmark: {seed: 1, model: knn}") == ["1 knn -1.0"]
        )
    }

    @Test(arguments: [
        ("benchmark: {seed: 1, model: knm}", ["test.yaml:1:", "knm", "knn"]),
        ("benchmark: {seed: 1, modle: knn}", ["test.yaml:1:", "model"]),
        ("benchmark: {seed: 1, model: knn, ratte: 1}", ["test.yaml:1:", "ratte", "rate"]),
        ("benchmark: {seed: x, model: knn}", ["test.yaml:1:", "seed", "x"]),
        ("benchmark: {seed: {grid: []}, model: knn}", ["test.yaml:1:", "grid"]),
        ("benchmark: {seed: {grid: [1, y]}, model: knn}", ["test.yaml:1:", "y"]),
        ("other: {seed: 1}", ["test.yaml", "benchmark", "other"]),
        ("benchmark: {seed: 1, seed: 2, model: knn}", ["test.yaml:1", "seed"]),
    ])
    func aMistakeIsNamedWithItsPlace(yaml: String, expected: [String]) async {
        let message = await message(yaml)
        for text in expected { #expect(message.contains(text), "\(message)") }
    }

    @Test(arguments: ["a: [1", "a: b: c", "\t- x", "", "just text", "- a\n- b"])
    func whatIsNoMappingIsRefused(yaml: String) {
        #expect(throws: ConfigurationError.self) {
            try Configuration(parsing: yaml, file: "test.yaml")
        }
    }

    @Test func aGridIsFoundByItsExactKey() async throws {
        struct Sized: Job {
            static let name = "sized"
            struct Size: Codable {
                var values: [Int]
                enum CodingKeys: String, CodingKey { case values = "grid_size" }
            }
            var size: Size
            func run(_ context: JobContext) -> [Int] { size.values }
        }
        let configuration = try Configuration(
            parsing: "sized: {size: {grid_size: [3, 4]}}",
            file: "test.yaml"
        )
        let results = try await SerialRunner(GridGenerator<Sized>()).run(configuration)
        #expect(results == [[3, 4]])
    }

    /// The axes of sweeps, read by their code.
    @Test(arguments: [
        ("{seed: {range: {start: 1, stop: 4}}, model: knn}", ["1 knn", "2 knn", "3 knn"]),
        ("{zip: {seed: [1, 2], model: [knn, gaussian]}}", ["1 knn", "2 gaussian"]),
        (
            "{seed: {grid: [1, 2]}, model: {grid: [knn, gaussian]}, exclude: [{seed: 1, model: knn}]}",
            ["1 gaussian", "2 knn", "2 gaussian"]
        ),
        (
            "{seed: {grid: [1]}, model: knn, include: [{seed: 5}, {seed: 1, rate: 0.5}]}",
            ["1 knn 0.5", "5 knn"]
        ),
    ])
    func theAxesOfSweepsAreThoseOfJobs(section: String, expected: [String]) async throws {
        let all = expected.map { $0.split(separator: " ").count == 2 ? $0 + " -1.0" : $0 }
        #expect(try await results("benchmark: \(section)") == all)
    }

    @Test func numbersAreDrawnOrSpaced() async throws {
        let spaced = try await results(
            "benchmark: {seed: 1, model: knn, rate: {linspace: {start: 0, stop: 1, num: 3}}}"
        )
        #expect(spaced == ["1 knn 0.0", "1 knn 0.5", "1 knn 1.0"])
        let drawn =
            "benchmark: {seed: 1, model: knn, rate: {random: {uniform: [0, 1]}, samples: 4}}"
        let first = try await results(drawn)
        #expect(first?.count == 4 && Set(first ?? []).count == 4)
        #expect(try await results(drawn) == first)
    }

    @Test func mistakesInAxesAreNamedWithTheirPlace() async throws {
        let yaml = """
            benchmark:
              seed: {range: {start: 1, stop: 3}}
              model: {grid: [knn, knm]}
            """
        let text = await message(yaml)
        #expect(text.hasPrefix("test.yaml:3:"), "\(text)")
        #expect(text.contains("did you mean 'knn'?"), "\(text)")
        let range = await message("benchmark: {seed: {range: {start: 1, end: 3}}, model: knn}")
        #expect(range.contains("end"), "\(range)")
    }

    @Test func sharedKeysBelongToEachSection() async throws {
        let configuration = try Configuration(
            parsing:
                "seed: {grid: [1, 2]}\nbenchmark: {model: knn}\nother: {model: gaussian, seed: 7}",
            file: "test.yaml"
        )
        let shared = GridGenerator<Point>(sharing: ["seed"])
        #expect(shared.sharedKeys == ["seed"])
        #expect(
            try await SerialRunner(shared).run(configuration) == ["1 knn -1.0", "2 knn -1.0"]
        )
        let other = GridGenerator<Point>(section: "other", sharing: ["seed"])
        #expect(try await SerialRunner(other).run(configuration) == ["7 gaussian -1.0"])
    }

    @Test func aPartOfAConfigurationIsDecoded() throws {
        let configuration = try Configuration(
            parsing: "data: {path: x, sizes: [1, 2]}",
            file: "test.yaml"
        )
        #expect(try configuration.decode([Int].self, at: "data.sizes") == [1, 2])
        #expect(try configuration.decode(Int.self, at: "data.seed") == nil)
        #expect(configuration.contains("data.path") && !configuration.contains("data.seed"))
        let error = #expect(throws: ConfigurationError.self) {
            try configuration.decode(Int.self, at: "data.path")
        }
        #expect(error?.description.contains("data.path") == true)
    }
}
