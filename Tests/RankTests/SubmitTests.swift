import Foundation
import Furrow
import TestSupport
import Testing

extension RankTests {
    /// `furrow submit` with an sbatch that answers as no test cluster does.
    @Suite struct SubmitAnswers {
        /// Submits a sweep, with a script in the place of sbatch.
        private func submit(_ sweep: SweepScratch, _ sbatch: String) throws -> MPIRun.Outcome {
            try sweep.scratch.write("{name: s, command: [true]}", to: "s.yaml")
            let text = try sweep.scratch.write("#!/bin/sh\n\(sbatch)\n", to: "text")
            let program = sweep.url.path + "/sbatch"
            // By a process of its own: what this one writes may be "busy" when it is to be run.
            _ = try Subprocess.run(["install", "-m", "755", text, program], limit: 60)
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            return try sweep.furrow(
                ["submit", "s.yaml"],
                environment: ["PATH": "\(sweep.url.path):\(path)"]
            )
        }

        private func isKept(_ sweep: SweepScratch) -> Bool {
            FileManager.default.fileExists(atPath: sweep.url.path + "/runs/s")
        }

        @Test func aRefusalInAnotherEncodingIsRead() throws {
            let sweep = try SweepScratch()
            let run = try submit(sweep, #"printf 'refus\351: no such account\n' >&2; exit 1"#)
            #expect(run.status == 64)
            #expect(
                run.errors.hasSuffix("not submitted: refus\u{FFFD}: no such account\n"),
                "\(run.errors)"
            )
            let left = try FileManager.default.contentsOfDirectory(atPath: sweep.url.path)
            #expect(!left.contains("runs"))
        }

        @Test func withoutSlurmNothingIsLeft() throws {
            let sweep = try SweepScratch()
            try sweep.scratch.write("{name: s, command: [true]}", to: "s.yaml")
            for runs in ["runs", "there/and/deeper"] {
                let run = try sweep.furrow(
                    ["submit", "s.yaml", "--runs-dir", runs],
                    environment: ["PATH": sweep.url.path]
                )
                #expect(run.status == 64)
                #expect(run.errors.contains("there is no 'sbatch' here"), "\(run.errors)")
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: sweep.url.path)
            #expect(left == ["s.yaml"])
        }

        /// SLURM has taken it, and will look for the script's run.
        @Test func aRunWhoseJobHasNoNumberIsKept() throws {
            let sweep = try SweepScratch()
            let run = try submit(sweep, "echo welcome")
            #expect(run.status == 64)
            #expect(run.errors.contains("printed no job number: welcome"), "\(run.errors)")
            #expect(isKept(sweep))
        }
    }
}
