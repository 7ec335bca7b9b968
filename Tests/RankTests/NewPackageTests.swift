import Foundation
import TestSupport
import Testing

extension RankTests {
    /// What `furrow init` writes, and does not.
    @Suite struct NewPackages {
        private let scratch: Scratch

        init() throws { scratch = try Scratch() }

        private func create(_ arguments: [String]) throws -> MPIRun.Outcome {
            try MPIRun.run("furrow", ["init"] + arguments, ranks: nil, in: scratch.url)
        }

        /// Runs lines of a shell in the scratch folder.
        private func shell(_ lines: String, limit: Double) throws -> MPIRun.Outcome {
            let run = try Execution.run(
                ["bash", "-ec", lines],
                in: scratch.url,
                environment: MPIRun.environment,
                limit: limit
            )
            #expect(!run.timedOut)
            return run
        }

        @Test func whereNoneCanBeWrittenIsSaidInOneLine() throws {
            try scratch.write("", to: "taken")
            let cases = [
                (["taken"], "Error: there is already a 'taken' here\n"),
                (["a/b"], "Error: 'a/b' must begin with a letter, and have only letters, "),
                (["furrow"], "Error: 'furrow' is the name of the package of Furrow itself\n"),
            ]
            for (arguments, text) in cases {
                let run = try create(arguments)
                #expect(run.status == 64)
                #expect(run.errors.hasPrefix(text), "\(run.errors)")
            }
            // Nobody can make a folder there, root included.
            let nowhere = URL(fileURLWithPath: "/proc")
            let run = try MPIRun.run("furrow", ["init", "sweep"], ranks: nil, in: nowhere)
            #expect(run.status == 64)
            #expect(
                run.errors
                    == "Error: the package cannot be written: ./sweep: No such file or directory\n"
            )
            #expect(try scratch.contents() == ["taken"])
        }

        /// The versions of what Furrow depends on are those of this checkout.
        @Test(.timeLimit(.minutes(15)))
        func thePackageBuildsAndRunsAsItsHintSays() throws {
            let made = try create(["my-sweep", "--furrow", Book.root.path])
            #expect(made.status == 0, "\(made.errors)")
            try FileManager.default.copyItem(
                at: Book.root.appendingPathComponent("Package.resolved"),
                to: scratch.url.appendingPathComponent("my-sweep/Package.resolved")
            )
            // Optimized it takes several times as long, and editors and debuggers have no part in it.
            let quick = "--disable-index-store -debug-info-format none"
            let lines = made.output.replacing("-c release", with: quick)
                .replacing(".build/release/", with: ".build/debug/")
                .replacing("mpirun -n 3", with: "mpirun -q -n 3")
            #expect(lines != made.output)
            let run = try shell(lines, limit: 800)
            #expect(run.status == 0, "\(run.output.suffix(2000)) \(run.errors.suffix(2000))")
            let example = try MPIRun.run(
                "Pendulum",
                ["--config", "my-sweep/my-sweep.yaml"],
                ranks: 3,
                in: scratch.url
            )
            let periods = try #require(example.output.firstMatch(of: /periods in seconds: .*/))
            #expect(run.output.contains(periods.0), "\(run.output.suffix(2000))")
            #expect(try scratch.contents("my-sweep/runs/my-sweep").contains("first"))

            let again = try shell(
                """
                cd my-sweep
                sed -i s/angle:/angel:/ my-sweep.yaml
                mpirun -q -n 3 .build/debug/my-sweep --config my-sweep.yaml
                """,
                limit: 60
            )
            #expect(again.status == 65, "\(again.errors)")
            #expect(again.errors.contains("my-sweep.yaml:"), "\(again.errors)")
            #expect(again.errors.contains("'angel'"), "\(again.errors)")
        }
    }
}
