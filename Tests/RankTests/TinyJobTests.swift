import Foundation
import TestSupport
import Testing

extension RankTests {
    /// Where the jobs of a program run that does not say: in a process beside their rank, and once
    /// they are found to be tiny in the rank.
    @Suite struct TinyJobs {
        private let scratch: Scratch

        init() throws { scratch = try Scratch() }

        private func run(
            _ arguments: [String] = [],
            jobs: Int = 3000,
            way: String = "none",
            at place: Int = 0,
            milliseconds: Int = 0,
            ranks: Int?
        ) throws -> MPIRun.Outcome {
            try scratch.write(
                "tiny: {number: {grid: \(Array(0..<jobs))}, way: \(way), at: \(place), "
                    + "milliseconds: \(milliseconds)}\n",
                to: "tiny.yaml"
            )
            let run = try MPIRun.run(
                "Scenarios",
                ["tiny", "--config", "tiny.yaml", "--progress", "none"] + arguments,
                ranks: ranks,
                in: scratch.url,
                environment: ["SWIFT_BACKTRACE": "enable=no"]
            )
            #expect(!run.timedOut, "hangs: \(run.errors)")
            return run
        }

        /// The processes that each worker's jobs had, and how many ran in the first.
        private func places(_ run: MPIRun.Outcome) -> [(processes: Int, inFirst: Int)] {
            run.output.matches(of: /jobs, ([0-9]+) processes, ([0-9]+) in the first/)
                .map { (Int($0.1) ?? -1, Int($0.2) ?? -1) }
        }

        @Test(arguments: [nil, 1, 3] as [Int?])
        func theyGoOnInTheirRank(ranks: Int?) throws {
            let haveMoved = try isSeen {
                let run = try run(ranks: ranks)
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.output.contains("sum 4498500 of 3000"), "\(run.output)")
                let places = places(run)
                #expect(places.count == (ranks == 3 ? 2 : 1), "\(run.output)")
                let moved = places.filter { $0.processes > 1 }
                for place in moved {
                    #expect(place.processes == 2 && place.inFirst >= 100, "\(run.output)")
                }
                return !moved.isEmpty
            }
            #expect(haveMoved)
        }

        /// Whether something happens in one of a few launches: on a busy machine the first hundred jobs
        /// may take too long to be tiny.
        private func isSeen(_ launch: () throws -> Bool) rethrows -> Bool {
            for _ in 0..<20 where try launch() { return true }
            return false
        }

        @Test(arguments: [
            ["--isolation", "process"], ["--isolation", "none"], ["--kind", "prepared"],
            ["--kind", "sharing"], ["--run-dir", "kept"],
        ])
        func othersStayWhereTheyAre(arguments: [String]) throws {
            let run = try run(arguments, ranks: 3)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("sum 4498500 of 3000"), "\(run.output)")
            #expect(places(run).map(\.processes) == [1, 1], "\(run.output)")
        }

        /// Stages in which rank 0 recalls jobs while they move.
        @Test func jobsAreRecalledOnTheirWay() throws {
            let run = try MPIRun.run(
                "Scenarios",
                ["script", "rounds --count 300 --isolation auto"],
                ranks: 3
            )
            #expect(!run.timedOut && run.status == 0, "\(run.errors)")
            let sums = (0..<300).map { round in
                (0..<(190 + 7 * round % 230)).reduce(0) { $0 + $1 * $1 }
            }
            #expect(run.output.contains("returned \(sums.reduce(0, +))\n"), "\(run.output)")
        }

        /// A worker that is suspected while its jobs move does not go on with them.
        @Test func aWorkerThatOnlyFailsIsTakenOutAllTheSame() throws {
            for place in [150, 250, 284, 330, 382, 450] {
                let run = try run(["--on-failure", "continue"], way: "worker", at: place, ranks: 4)
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.output.contains("sum 4498500 of 3000"), "\(run.output)")
            }
        }

        @Test func longerJobsStayInTheProcess() throws {
            let run = try run(jobs: 600, milliseconds: 1, ranks: 3)
            #expect(run.status == 0, "\(run.errors)")
            #expect(places(run).map(\.processes) == [1, 1], "\(run.output)")
        }

        /// A run without ranks records its jobs here and there in one journal.
        @Test func aSerialRunsJournalHasAll() throws {
            let first = try run(["--run-dir", "kept"], way: "fail", at: 2500, ranks: nil)
            #expect(first.status == 1, "\(first.errors)")
            let second = try run(
                ["--run-dir", "kept", "--resume"],
                way: "fail",
                at: 2500,
                ranks: nil
            )
            #expect(second.errors.contains("2500 done before"), "\(second.errors)")
            var starts = 0
            let haveMoved = try isSeen {
                starts += 1
                let all = try run(["--run-dir", "all\(starts)"], ranks: nil)
                return places(all).map(\.processes) == [2]
            }
            #expect(haveMoved)
            let again = try run(["--run-dir", "all\(starts)", "--resume"], ranks: 3)
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.output.contains("sum 4498500 of 3000"), "\(again.output)")
        }

        /// Before, while and after the jobs move.
        @Test(arguments: [0, 60, 100, 130, 250, 1500, 2999])
        func whatFailsFailsAlone(place: Int) throws {
            let go = ["--on-failure", "continue"]
            for ranks in [nil, 3] as [Int?] {
                let run = try run(go, way: "fail", at: place, ranks: ranks)
                #expect(run.status == 1, "\(run.errors)")
                #expect(run.errors.contains("1 failed, 2999 succeeded"), "\(run.errors)")
                #expect(run.output.contains("sum \(4_498_500 - place) of 2999"), "\(run.output)")
            }
        }

        @Test(arguments: [nil, 3] as [Int?])
        func aCrashInTheProcessFailsAlone(ranks: Int?) throws {
            let run = try run(["--on-failure", "continue"], way: "abort", at: 60, ranks: ranks)
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("1 failed, 2999 succeeded"), "\(run.errors)")
            #expect(run.errors.contains("was killed by signal 6"), "\(run.errors)")
        }

        @Test func aCrashInTheRankIsSaidToBeAvoidable() throws {
            let isSaid = try isSeen {
                let run = try run(way: "abort", at: 2900, ranks: 3)
                #expect(run.status == 1, "\(run.errors)")
                return run.errors.contains("with --isolation process")
            }
            #expect(isSaid)
        }
    }
}
