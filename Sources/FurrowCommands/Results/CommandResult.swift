import FurrowRuns

/// What the journal keeps of a command's attempt.
struct CommandResult: Sendable, Hashable {
    /// How it ended. What could not be started left its reason in the record's message.
    var outcome: ProcessOutcome
    /// Whether it failed and is tried again, if nothing ends the run meanwhile.
    var isTriedAgain: Bool
    /// The start of the run whose files have its output, from 1.
    var start: Int
    /// Where its output stands in its worker's files.
    var out: OutputRange
    var err: OutputRange
    /// What it reported, by name.
    var metrics: [JSON.Member]
}

extension CommandResult {
    /// As the journal has it: members by name, those left out that say nothing.
    var json: JSON {
        var members = [
            JSON.Member("err", err.json),
            JSON.Member("metrics", .object(metrics.sorted { $0.name < $1.name })),
            JSON.Member("out", out.json),
            JSON.Member("start", .number("\(start)")),
            JSON.Member("system_time", JSON(outcome.systemTime)),
            JSON.Member("user_time", JSON(outcome.userTime)),
        ]
        switch outcome.end {
        case .exited(let status): members.append(JSON.Member("exit", .number("\(status)")))
        case .signalled(let signal): members.append(JSON.Member("signal", .number("\(signal)")))
        case .notStarted, .lost: break
        }
        if outcome.peakMemory > 0 {
            members.append(JSON.Member("peak_memory", .number("\(outcome.peakMemory)")))
        }
        if outcome.timedOut { members.append(JSON.Member("timed_out", .boolean(true))) }
        if outcome.overflowed { members.append(JSON.Member("overflowed", .boolean(true))) }
        if isTriedAgain { members.append(JSON.Member("tried_again", .boolean(true))) }
        return .object(members.sorted { $0.name < $1.name })
    }

    /// Reads what ``json`` is, also as version 0.1 wrote it: without `start`, and without a
    /// checksum of the output.
    ///
    /// - Returns: `nil` for something else.
    init?(_ json: JSON) {
        guard let out = json["out"].flatMap(OutputRange.init),
            let err = json["err"].flatMap(OutputRange.init)
        else { return nil }
        let end: ProcessOutcome.End
        if let status = json["exit"]?.integer {
            end = .exited(Int32(truncatingIfNeeded: status))
        } else if let signal = json["signal"]?.integer {
            end = .signalled(Int32(truncatingIfNeeded: signal))
        } else {
            end = .notStarted("")
        }
        outcome = ProcessOutcome(end: end)
        outcome.timedOut = json["timed_out"] == .boolean(true)
        outcome.overflowed = json["overflowed"] == .boolean(true)
        outcome.userTime = json["user_time"]?.double ?? 0
        outcome.systemTime = json["system_time"]?.double ?? 0
        outcome.peakMemory = json["peak_memory"]?.integer ?? 0
        isTriedAgain = json["tried_again"] == .boolean(true)
        start = json["start"]?.integer ?? 1
        self.out = out
        self.err = err
        if case .object(let members)? = json["metrics"] { metrics = members } else { metrics = [] }
    }
}

extension OutputRange {
    fileprivate var json: JSON {
        var members = [
            JSON.Member("length", .number("\(length)")),
            JSON.Member("offset", .number("\(offset)")),
        ]
        if let checksum { members.insert(JSON.Member("checksum", .number("\(checksum)")), at: 0) }
        return .object(members)
    }

    fileprivate init?(_ json: JSON) {
        guard let offset = json["offset"]?.integer, let length = json["length"]?.integer else {
            return nil
        }
        self.init(offset: offset, length: length)
        if case .number(let digits)? = json["checksum"] { checksum = UInt64(digits) }
    }
}
