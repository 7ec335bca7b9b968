import Foundation
import Testing

extension RankTests {
    @Suite struct Readme {
        /// The root of the package.
        static let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

        /// The README's first block of a language that begins with a text.
        static func block(_ language: String, _ beginning: String = "") throws -> String {
            let readme = try String(
                contentsOf: root.appendingPathComponent("README.md"),
                encoding: .utf8
            )
            let start = try #require(readme.range(of: "```\(language)\n\(beginning)"))
            let end = try #require(
                readme.range(of: "```", range: start.upperBound..<readme.endIndex)
            )
            return beginning + readme[start.upperBound..<end.lowerBound]
        }

        @Test func theProgramInTheReadmeIsBuiltAndRuns() throws {
            let program = try Self.block("swift")
            let built = try String(
                contentsOf: Self.root.appendingPathComponent("Tests/Pendulum/Program.swift"),
                encoding: .utf8
            )
            #expect(program == built)
            #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count <= 30)
            let scratch = try Scratch()
            let configuration = try scratch.write(
                try Self.block("yaml", "pendulum:"),
                to: "pendulum.yaml"
            )
            let run = try MPIRun.run("Pendulum", ["--config", configuration], ranks: 3)
            #expect(run.status == 0)
            #expect(run.output.contains("periods in seconds: [1.41"))
        }

        @Test func theSweepInTheReadmeRuns() throws {
            let sweep = try SweepScratch()
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let run = try sweep.run(
                try Self.block("yaml", "name: digits"),
                ranks: 3,
                environment: ["PATH": "\(MPIRun.programs.path):\(path)"]
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.isEmpty)
            #expect(try sweep.results().map { $0["auroc"] }.first == "0.999683")
        }
    }
}
