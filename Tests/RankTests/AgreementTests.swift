import Foundation
import TestSupport
import Testing

extension RankTests {
    /// Every runner, wherever it stands in a pipeline and however its stage ends, ends the same on
    /// every rank.
    @Suite struct Agreement {
        static let causes = [
            "none": "returned", "abort": "threw jobs", "finish": "threw jobs",
            "continue": "threw jobs", "timeLimit": "threw interrupted",
            "generator": "threw generator", "collect": "threw collect", "save": "threw save",
            "signal": "threw interrupted", "deafToSignal": "threw interrupted",
            "deafToTimeLimit": "threw interrupted", "endlessToSignal": "threw interrupted",
            "endlessToTimeLimit": "threw interrupted",
        ]

        /// What each rank said of each end, by end.
        static func ends(_ run: MPIRun.Outcome) -> [String: [Substring]] {
            Dictionary(
                grouping: run.lines.map { $0.split(separator: ": ", maxSplits: 2) }
                    .filter { $0.count == 3 }
            ) { String($0[1]) }.mapValues { $0.map { $0[2] } }
        }

        static func expectAgreement(_ run: MPIRun.Outcome, ranks: Int, ends count: Int) throws {
            #expect(!run.timedOut, "hangs after: \(run.output.suffix(500))")
            let ends = ends(run)
            #expect(ends.count == count, "\(run.errors)")
            for (end, told) in ends {
                #expect(told.count == ranks, "\(end)")
                let way = try #require(end.split(separator: " ").last)
                let cause = try #require(causes[String(way)])
                #expect(told.allSatisfy { $0.hasPrefix(cause) }, "\(end): \(told)")
                if way == "none" {
                    // Rank 0 alone has the results.
                    #expect(told.count { $0 == "returned [0, 1, 2, 3, 4, 5]" } == 1, "\(told)")
                    #expect(told.count { $0 == "returned nothing" } == ranks - 1, "\(told)")
                } else {
                    #expect(Set(told).count == 1, "\(end): ranks disagree: \(told)")
                    #expect(told[0].contains(" in tested,"), "\(end): \(told)")
                }
            }
        }

        @Test(arguments: [1, 2, 3, 5])
        func everyEndIsTheSameOnEveryRank(ranks: Int) throws {
            let run = try MPIRun.run("Scenarios", ["ends"], ranks: ranks, limit: 180)
            try Self.expectAgreement(run, ranks: ranks, ends: 2 * 4 * 8)
            #expect(run.status == 0)
        }

        @Test(arguments: ["serial", "parallel"], ["alone", "first", "middle", "last"])
        func aSignalEndsAStageOnEveryRank(runner: String, place: String) throws {
            for ranks in [1, 3] {
                let run = try MPIRun.run(
                    "Scenarios",
                    ["ends", "--runner", runner, "--place", place, "--way", "signal"],
                    ranks: ranks
                )
                try Self.expectAgreement(run, ranks: ranks, ends: 1)
            }
        }
    }

    /// Nobody waits for what heeds nothing: a job that keeps its thread, a generator without an end.
    @Suite struct Deafness {
        /// Where a rank is bound to one core, as mpirun and srun do, it has one thread for tasks.
        private static let bound = [
            "OMPI_MCA_hwloc_base_binding_policy": "core:overload-allowed",
            "PRTE_MCA_hwloc_default_binding_policy": "core:overload-allowed",
        ]

