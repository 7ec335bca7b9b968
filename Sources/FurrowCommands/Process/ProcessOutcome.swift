/// How a command ended.
package struct ProcessOutcome: Sendable, Hashable, Codable {
    /// The ways in which it can.
    package enum End: Sendable, Hashable, Codable {
        /// It left with this status.
        case exited(Int32)
        /// A signal of this number ended it.
        case signalled(Int32)
        /// It could not be started, for this reason.
        case notStarted(String)
        /// The process that starts commands was killed, and so was what this one had started.
        case lost
    }

    /// How it ended.
    package var end: End
    /// Whether it was told to end because it took too long.
    package var timedOut = false
    /// Whether it was told to end because the stage was stopped.
    package var stopped = false
    /// Whether it could not be started for want of processes, memory or descriptors.
    var isShortage = false
    /// Whether its files have got the names that were asked for.
    var isNamed = false
    /// The processor time it and its children took, in seconds.
    package var userTime = 0.0
    /// The processor time the system took for them, in seconds.
    package var systemTime = 0.0
    /// The most memory that one of its processes had resident, in bytes. What the supervisor
    /// itself has, a few megabytes, is the least that can be seen.
    package var peakMemory = 0
}

extension ProcessOutcome {
    var message: Message {
        var message = Message()
        switch end {
        case .exited(let status): message.put([0, Int(status)], "")
        case .signalled(let number): message.put([1, Int(number)], "")
        case .notStarted(let reason): message.put([2, 0], reason)
        case .lost: message.put([3, 0], "")
        }
        message.put(timedOut ? 1 : 0)
        message.put(stopped ? 1 : 0)
        message.put(isShortage ? 1 : 0)
        message.put(isNamed ? 1 : 0)
        message.put(Int(userTime * 1e6))
        message.put(Int(systemTime * 1e6))
        message.put(peakMemory)
        return message
    }

    init(reading reader: inout Message.Reader) {
        let (kind, number) = (reader.number(), Int32(reader.number()))
        let reason = String(decoding: reader.field(), as: UTF8.self)
        switch kind {
        case 0: end = .exited(number)
        case 1: end = .signalled(number)
        case 2: end = .notStarted(reason)
        default: end = .lost
        }
        timedOut = reader.number() != 0
        stopped = reader.number() != 0
        isShortage = reader.number() != 0
        isNamed = reader.number() != 0
        userTime = Double(reader.number()) / 1e6
        systemTime = Double(reader.number()) / 1e6
        peakMemory = reader.number()
    }
}

extension Message {
    fileprivate mutating func put(_ numbers: [Int], _ text: String) {
        for number in numbers { put(number) }
        put(Array(text.utf8))
    }
}
