import Foundation
import TestSupport
import Testing

extension RankTests {
    /// What is on the disk when its power fails is enough to go on with.
    @Suite(.enabled(if: LoopDisk.obstacle == nil, "\(LoopDisk.obstacle ?? "")"))
    struct PowerFailure {
        /// How often each job began, by its own word.
        private func begun(_ sweep: SweepScratch) throws -> [Int: Int] {
            let numbers = try sweep.scratch.text("begun").split(separator: "\n").compactMap {
                Int($0)
            }
            return Dictionary(numbers.map { ($0, 1) }, uniquingKeysWith: +)
        }

        /// The jobs that the journal says have succeeded.
        private func done(_ sweep: SweepScratch) throws -> Set<Int> {
            Set(
                try sweep.journal("disk/runs/pw/latest").filter { $0.state == "succeeded" }
                    .map(\.job)
            )
        }

        struct Case: Sendable {
            var fileSystem: LoopDisk.FileSystem
            /// How long after the first job's begin the power fails.
            var seconds: Double
            var ranks: Int?
        }

        private static let cases = [
            Case(fileSystem: .ext4, seconds: 0, ranks: 3), Case(fileSystem: .ext4, seconds: 0),
            Case(fileSystem: .ext4, seconds: 1.5, ranks: 3), Case(fileSystem: .ext4, seconds: 1.5),
            Case(fileSystem: .ext4, seconds: 7, ranks: 3), Case(fileSystem: .ext4, seconds: 7),
            Case(fileSystem: .xfs, seconds: 0), Case(fileSystem: .xfs, seconds: 1.5),
            Case(fileSystem: .xfs, seconds: 7, ranks: 3),
        ].filter { LoopDisk.fileSystems.contains($0.fileSystem) }

        @Test(.timeLimit(.minutes(5)), arguments: cases)
        func aRunGoesOn(_ given: Case) throws {
            let (seconds, ranks) = (given.seconds, given.ranks)
            let sweep = try SweepScratch()
            let disk = try LoopDisk(given.fileSystem, in: sweep.scratch)
            let runs = ["--runs-dir", "disk/runs", "--progress", "none"]
            // Some seconds more than it takes until the power fails.
            let jobs = Int(10 * (seconds + 3)) * (ranks.map { $0 - 1 } ?? 1)
            let names = try sweep.scratch.write((1...jobs).map { "\($0)\n" }.joined(), to: "names")
            let yaml = """
                name: pw
                command: "echo {n} >> \\"$BEGUN\\"; sleep 0.1"
                parameters: {n: {file: '\(names)'}}
                """
            let environment = ["BEGUN": sweep.url.path + "/begun"]
            var recorded: Set<Int> = []
            let run = try sweep.run(yaml, ranks: ranks, runs, environment: environment) { _ in
                try wait { (try? begun(sweep).isEmpty) == false }
                usleep(UInt32(max(0, seconds - 5) * 1e6))
                if seconds > 5 { recorded = try done(sweep) }
                usleep(UInt32(min(seconds, 5) * 1e6))
                try disk.fail()
            }
            #expect(run.status == 70, "\(run.errors)")
            try disk.unmount()
            try disk.mount()
            // What is older than the second within which it is synced.
            let kept = try done(sweep)
            #expect(kept.isSuperset(of: recorded), "\(recorded.subtracting(kept)) were lost")
            if seconds > 5 { #expect(!recorded.isEmpty) }
            let before = try begun(sweep)
            #expect(try sweep.furrow(["status", "--runs-dir", "disk/runs"]).status == 0)
            let rest = try sweep.furrow(
                ["run", "--resume"] + runs,
                ranks: 3,
                environment: environment
            )
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(!rest.errors.contains("run.json"), "\(rest.errors)")
            let after = try begun(sweep)
            for job in kept { #expect(after[job] == before[job], "job \(job) ran again") }
            let rows = try sweep.results("--runs-dir", "disk/runs")
            #expect(rows.count == jobs && rows.allSatisfy { $0["state"] == "succeeded" })
            try disk.unmount()
        }
    }
}
