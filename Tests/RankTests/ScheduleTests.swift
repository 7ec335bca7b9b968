import Foundation
import TestSupport
import Testing

/// Everything in one suite, one after the other: the machine has fewer cores than a run has ranks.
@Suite(.serialized)
enum RankTests {}

extension RankTests {
    @Suite struct Schedules {
        static let schedules = ["dynamic", "dynamic,3", "static", "static,1", "static,7"]

        /// The part of an outcome that does not depend on who ran what.
        static func content(_ line: String) -> String {
            String(line.split(separator: ":")[1].prefix { $0 != "[" })
        }

        @Test(arguments: [1, 2, 3, 5])
        func everyScheduleEqualsTheSerialResult(ranks: Int) throws {
            let serial = try MPIRun.scenario("square", ranks: nil, "--serial", "--count", "250")
            #expect(serial.status == 0)
            let expected = Self.content(serial.lines[0])
            #expect(expected.contains("250 results, in order true"))
            for schedule in Self.schedules {
                let run = try MPIRun.scenario(
                    "square",
                    ranks: ranks,
                    "--schedule",
                    schedule,
                    "--count",
                    "250"
                )
                #expect(run.status == 0)
                #expect(run.lines.count == ranks)
                #expect(Self.content(run.lines[0]) == expected, "\(schedule), \(ranks) ranks")
                for line in run.lines.dropFirst() { #expect(line.hasSuffix("returned nothing")) }
            }
        }

        @Test func thirtyThreeRanks() throws {
            let run = try MPIRun.scenario("square", ranks: 33, "--count", "2000", limit: 120)
            #expect(run.status == 0)
            #expect(run.lines.count == 33)
            #expect(run.lines[0].contains("2000 results, in order true"))
        }

        @Test(arguments: ["dynamic", "static"], [0, 1, 2])
        func noneOrFewJobs(schedule: String, count: Int) throws {
            let run = try MPIRun.scenario(
                "square",
                ranks: 5,
                "--schedule",
                schedule,
                "--count",
                "\(count)"
            )
            #expect(run.status == 0)
            #expect(run.lines[0].contains("returned \(count) results, in order true"))
        }

        @Test(arguments: ["dynamic", "static", "static,1"])
        func aLimitedPoolHasTheFirstTaskIDs(schedule: String) throws {
            let run = try MPIRun.scenario(
                "square",
                ranks: 5,
                "--schedule",
                schedule,
                "--count",
                "400",
                "--workers",
                "2"
            )
            #expect(run.status == 0)
            #expect(run.lines[0].hasSuffix("tasks [0, 1]"))
        }

        @Test func moreWorkersThanThereAreIsAnErrorOnEveryRank() throws {
            let run = try MPIRun.scenario("square", ranks: 3, "--workers", "3")
            #expect(run.lines.count == 3)
            for line in run.lines { #expect(line.contains("threw usage")) }
        }

        @Test func oneRankRunsSeriallyAndSaysSo() throws {
            let run = try MPIRun.scenario("square", ranks: 1)
            #expect(run.status == 0)
            #expect(run.errors.contains("one rank, so the jobs run serially"))
            #expect(run.lines[0].hasSuffix("tasks [-1]"))
        }

        @Test(arguments: ["dynamic", "static"])
        func messagesAboveTheEagerLimit(schedule: String) throws {
            // 20 KB a job, in batches, facing reports.
            let run = try MPIRun.scenario(
                "square",
                ranks: 3,
                "--schedule",
                schedule,
                "--count",
                "600",
                "--bytes",
                "20000"
            )
            #expect(run.status == 0)
            #expect(run.lines[0].contains("600 results, in order true"))
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

        @Test(arguments: ["dynamic", "static"], [64, 1000])
        func gathersAndScattersInRounds(schedule: String, limit: Int) throws {
            let run = try MPIRun.scenario(
                "large",
                ranks: 3,
                "--schedule",
                schedule,
                "--count",
                "40",
                "--bytes",
                "3001",
                "--message-limit",
                "\(limit)"
            )
            #expect(run.status == 0)
            #expect(run.lines[0].contains("40 results, whole true"))
        }

        @Test func everyValueSurvives() throws {
            for schedule in ["dynamic", "static"] {
                let run = try MPIRun.scenario(
                    "values",
                    ranks: 3,
                    "--schedule",
                    schedule,
                    "--count",
                    "20"
                )
                #expect(run.lines[0].contains("20 results, intact true"))
            }
        }

        @Test func jobsMayHopToTheMainActor() throws {
            for ranks in [nil, 1, 3] {
                let run = try MPIRun.scenario("main-actor", ranks: ranks, "--count", "50")
                #expect(run.status == 0)
                #expect(run.lines[0].contains("50 results, in order true"))
            }
        }

        @Test func noJobWaitsBehindALongOne() throws {
            // One job of a second and 99 of 20 ms on two workers: 1.98 s of work on the other.
            let run = try MPIRun.scenario("tail", ranks: 3, "--count", "100")
            #expect(run.status == 0)
            #expect(run.lines[0].contains("100 results, in order true"))
        }

        @Test(arguments: [1, 2, 3])
        func twoStages(ranks: Int) throws {
            let run = try MPIRun.scenario("pipeline", ranks: ranks, "--count", "10")
            #expect(run.status == 0)
            // 285 = 0b100011101
            #expect(run.lines[0].contains("[1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]"))
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
