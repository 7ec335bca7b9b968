import Foundation
import FurrowConfiguration
import TestSupport
import Testing

extension RankTests {
    /// What programs print for `--schema`, by a validator that knows nothing of Furrow.
    @Suite(.enabled(if: SchemaValidator.python != nil, Comment(rawValue: SchemaValidator.absence)))
    struct ConfigurationSchemas {
        /// The schema of a program's configurations.
        private static func schema(
            _ program: String,
            _ arguments: String...,
            ranks: Int? = nil
        ) throws -> String {
            let run = try MPIRun.run(program, arguments + ["--schema"], ranks: ranks)
            try #require(run.status == 0, "\(run.errors)")
            return run.output
        }

        private static func refused(_ texts: [String], by schema: String) throws -> [Int] {
            try SchemaValidator.refused(
                texts.map { try Configuration(parsing: $0, file: "").root.json },
                by: schema
            )
        }

        private static func text(_ path: String) throws -> String {
            try String(contentsOf: Book.root.appendingPathComponent(path), encoding: .utf8)
        }

        @Test(arguments: [
            ("Pendulum", "Examples/Pendulum/pendulum.yaml", "angle", "angel"),
            ("Ensemble", "Examples/Ensemble/ensemble.yaml", "seed", "sede"),
            ("TiledEnsemble", "Examples/TiledEnsemble/tiled.yaml", "data: {", "[{"),
        ])
        func examplesAreValid(program: String, path: String, part: String, wrong: String) throws {
            let text = try Self.text("Sources/\(path)")
            // The book shows it, too.
            let shown = Book.all.flatMap(\.blocks).filter {
                $0.language == "yaml" && $0.file == path.split(separator: "/").last.map(String.init)
            }
            let texts = [text] + shown.map(\.text)
            let schema = try Self.schema(program)
            #expect(try Self.refused(texts, by: schema) == [])
            guard program != "TiledEnsemble" else { return }
            #expect(shown.count == 1)
            let mistake = text.replacing(part, with: wrong)
            #expect(try Self.refused([mistake], by: schema) == [0])
        }

        @Test func theBenchmarkIsValidAndItsMistakesAreNot() throws {
            let schema = try Self.schema("anomaly-benchmark", "run", ranks: 3)
            let benchmark = try Self.text("Sources/AnomalyBenchmark/benchmark.yaml")
            #expect(try Self.refused([benchmark, Application.configuration], by: schema) == [])
            let mistakes = Application.mistakes.map {
                Application.configuration.replacingOccurrences(of: $0.0, with: $0.1)
            }.filter {
                // Not what is no YAML, and not what the job's own code finds.
                (try? Configuration(parsing: $0, file: "")) != nil && !$0.contains("11")
            }
            #expect(mistakes.count == Application.mistakes.count - 2)
            #expect(try Self.refused(mistakes, by: schema) == Array(mistakes.indices))
        }

        @Test func aPipelineOfAConfigurationHasItsOwnSections() throws {
            let schema = try Self.schema("Scenarios", "configured")
            let texts = [
                """
                seed: {grid: [1, 2]}
                x-more: &more {seed: 10}
                leaf: {factor: {range: {start: 1, stop: 3}}}
                more: {<<: *more, factor: 1}
                doubled: true
                """, "leaf: {seed: 1, factor: 2}\nother: 1", "leaf: {seed: a, factor: 2}",
                "seed: a\nleaf: {factor: 1}", "seed: a\nleaf: {seed: 1, factor: 1}",
            ]
            #expect(try Self.refused(texts, by: schema) == [2, 3])
        }
    }
}
