import Foundation
import TestSupport
import Testing

extension RankTests {
    /// Every runner, wherever it stands in a pipeline and however its stage ends, ends the same on
    /// every rank.
    @Suite struct Agreement {
        static let runners = [
            "serial", "parallel", "serialMap", "map", "sharing", "reducing", "observing", "saving",
        ]
        static let places = ["alone", "first", "middle", "last"]
        static let ways = [
            "none", "abort", "finish", "continue", "signal", "timeLimit", "generator", "collect",
            "save", "function", "adding",
        ]

        /// Whether a stage under a runner can end in a way. `function` is an error of what makes the
        /// shared data, combines sums, takes results or saves them.
        static func isPossible(_ runner: String, _ way: String, ranks: Int) -> Bool {
            switch (runner, way) {
            // Its values are there already, and its results nobody collects or saves.
            case ("serialMap", "generator"), ("serialMap", "collect"), ("serialMap", "save"),
                ("map", "generator"), ("map", "collect"), ("map", "save"):
                false
            // Sums take the place of both.
            case ("reducing", "collect"), ("reducing", "save"): false
            // They are given no functions.
            case ("serial", "function"), ("parallel", "function"), ("serialMap", "function"),
                ("map", "function"):
                false
            // One rank has one sum.
            case ("reducing", "function"): ranks > 1
            case (_, "adding"): runner == "reducing"
            default: true
            }
        }

        /// What a stage that ends in a way throws, and the exit status of its program.
        static func cause(_ runner: String, _ way: String) -> (String, status: Int) {
            switch way {
            case "abort", "finish", "continue", "adding": ("jobs", 1)
            case "generator", "collect", "save": (way, 70)
            case "function":
                (["sharing": "generator", "saving": "save"][runner] ?? "collect", 70)
            default: ("interrupted", 75)
            }
        }

        /// What each rank said of each end, by end.
        static func ends(_ run: MPIRun.Outcome) -> [String: [Substring]] {
            Dictionary(
                grouping: run.lines.map { $0.split(separator: ": ", maxSplits: 2) }
                    .filter { $0.count == 3 }
            ) { String($0[1]) }.mapValues { $0.map { $0[2] } }
        }

        static func expectAgreement(
            _ run: MPIRun.Outcome,
            ranks: Int,
            ends expected: [String]
        ) throws {
            #expect(!run.timedOut, "hangs after: \(run.output.suffix(500))")
            #expect(run.status == 0, "\(run.errors)")
            let ends = ends(run)
            #expect(ends.keys.sorted() == expected.sorted(), "\(run.errors)")
            for (end, told) in ends {
                #expect(told.count == ranks, "\(end)")
                let words = end.split(separator: " ").map { String($0) }
                let (runner, way) = (words[0], words[2])
                if way == "none" {
                    // Rank 0 alone has the results.
                    #expect(told.count { $0 == "returned [0, 1, 2, 3, 4, 5]" } == 1, "\(told)")
                    #expect(told.count { $0 == "returned nothing" } == ranks - 1, "\(told)")
                } else {
                    let (cause, status) = cause(runner, way)
                    #expect(Set(told).count == 1, "\(end): ranks disagree: \(told)")
                    #expect(told[0].hasPrefix("threw \(cause) in tested,"), "\(end): \(told)")
                    #expect(told[0].contains("status=\(status),"), "\(end): \(told)")
                }
            }
        }

        @Test(
            arguments: [
                (1, "none"), (2, "none"), (3, "none"), (5, "none"), (1, "process"), (3, "process"),
            ]
        )
        func everyEndIsTheSameOnEveryRank(ranks: Int, isolation: String) throws {
            let ends = Self.runners.flatMap { runner in
                Self.places.flatMap { place in
                    Self.ways.filter { Self.isPossible(runner, $0, ranks: ranks) }
                        .map { "\(runner) \(place) \($0)" }
                }
            }
            let run = try MPIRun.run(
                "Scenarios",
                ["ends", "--isolation", isolation],
                ranks: ranks,
                limit: 180
            )
            try Self.expectAgreement(run, ranks: ranks, ends: ends)
        }

