import Foundation
import TestSupport
import Testing

extension RankTests {
    @Suite struct Failures {
        private static let kinds = ["dynamic", "static"]

        // MARK: Scenarios, each by its name and options

        private static func slowly(_ schedule: String) -> String {
            "fail-one-slowly --schedule \(schedule) --count 40"
        }
        private static let finishing = "fail-one-slowly --count 40 --on-failure finish"
        private static func continuing(_ schedule: String) -> String {
            "fail-one --schedule \(schedule) --count 60 --on-failure continue"
        }
        private static func generator(_ schedule: String) -> String {
            "generator-throws --schedule \(schedule) --count 20000"
        }
        private static func breaking(_ step: String) -> String { "\(step)-throws --count 5" }
        private static let all = "fail-all --count 500 --on-failure continue"
        private static let unencodable = "unencodable --count 10 --on-failure continue"
        private static let pipeline = "pipeline-fails --count 3"

        private static let launches = ScenarioLaunches { ranks in
            var scenarios = kinds.map(continuing)
            if ranks > 1 { scenarios += kinds.map(slowly) + [finishing] }
            if ranks < 5 { scenarios += kinds.map(generator) + ["collect", "save"].map(breaking) }
            if ranks == 3 { scenarios += [all, unencodable, pipeline] }
            return scenarios
        }

        // MARK: What they are to say

        /// Every rank threw, and all of them the same.
        static func expectAgreement(_ lines: [String], ranks: Int, _ cause: String) throws {
            #expect(lines.count == ranks)
            let errors = Set(lines.map { $0.drop { $0 != ":" } })
            #expect(errors.count == 1, "ranks disagree: \(lines)")
            #expect(errors.first?.hasPrefix(": threw \(cause)") == true, "\(lines)")
        }

        /// What every rank threw in a scenario.
        private func thrown(_ scenario: String, ranks: Int, _ cause: String) throws -> String {
            let lines = try Self.launches.lines(scenario, ranks: ranks)
            try Self.expectAgreement(lines, ranks: ranks, cause)
            return try #require(lines.first)
        }

        @Test(arguments: kinds, [2, 3, 5])
        func abortRunsNoMoreJobs(schedule: String, ranks: Int) throws {
            let error = try thrown(Self.slowly(schedule), ranks: ranks, "jobs")
            #expect(error.contains("failed=1"))
            #expect(error.contains("first=0"))
            #expect(error.contains("succeeded=0"))
        }

        @Test(arguments: [2, 3, 5])
        func finishLetsRunningJobsEnd(ranks: Int) throws {
            let error = try thrown(Self.finishing, ranks: ranks, "jobs")
            #expect(error.contains("failed=1"))
            #expect(error.contains("cancelled=0 abandoned=0"))
        }

        @Test(arguments: kinds, [1, 2, 3, 5])
        func continueGivesEveryJobItsChance(schedule: String, ranks: Int) throws {
            let error = try thrown(Self.continuing(schedule), ranks: ranks, "jobs")
            #expect(error.contains("succeeded=59 failed=1 cancelled=0 abandoned=0 not-run=0"))
            #expect(error.contains("first=30"))
        }

        @Test func allJobsFail() throws {
            #expect(try thrown(Self.all, ranks: 3, "jobs").contains("succeeded=0 failed=500"))
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
            try Self.expectAgreement(run.lines, ranks: 3, "jobs")
            #expect(run.lines[0].contains("failed=1"))
            #expect(run.lines[0].contains("abandoned=1") || run.lines[0].contains("not-run=1"))
        }

        @Test func aResultThatCannotBeEncodedIsItsJobsFailure() throws {
            let error = try thrown(Self.unencodable, ranks: 3, "jobs")
            #expect(error.contains("succeeded=9 failed=1"))
            #expect(error.contains("first=3"))
        }

        @Test(arguments: kinds, [1, 2, 3])
        func aGeneratorThatThrows(schedule: String, ranks: Int) throws {
            let error = try thrown(Self.generator(schedule), ranks: ranks, "generator")
            #expect(error.contains("the generator broke"))
        }

        @Test(arguments: ["collect", "save"], [1, 2, 3])
        func collectAndSaveThatThrow(step: String, ranks: Int) throws {
            let error = try thrown(Self.breaking(step), ranks: ranks, step)
            #expect(error.contains("\(step) broke"))
        }

        @Test func aFailedStageEndsThePipeline() throws {
            _ = try thrown(Self.pipeline, ranks: 3, "jobs")
        }

        @Test(arguments: [("kill", 9), ("trap", 4)], [2, 3, 5])
        func aRankThatDiesEndsTheStageOnAllOthers(death: (how: String, signal: Int), ranks: Int)
            throws
        {
            let run = try MPIRun.scenario(death.how, ranks: ranks, "--count", "60")
            try Self.expectAgreement(run.lines, ranks: ranks - 1, "loss")
            #expect(run.lines[0].contains("was killed by signal \(death.signal)"))
            #expect(run.lines[0].contains("failed=0"))
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
