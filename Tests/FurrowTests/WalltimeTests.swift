import Foundation
import Testing

@testable import Furrow

@Suite struct WalltimeTests {
    @Test(arguments: [
        ("00:30:00", 1800), ("02:00:00", 7200), ("1-12", 129_600), ("1-00:30", 88_200),
        ("2-01:02:03", 176_523), ("90", 90), ("90m", 5400), ("100:00:00", 360_000),
    ])
    func aLengthIsReadAsSLURMWritesIt(text: String, seconds: Int) {
        #expect(TimeSpan(argument: text)?.duration == .seconds(seconds))
    }

    @Test(arguments: [
        "", ":", "30:00", "1:30", "1:", ":30", "1:2:3:4", "1-", "-1", "1-2-3", "1-1:2:3:4",
        "UNLIMITED", "INVALID",
        "NOT_SET", "1:-2", "a:b", "+1:20", "1e5:00",
    ])
    func whatIsNoLengthIsRefused(text: String) {
        // A sign is no digit: `UInt32` alone would take it.
        #expect(TimeSpan(argument: text) == nil, "\(text)")
    }

    @Test func whatIsLeftIsReadAsSqueueWritesIt() {
        #expect(TimeSpan(slurm: "9:55")?.duration == .seconds(595))
        #expect(TimeSpan(slurm: "0:05")?.duration == .seconds(5))
        #expect(TimeSpan(slurm: "1:00:00")?.duration == .seconds(3600))
        #expect(TimeSpan(slurm: "2-01:02:03")?.duration == .seconds(176_523))
        for text in ["UNLIMITED", "INVALID", "N/A", ""] { #expect(TimeSpan(slurm: text) == nil) }
    }

    private var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Berlin") ?? .gmt
        return calendar
    }

    /// 2026-11-25, 19:40:00 in Berlin.
    private let now = Date(timeIntervalSince1970: 1_795_632_000)

    @Test(arguments: [
        ("19:41", 60.0), ("19:39", 86_340), ("19:40:30", 30), ("2026-11-26T19:40", 86_400),
        ("2026-11-25T19:40:01", 1), ("1795632100", 100), ("2026-11-25T18:40", -3600),
    ])
    func aMomentIsRead(text: String, seconds: Double) {
        let moment = TimeOfDay(text, now: now, calendar: calendar)
        #expect(moment?.date.timeIntervalSince(now) == seconds)
    }

    @Test(arguments: [
        "", "24:00", "12:60", "12", "noon", "2026-02-30T12:00", "2026-11-25", "T12:00", "12:00T",
        "2026-11-25T12:00T", "1:2:3:4", "-1:00", "100",
    ])
    func whatIsNoMomentIsRefused(text: String) {
        #expect(TimeOfDay(text, now: now, calendar: calendar) == nil)
    }

    private func left(
        _ length: String? = nil,
        _ moment: String? = nil,
        _ environment: [String: String] = [:]
    ) async -> Double? {
        await Walltime.deadline(
            length: length.flatMap { TimeSpan(argument: $0) },
            timeOfDay: moment.flatMap { TimeOfDay(argument: $0) },
            environment: environment
        ).map { ($0 - .now).seconds.rounded() }
    }

    @Test func theFirstLimitCounts() async {
        let soon = "\(Int(Date().timeIntervalSince1970) + 500)"
        #expect(await left() == nil)
        #expect(await left("100") == 100)
        #expect(await left("1000", soon).map { 498...500 ~= $0 } == true)
        #expect(await left(nil, nil, ["SLURM_JOB_END_TIME": soon]).map { 498...500 ~= $0 } == true)
        #expect(await left("100", nil, ["SLURM_JOB_END_TIME": soon]) == 100)
        #expect(
            await left("1000", nil, ["SLURM_JOB_END_TIME": soon]).map { 498...500 ~= $0 } == true
        )
        // No such job, or no SLURM.
        #expect(await left(nil, nil, ["SLURM_JOB_ID": "999999999"]) == nil)
    }

    @Test func mostJobsFitIntoWhatIsExpected() {
        var times = JobTimes()
        #expect(times.expected == nil)
        times.record(jobs: 0, seconds: 5)
        #expect(times.expected == nil)
        times.record(jobs: 1, seconds: 10)
        #expect((10...12).contains(times.expected ?? 0))
        // One long job in a hundred does not count, one in ten does.
        for _ in 0..<99 { times.record(jobs: 10, seconds: 1) }
        #expect((0.1...0.12).contains(times.expected ?? 0))
        for _ in 0..<110 { times.record(jobs: 1, seconds: 300) }
        #expect((300...360).contains(times.expected ?? 0))
        times.record(jobs: 1_000_000, seconds: 0)
        #expect((times.expected ?? 1) <= 0.0012)
        for seconds in [1e9, .infinity] {
            var long = JobTimes()
            long.record(jobs: 1, seconds: seconds)
            #expect((long.expected ?? 0) > 1e6)
        }
    }
}