        @Test(arguments: runners, ["abort", "signal"])
        func aProgramExitsAsItsStageEnded(runner: String, way: String) throws {
            let run = try MPIRun.run(
                "Scenarios",
                ["ends", "--runner", runner, "--place", "middle", "--way", way, "--passing"],
                ranks: 3
            )
            #expect(!run.timedOut)
            #expect(run.status == Int32(Self.cause(runner, way).status), "\(run.errors)")
            #expect(run.errors.components(separatedBy: "Error:").count == 2, "\(run.errors)")
        }
    }

    /// Nobody waits for what heeds nothing: a job that keeps its thread, a generator without an end.
    @Suite struct Deafness {
        /// Where a rank is bound to one core, as mpirun and srun do, it has one thread for tasks.
        private static let bound = [
            "OMPI_MCA_hwloc_base_binding_policy": "core:overload-allowed",
            "PRTE_MCA_hwloc_default_binding_policy": "core:overload-allowed",
        ]

        private func end(_ ranks: Int, _ runner: String, _ way: String, _ arguments: String...)
            throws
            -> (told: Substring, output: String)
        {
            let run = try MPIRun.run(
                "Scenarios",
                ["ends", "--place", "alone", "--runner", runner, "--way", way] + arguments,
                ranks: ranks,
                environment: Self.bound
            )
            try Agreement.expectAgreement(run, ranks: ranks, ends: ["\(runner) alone \(way)"])
            return (try #require(Agreement.ends(run).values.first?.first), run.output)
        }

        @Test(arguments: [
            (1, "deafToSignal", "parallel"), (1, "deafToTimeLimit", "serial"),
            (2, "deafToTimeLimit", "parallel"), (3, "deafToSignal", "parallel"),
            (3, "deafToTimeLimit", "serial"),
        ])
        func aDeafJobIsAbandonedOnEveryRank(how: (Int, String, String)) throws {
            let (ranks, way, runner) = how
            let (told, output) = try end(ranks, runner, way)
            #expect(told.contains("abandoned=1,"), "\(told)")
            // What had succeeded is saved.
            #expect(output.contains("saved [0"), "\(output)")
        }

        @Test(arguments: ["endlessToSignal", "endlessToTimeLimit"], ["static", "static,3"])
        func whatIsDealtAtOnceIsNotDealtWhereTheStageIsStopped(
            way: String,
            schedule: String
        ) throws {
            let (told, _) = try end(3, "parallel", way, "--schedule", schedule)
            #expect(told.contains("succeeded=0,"), "\(told)")
            #expect(!told.contains("not-run=0."), "\(told)")
        }

        @Test(arguments: [(1, "serial"), (3, "serial"), (3, "parallel")])
        func anEndlessGeneratorEndsWithItsStage(how: (Int, String)) throws {
            let (told, _) = try end(how.0, how.1, "endlessToTimeLimit")
            #expect(!told.contains("succeeded=0,"), "\(told)")
        }
    }

    /// A pipeline that cannot be made on one rank: it has no runners yet.
    @Suite struct Preparation {
        @Test(
            arguments: [
                (0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3), (0, 5), (3, 5), (4, 5),
            ],
            [[], ["--run-dir", "kept"], ["--isolation", "process"]]
        )
        func onePipelineThatCannotBeMadeEndsAllRanks(how: (Int, Int), directory: [String]) throws {
            let (rank, ranks) = how
            let scratch = try Scratch()
            try scratch.write("round: {turn: {grid: [0]}}\n", to: "rounds.yaml")
            let run = try MPIRun.run(
                "Scenarios",
                ["rounds", "--config", "rounds.yaml", "--failing-rank", "\(rank)"] + directory,
                ranks: ranks,
                in: scratch.url
            )
            #expect(!run.timedOut)
            #expect(run.status == 65, "\(run.errors)")
            #expect(run.output.isEmpty, "a job ran: \(run.output)")
            let lines = run.errors.split(whereSeparator: \.isNewline)
            #expect(lines.count == 1, "\(run.errors)")
            // One rank is all of them.
            #expect(lines.first?.contains("rank \(rank) on ") == (ranks > 1), "\(run.errors)")
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
