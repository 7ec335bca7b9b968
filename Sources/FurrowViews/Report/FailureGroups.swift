import FurrowRuns
import FurrowSystem

/// The failed jobs of a stage, those with the same message and status together.
struct FailureGroups {
    /// The most groups, and the most jobs of a group, on the page.
    private static let mostGroups = 50
    private static let mostJobs = 20

    private struct Group {
        var message: String
        var exit: String
        var signal: String
        var count = 0
        var seconds = 0.0
        var jobs: [String] = []
    }

    private var groups: [Group] = []
    private var places: [String: Int] = [:]
    /// The jobs of messages beyond ``mostGroups``.
    private var others = 0

    /// Adds a failed job.
    ///
    /// - Parameter command: makes its command line, for the jobs that are shown.
    mutating func add(
        _ job: StageTable.Job,
        _ attempt: StageTable.Attempt,
        command: () -> [UInt8]?
    ) {
        let record = attempt.record
        let message = record.message ?? "no message"
        let exit = attempt.result?["exit"]?.description ?? ""
        let signal = attempt.result?["signal"]?.description ?? ""
        let key = "\(exit) \(signal) \(Self.withoutNumbers(message))"
        let place = places[key] ?? groups.count
        if place == groups.count {
            guard place < Self.mostGroups else {
                others += 1
                return
            }
            places[key] = place
            groups.append(Group(message: message, exit: exit, signal: signal))
        }
        groups[place].count += 1
        groups[place].seconds += record.duration
        guard groups[place].jobs.count < Self.mostJobs else { return }
        let parameters = attempt.parameters.flattened().map { "\($0.name)=\(Cell($0.value).text)" }
        groups[place].jobs.append(
            JSONText.object([
                "job": "\(job.number + 1)",
                "parameters": JSONText.text(parameters.joined(separator: " ")),
                "host": JSONText.text(record.host),
                "task": record.taskID.map(String.init) ?? "null",
                "attempt": "\(record.attempt)",
                "seconds": JSONText.number(record.duration, digits: 6),
                "message": message == groups[place].message ? "null" : JSONText.text(message),
                "command": JSONText.text(command().map { String(decoding: $0, as: UTF8.self) }),
            ])
        )
    }

    /// Messages that differ in numbers only are alike.
    private static func withoutNumbers(_ message: String) -> String {
        var result = ""
        var wasDigit = false
        for scalar in message.unicodeScalars.prefix(1000) {
            let isDigit = "0"..."9" ~= scalar
            if !isDigit { result.unicodeScalars.append(scalar) } else if !wasDigit { result += "0" }
            wasDigit = isDigit
        }
        return result
    }

    /// As JSON, the largest group first.
    var json: String {
        let sorted = groups.enumerated().sorted {
            ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
        }
        let all = sorted.map { _, group in
            JSONText.object([
                "message": JSONText.text(group.message),
                "exit": JSONText.text(group.exit),
                "signal": JSONText.text(group.signal),
                "count": "\(group.count)",
                "seconds": JSONText.number(group.seconds),
                "jobs": JSONText.list(group.jobs),
            ])
        }
        return JSONText.object([
            "groups": JSONText.list(all), "others": "\(others)",
        ])
    }
}
