import ArgumentParser
import Foundation

/// When a run must be over: the earliest of its options and SLURM's limit.
enum Walltime {
    /// The time at which the run must be over. Call it on rank 0: SLURM may take a while to answer.
    ///
    /// - Parameters:
    ///   - length: the time from now.
    ///   - timeOfDay: the time of day.
    ///   - environment: this process's environment.
    /// - Returns: `nil` if there is no limit.
    static func deadline(
        length: TimeSpan?,
        timeOfDay: TimeOfDay?,
        environment: [String: String]
    ) async -> ContinuousClock.Instant? {
        [
            length.map { .now + $0.duration }, timeOfDay.map { instant(of: $0.date) },
            await slurm(environment),
        ].compactMap { $0 }.min()
    }

    private static func slurm(_ environment: [String: String]) async -> ContinuousClock.Instant? {
        if let end = environment["SLURM_JOB_END_TIME"].flatMap({ Double($0) }) {
            return instant(of: Date(timeIntervalSince1970: end))
        }
        // Before SLURM 23 only the controller knows the end.
        guard let number = environment["SLURM_JOB_ID"] else { return nil }
        // In a task of an array this is the number of the whole array.
        let task = environment["SLURM_ARRAY_TASK_ID"]
        let array = environment["SLURM_ARRAY_JOB_ID"]
        let job = array.flatMap { array in task.map { "\(array)_\($0)" } } ?? number
        let answer = try? await ExternalProgram.output(
            of: ["squeue", "-h", "-j", job, "-o", "%L"],
            limit: .seconds(10)
        )
        guard let left = answer?.trimmingCharacters(in: .whitespacesAndNewlines),
            let limit = TimeSpan(slurm: left)
        else { return nil }
        return .now + limit.duration
    }

    private static func instant(of date: Date) -> ContinuousClock.Instant {
        .now + .seconds(date.timeIntervalSinceNow)
    }
}

/// A time on the command line, by this machine's clock.
package struct TimeOfDay: Sendable, Hashable, ExpressibleByArgument {
    let date: Date

    /// Reads `18:30` (the next one), `2026-11-25T18:30`, both also with seconds, or seconds since
    /// 1970; `nil` for anything else.
    package init?(argument: String) {
        self.init(argument, now: Date(), calendar: .current)
    }

    init?(_ text: String, now: Date, calendar: Calendar) {
        if let seconds = Double(text), (1e9..<1e11).contains(seconds) {
            date = Date(timeIntervalSince1970: seconds)
            return
        }
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        let time = parts[parts.count - 1].split(separator: ":").map { Int($0) }
        var wanted = DateComponents()
        guard 2...3 ~= time.count, let hour = time[0], 0..<24 ~= hour, let minute = time[1],
            0..<60 ~= minute, let second = time.count == 3 ? time[2] : 0, 0..<60 ~= second
        else { return nil }
        (wanted.hour, wanted.minute, wanted.second) = (hour, minute, second)
        if parts.count == 1 {
            let next = calendar.nextDate(after: now, matching: wanted, matchingPolicy: .nextTime)
            guard let next else { return nil }
            date = next
            return
        }
        let day = parts[0].split(separator: "-").map { Int($0) }
        guard parts.count == 2, day.count == 3, let year = day[0], let month = day[1],
            let dayOfMonth = day[2]
        else { return nil }
        (wanted.year, wanted.month, wanted.day) = (year, month, dayOfMonth)
        guard wanted.isValidDate(in: calendar), let date = calendar.date(from: wanted) else {
            return nil
        }
        self.date = date
    }
}
