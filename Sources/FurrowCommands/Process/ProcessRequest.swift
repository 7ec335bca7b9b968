/// A command to run, in bytes as the system wants them.
struct ProcessRequest: Sendable {
    /// The program and its arguments; a program without a slash is looked for in the `PATH` of the
    /// environment.
    var arguments: [[UInt8]]
    /// The whole environment, as `NAME=value`.
    var environment: [[UInt8]]
    /// Where to run it; `nil` for where the supervisor runs.
    var directory: [UInt8]?
    /// The files that take its standard output and error. They are appended to.
    var output: String
    var errors: String
    /// How long it may take.
    var timeout: Duration?
    /// How long it may take to end after a SIGTERM before it is sent a SIGKILL.
    var grace: Duration
}

/// How a command ended.
public struct ProcessOutcome: Sendable, Hashable, Codable {
    /// The ways in which it can.
    public enum End: Sendable, Hashable, Codable {
        /// It left with this status.
        case exited(Int32)
        /// A signal of this number ended it.
        case signalled(Int32)
        /// It could not be started, for this reason.
        case notStarted(String)
    }

    /// How it ended.
    public var end: End
    /// Whether it was told to end because it took too long.
    public var timedOut = false
    /// Whether it was told to end because the stage was stopped.
    public var stopped = false
    /// The processor time it and its children took, in seconds.
    public var userTime = 0.0
    /// The processor time the system took for them, in seconds.
    public var systemTime = 0.0
    /// The most memory that one of its processes had resident, in bytes. What the supervisor
    /// itself has, a few megabytes, is the least that can be seen.
    public var peakMemory = 0
}

/// Messages between a worker and its supervisor: each is its length in eight bytes, then fields.
struct Message {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ number: Int) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ field: [UInt8]) {
        put(field.count)
        bytes += field
    }

    mutating func put(_ fields: [[UInt8]]) {
        put(fields.count)
        for field in fields { put(field) }
    }

    /// With its length in front.
    var framed: [UInt8] {
        var framed = Message()
        framed.put(bytes)
        return framed.bytes
    }

    /// Reads the fields of a message in the order in which they were put.
    struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        mutating func number() -> Int {
            precondition(rest.count >= 8, "a message between worker and supervisor is too short")
            defer { rest = rest.dropFirst(8) }
            return rest.withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
        }

        mutating func field() -> [UInt8] {
            let count = number()
            precondition(rest.count >= count, "a message between worker and supervisor is cut off")
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }

        mutating func fields() -> [[UInt8]] { (0..<number()).map { _ in field() } }
    }

    /// Puts messages together from the pieces in which they arrive.
    struct Inbox {
        private var bytes: [UInt8] = []

        mutating func add(_ piece: UnsafeRawBufferPointer) { bytes.append(contentsOf: piece) }

        /// The next whole message.
        mutating func next() -> Reader? {
            guard bytes.count >= 8 else { return nil }
            let length = bytes.withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
            guard bytes.count >= 8 + length else { return nil }
            let reader = Reader(Array(bytes[8..<8 + length])[...])
            bytes.removeFirst(8 + length)
            return reader
        }
    }
}

extension ProcessRequest {
    /// What a message asks of a supervisor.
    enum Kind: Int {
        case run = 1
        case stop
    }

    var message: Message {
        var message = Message()
        message.put(Kind.run.rawValue)
        message.put(arguments)
        message.put(environment)
        message.put(directory.map { [$0] } ?? [])
        message.put(Array(output.utf8))
        message.put(Array(errors.utf8))
        message.put(timeout.map(\.nanoseconds) ?? -1)
        message.put(grace.nanoseconds)
        return message
    }

    init(reading reader: inout Message.Reader) {
        arguments = reader.fields()
        environment = reader.fields()
        directory = reader.fields().first
        output = String(decoding: reader.field(), as: UTF8.self)
        errors = String(decoding: reader.field(), as: UTF8.self)
        let limit = reader.number()
        timeout = limit < 0 ? nil : .nanoseconds(limit)
        grace = .nanoseconds(reader.number())
    }
}

extension ProcessOutcome {
    var message: Message {
        var message = Message()
        switch end {
        case .exited(let status): message.put([0, Int(status)], "")
        case .signalled(let number): message.put([1, Int(number)], "")
        case .notStarted(let reason): message.put([2, 0], reason)
        }
        message.put(timedOut ? 1 : 0)
        message.put(stopped ? 1 : 0)
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
        default: end = .notStarted(reason)
        }
        timedOut = reader.number() != 0
        stopped = reader.number() != 0
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

extension Duration {
    /// Whole nanoseconds; of more than 292 years, the most that there can be.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product + Int(attoseconds / 1_000_000_000)
    }
}