        private func end(_ ranks: Int, _ way: String, _ arguments: String...) throws
            -> (told: Substring, output: String)
        {
            let run = try MPIRun.run(
                "Scenarios",
                ["ends", "--place", "alone", "--way", way] + arguments,
                ranks: ranks,
                environment: Self.bound
            )
            try Agreement.expectAgreement(run, ranks: ranks, ends: 1)
            #expect(run.status == 0, "\(run.errors)")
            return (try #require(Agreement.ends(run).values.first?.first), run.output)
        }

        @Test(arguments: [
            (1, "deafToSignal", "parallel"), (1, "deafToTimeLimit", "serial"),
            (2, "deafToTimeLimit", "parallel"), (3, "deafToSignal", "parallel"),
            (3, "deafToTimeLimit", "serial"),
        ])
        func aDeafJobIsAbandonedOnEveryRank(how: (Int, String, String)) throws {
            let (ranks, way, runner) = how
            let (told, output) = try end(ranks, way, "--runner", runner)
            #expect(told.contains("abandoned=1,"), "\(told)")
            // What had succeeded is saved.
            #expect(output.contains("saved [0"), "\(output)")
        }

        @Test(arguments: ["endlessToSignal", "endlessToTimeLimit"], ["static", "static,3"])
        func whatIsDealtAtOnceIsNotDealtWhereTheStageIsStopped(
            way: String,
            schedule: String
        ) throws {
            let (told, _) = try end(3, way, "--runner", "parallel", "--schedule", schedule)
            #expect(told.contains("succeeded=0,"), "\(told)")
            #expect(!told.contains("not-run=0."), "\(told)")
        }

        @Test(arguments: [(1, "serial"), (3, "serial"), (3, "parallel")])
        func anEndlessGeneratorEndsWithItsStage(how: (Int, String)) throws {
            let (told, _) = try end(how.0, "endlessToTimeLimit", "--runner", how.1)
            #expect(!told.contains("succeeded=0,"), "\(told)")
        }
    }

    /// A pipeline that cannot be made on one rank.
    @Suite struct Preparation {
        @Test(arguments: [0, 1, 2], [[], ["--run-dir", "kept"]])
        func onePipelineThatCannotBeMadeEndsAllRanks(rank: Int, directory: [String]) throws {
            let scratch = try Scratch()
            try scratch.write("round: {turn: {grid: [0]}}\n", to: "rounds.yaml")
            let run = try MPIRun.run(
                "Scenarios",
                ["rounds", "--config", "rounds.yaml", "--failing-rank", "\(rank)"] + directory,
                ranks: 3,
                in: scratch.url
            )
            #expect(!run.timedOut)
            #expect(run.status == 65, "\(run.errors)")
            #expect(run.output.isEmpty, "a job ran: \(run.output)")
            let lines = run.errors.split(whereSeparator: \.isNewline)
            #expect(lines.count == 1, "\(run.errors)")
            #expect(lines.first?.contains("rank \(rank) on ") == true, "\(run.errors)")
            #expect(lines.first?.hasSuffix(": no model on this node") == true, "\(run.errors)")
        }
    }

    /// Two stages of one name have jobs of their own.
    @Suite struct StageNames {
        private let scratch: Scratch

        init() throws {
            scratch = try Scratch()
            try scratch.write("round: {turn: {grid: [0, 1, 2]}}\n", to: "rounds.yaml")
        }

        private func run(_ arguments: [String], ranks: Int) throws -> (
            ran: [String], saved: [String]
        ) {
            let run = try MPIRun.run(
                "Scenarios",
                ["rounds", "--config", "rounds.yaml", "--run-dir", "kept"] + arguments,
                ranks: ranks,
                in: scratch.url
            )
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.output.split(whereSeparator: \.isNewline).map { String($0) }
            return (
                lines.filter { $0.hasPrefix("ran ") }.sorted(),
                lines.filter { $0.hasPrefix("saved ") }
            )
        }

        private static func jobs(_ type: String) -> [String] {
            (0..<3).map { "ran Scenarios.\(type).Round \($0)" }
        }

        @Test(arguments: [[], ["--serial"]], [1, 3])
        func stagesOfOneNameRunTheirOwnJobs(runner: [String], ranks: Int) throws {
            let all = Self.jobs("Inner") + Self.jobs("Inner") + Self.jobs("Outer")
            let first = try run(runner + ["--short"], ranks: ranks)
            #expect(first.ran == (Self.jobs("Inner") + Self.jobs("Inner")).sorted())
            #expect(Set(first.saved).count == 2, "a stage took another's results")
            let second = try run(runner + ["--resume"], ranks: ranks)
            #expect(
                second.ran == Self.jobs("Outer"),
                "what was done ran again, or what was not did not"
            )
            #expect(second.saved.prefix(2) == first.saved.prefix(2))
            #expect(Set(second.saved).count == 3)
            let third = try run(runner + ["--resume"], ranks: ranks)
            #expect(third.ran.isEmpty)
            #expect(third.saved == second.saved)
            #expect(second.ran.count + first.ran.count == all.count)
        }
    }
}
