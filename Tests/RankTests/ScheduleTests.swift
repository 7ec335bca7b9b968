import Foundation
import TestSupport
import Testing

/// Everything in one suite, one after the other: the machine has fewer cores than a run has ranks.
@Suite(.serialized)
enum RankTests {}

extension RankTests {
    @Suite struct Schedules {
        static let schedules = ["dynamic", "dynamic,3", "static", "static,1", "static,7"]
        private static let kinds = ["dynamic", "static"]

        // MARK: Scenarios, each by its name and options

        private static func every(_ schedule: String) -> String {
            "square --schedule \(schedule) --count 250"
        }
        private static func few(_ schedule: String, _ count: Int) -> String {
            "square --schedule \(schedule) --count \(count)"
        }
        private static func limited(_ schedule: String) -> String {
            "square --schedule \(schedule) --count 400 --workers 2"
        }
        /// 20 KB a job, in batches, facing reports.
        private static func heavy(_ schedule: String) -> String {
            "square --schedule \(schedule) --count 600 --bytes 20000"
        }
        private static func large(_ schedule: String, _ limit: Int) -> String {
            "large --schedule \(schedule) --count 40 --bytes 3001 --message-limit \(limit)"
        }
        private static func values(_ schedule: String) -> String {
            "values --schedule \(schedule) --count 20"
        }
        private static let mainActor = "main-actor --count 50"
        private static let tail = "tail --count 100"
        private static let pipeline = "pipeline --count 10"

        private static let launches = ScenarioLaunches { ranks in
            let schedules = Self.schedules.map(every)
            switch ranks {
            case 1: return schedules + [mainActor, pipeline, "square"]
            case 2: return schedules + [pipeline]
            case 3:
                let ofEach = kinds.flatMap {
                    [heavy($0), values($0), large($0, 64), large($0, 1000)]
                }
                return schedules + ofEach + [mainActor, tail, pipeline, "square --workers 3"]
            default:
                return schedules + kinds.flatMap { kind in (0...2).map { few(kind, $0) } }
                    + (kinds + ["static,1"]).map(limited)
            }
        }

        // MARK: What they are to say

        /// The part of an outcome that does not depend on who ran what.
        static func content(_ line: String) -> String {
            String(line.split(separator: ":")[1].prefix { $0 != "[" })
        }

        /// What a run without ranks says.
        static let serial = Result {
            try MPIRun.scenario("square", ranks: nil, "--serial", "--count", "250")
        }

        @Test(arguments: [1, 2, 3, 5])
        func everyScheduleEqualsTheSerialResult(ranks: Int) throws {
            let serial = try Self.serial.get()
            #expect(serial.status == 0)
            let expected = Self.content(serial.lines[0])
            #expect(expected.contains("250 results, in order true"))
            for schedule in Self.schedules {
                let lines = try Self.launches.lines(Self.every(schedule), ranks: ranks)
                try #require(lines.count == ranks)
                #expect(Self.content(lines[0]) == expected, "\(schedule), \(ranks) ranks")
                for line in lines.dropFirst() { #expect(line.hasSuffix("returned nothing")) }
            }
        }

        @Test func thirtyThreeRanks() throws {
            let run = try MPIRun.scenario("square", ranks: 33, "--count", "2000", limit: 120)
            #expect(run.status == 0)
            #expect(run.lines.count == 33)
            #expect(run.lines[0].contains("2000 results, in order true"))
        }

        /// What rank 0 says of a scenario.
        private func root(_ scenario: String, ranks: Int) throws -> String {
            try #require(try Self.launches.lines(scenario, ranks: ranks).first)
        }

        @Test(arguments: kinds, [0, 1, 2])
        func noneOrFewJobs(schedule: String, count: Int) throws {
            let line = try root(Self.few(schedule, count), ranks: 5)
            #expect(line.contains("returned \(count) results, in order true"))
        }

        @Test(arguments: kinds + ["static,1"])
        func aLimitedPoolHasTheFirstTaskIDs(schedule: String) throws {
            #expect(try root(Self.limited(schedule), ranks: 5).hasSuffix("tasks [0, 1]"))
        }

        @Test func moreWorkersThanThereAreIsAnErrorOnEveryRank() throws {
            let lines = try Self.launches.lines("square --workers 3", ranks: 3)
            #expect(lines.count == 3)
            for line in lines { #expect(line.contains("threw usage")) }
        }

        @Test func oneRankRunsSeriallyAndSaysSo() throws {
            #expect(try root("square", ranks: 1).hasSuffix("tasks [-1]"))
            let errors = try Self.launches.launch(ranks: 1).run.errors
            #expect(errors.contains("one rank, so the jobs run serially"))
        }

        @Test(arguments: kinds)
        func messagesAboveTheEagerLimit(schedule: String) throws {
            let line = try root(Self.heavy(schedule), ranks: 3)
            #expect(line.contains("600 results, in order true"))
        }

        @Test func failureReportsAboveTheEagerLimit() throws {
            let run = try MPIRun.scenario(
                "fail-long",
                ranks: 3,
                "--count",
                "90",
                "--bytes",
                "8000",
                "--on-failure",
                "continue"
            )
            #expect(run.lines.count == 3)
            #expect(run.lines[0].contains("failed=90"))
        }

        @Test(arguments: kinds, [64, 1000])
        func gathersAndScattersInRounds(schedule: String, limit: Int) throws {
            let line = try root(Self.large(schedule, limit), ranks: 3)
            #expect(line.contains("40 results, whole true"))
        }

        @Test(arguments: kinds)
        func everyValueSurvives(schedule: String) throws {
            #expect(try root(Self.values(schedule), ranks: 3).contains("20 results, intact true"))
        }

        @Test(arguments: [nil, 1, 3])
        func jobsMayHopToTheMainActor(ranks: Int?) throws {
            let line: String
            if let ranks {
                line = try root(Self.mainActor, ranks: ranks)
            } else {
                let run = try MPIRun.scenario("main-actor", ranks: nil, "--count", "50")
                #expect(run.status == 0)
                line = try #require(run.lines.first)
            }
            #expect(line.contains("50 results, in order true"))
        }

        @Test func noJobWaitsBehindALongOne() throws {
            // One job of a second and 99 of 20 ms on two workers: 1.98 s of work on the other.
            #expect(try root(Self.tail, ranks: 3).contains("100 results, in order true"))
        }

        @Test(arguments: [1, 2, 3])
        func twoStages(ranks: Int) throws {
            let line = try root(Self.pipeline, ranks: ranks)
            // 285 = 0b100011101
            #expect(line.contains("[1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]"))
        }

        @Test(
            .enabled(
                if: memoryGiB() >= 16,
                "a result of 3 GiB needs a machine with 16 GiB of memory"
            )
        )
        func aResultOfThreeGiB() throws {
            let run = try MPIRun.scenario(
                "large",
                ranks: 2,
                "--count",
                "1",
                "--bytes",
                "\(3 << 30)",
                limit: 300
            )
            #expect(run.status == 0)
            #expect(run.lines[0].contains("1 results, whole true"))
        }
    }
}

/// The machine's memory.
func memoryGiB() -> Int {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let total = text.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
    let kilobytes = total.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    return kilobytes >> 20
}
