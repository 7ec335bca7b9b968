import Foundation
import Testing

extension RankTests {
    @Suite struct Readme {
        /// The root of the package.
        static let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

        /// The README's first block of a language.
        static func block(_ language: String) throws -> String {
            let readme = try String(
                contentsOf: root.appendingPathComponent("README.md"),
                encoding: .utf8
            )
            let start = try #require(readme.range(of: "```\(language)\n"))
            let end = try #require(
                readme.range(of: "```", range: start.upperBound..<readme.endIndex)
            )
            return String(readme[start.upperBound..<end.lowerBound])
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
            let configuration = try scratch.write(try Self.block("yaml"), to: "pendulum.yaml")
            let run = try MPIRun.run("Pendulum", ["--config", configuration], ranks: 3)
            #expect(run.status == 0)
            #expect(run.output.contains("periods in seconds: [1.41"))
        }
    }
}
