import Foundation
import TestSupport
import Testing

extension RankTests {
    @Suite struct Failures {
        /// Every rank threw, and all of them the same.
        static func expectAgreement(_ run: MPIRun.Outcome, ranks: Int, _ cause: String) throws {
            #expect(run.lines.count == ranks)
            let errors = Set(run.lines.map { $0.drop { $0 != ":" } })
            #expect(errors.count == 1, "ranks disagree: \(run.output)")
            #expect(errors.first?.hasPrefix(": threw \(cause)") == true, "\(run.output)")
        }

        @Test(arguments: ["dynamic", "static"], [2, 3, 5])
        func abortRunsNoMoreJobs(schedule: String, ranks: Int) throws {
            let run = try MPIRun.scenario(
                "fail-one-slowly",
                ranks: ranks,
                "--schedule",
                schedule,
                "--count",
                "40"
            )
            try Self.expectAgreement(run, ranks: ranks, "jobs")
            #expect(run.lines[0].contains("failed=1"))
            #expect(run.lines[0].contains("first=0"))
            #expect(run.lines[0].contains("succeeded=0"))
        }

        @Test(arguments: [2, 3, 5])
        func finishLetsRunningJobsEnd(ranks: Int) throws {
            let run = try MPIRun.scenario(
                "fail-one-slowly",
                ranks: ranks,
                "--count",
                "40",
                "--on-failure",
                "finish"
            )
            try Self.expectAgreement(run, ranks: ranks, "jobs")
            #expect(run.lines[0].contains("failed=1"))
            #expect(run.lines[0].contains("cancelled=0 abandoned=0"))
        }

        @Test(arguments: ["dynamic", "static"], [1, 2, 3, 5])
        func continueGivesEveryJobItsChance(schedule: String, ranks: Int) throws {
            let run = try MPIRun.scenario(
                "fail-one",
                ranks: ranks,
                "--schedule",
                schedule,
                "--count",
                "60",
                "--on-failure",
                "continue"
            )
            try Self.expectAgreement(run, ranks: ranks, "jobs")
            #expect(
                run.lines[0].contains("succeeded=59 failed=1 cancelled=0 abandoned=0 not-run=0")
            )
            #expect(run.lines[0].contains("first=30"))
        }

        @Test func allJobsFail() throws {
            let run = try MPIRun.scenario(
                "fail-all",
                ranks: 3,
                "--count",
                "500",
                "--on-failure",
                "continue"
            )
            try Self.expectAgreement(run, ranks: 3, "jobs")
            #expect(run.lines[0].contains("succeeded=0 failed=500"))
        }

        @Test func aJobThatIgnoresCancellationIsAbandoned() throws {
            let run = try MPIRun.scenario(
                "abandon",
                ranks: 3,
                "--count",
                "2",
                "--grace",
                "1"
            )
            try Self.expectAgreement(run, ranks: 3, "jobs")
            #expect(run.lines[0].contains("failed=1"))
            #expect(run.lines[0].contains("abandoned=1") || run.lines[0].contains("not-run=1"))
        }

        @Test func aResultThatCannotBeEncodedIsItsJobsFailure() throws {
            let run = try MPIRun.scenario(
                "unencodable",
                ranks: 3,
                "--count",
                "10",
                "--on-failure",
                "continue"
            )
            try Self.expectAgreement(run, ranks: 3, "jobs")
            #expect(run.lines[0].contains("succeeded=9 failed=1"))
            #expect(run.lines[0].contains("first=3"))
        }

        @Test(arguments: ["dynamic", "static"], [1, 2, 3])
        func aGeneratorThatThrows(schedule: String, ranks: Int) throws {
            let run = try MPIRun.scenario(
                "generator-throws",
                ranks: ranks,
                "--schedule",
                schedule,
                "--count",
                "20000"
            )
            try Self.expectAgreement(run, ranks: ranks, "generator")
            #expect(run.lines[0].contains("the generator broke"))
        }

        @Test(arguments: ["collect", "save"], [1, 2, 3])
        func collectAndSaveThatThrow(step: String, ranks: Int) throws {
            let run = try MPIRun.scenario("\(step)-throws", ranks: ranks, "--count", "5")
            try Self.expectAgreement(run, ranks: ranks, step)
            #expect(run.lines[0].contains("\(step) broke"))
        }

        @Test func aFailedStageEndsThePipeline() throws {
            let run = try MPIRun.scenario("pipeline-fails", ranks: 3, "--count", "3")
            try Self.expectAgreement(run, ranks: 3, "jobs")
        }

        @Test(arguments: ["kill", "trap"], [2, 3, 5])
        func aRankThatDiesEndsAll(how: String, ranks: Int) throws {
            let run = try MPIRun.scenario(how, ranks: ranks, "--count", "200")
            #expect(run.status != 0)
            #expect(run.lines.isEmpty)
            #expect(try processes(named: "Scenarios").isEmpty)
        }

        @Test func aRankThatFallsSilentEndsAll() throws {
            let run = try MPIRun.scenario(
                "silent-rank",
                ranks: 3,
                "--count",
                "2",
                "--grace",
                "1"
            )
            #expect(run.status != 0)
            #expect(run.errors.contains("did not answer"))
            #expect(try processes(named: "Scenarios").isEmpty)
        }

        @Test(arguments: [("mpi-error", "made up on one rank"), ("local-error", "met on one rank")])
        func anErrorOnOneRankEndsAll(scenario: String, message: String) throws {
            let run = try MPIRun.scenario(scenario, ranks: 3)
            #expect(run.status == 70)
            #expect(run.errors.contains(message))
            #expect(try processes(named: "Scenarios").isEmpty)
        }

        @Test func anErrorOnEveryRankIsPrintedOnce() throws {
            let run = try MPIRun.scenario("main-error", ranks: 3)
            #expect(run.status == 65)
            #expect(run.errors.components(separatedBy: "an input error").count == 2)
        }
    }
}
