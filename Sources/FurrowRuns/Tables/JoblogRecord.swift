import FurrowSystem

/// A finished job as a line of GNU parallel's `--joblog`.
package struct JoblogRecord: Sendable, Hashable {
    /// The first line of such a log.
    package static let header =
        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"

    /// The job's number, counted from 1; `parallel --resume` reads nothing else.
    package var number: Int
    /// The host it ran on; empty for this one.
    package var host: String
    /// When it started, in seconds since 1970.
    package var start: Double
    /// How long it ran, in seconds.
    package var seconds: Double
    /// The exit code; 0 if a signal ended it.
    package var exitCode: Int
    /// The signal that ended it, or 0.
    package var signal: Int
    /// How many bytes of output it wrote.
    package var received: Int
    /// The command line, which need not be UTF-8.
    package var command: [UInt8]

    /// Makes a record of a finished job.
    ///
    /// - Parameters:
    ///   - number: The job's number, counted from 1.
    ///   - host: The host it ran on.
    ///   - start: When it started, in seconds since 1970.
    ///   - seconds: How long it ran.
    ///   - exitCode: The exit code.
    ///   - signal: The signal that ended it, or 0.
    ///   - received: How many bytes of output it wrote.
    ///   - command: The command line.
    package init(
        number: Int,
        host: String,
        start: Double,
        seconds: Double,
        exitCode: Int,
        signal: Int = 0,
        received: Int = 0,
        command: some Sequence<UInt8>
    ) {
        self.number = number
        self.host = host
        self.start = start
        self.seconds = seconds
        self.exitCode = exitCode
        self.signal = signal
        self.received = received
        self.command = Array(command)
    }

    /// The line, with its line feed.
    ///
    /// As in GNU parallel, line feeds in the command become NUL bytes, which no command line can
    /// have. Tabs stay, because the command is the last column. The host is one word, or `:`.
    package var line: [UInt8] {
        let host = host.isEmpty ? ":" : String(host.map { $0.isWhitespace ? "_" : $0 })
        let runtime = rounded(seconds, 3)
        let columns = [
            String(number), host, rounded(start, 3),
            String(repeating: " ", count: max(0, 10 - runtime.count)) + runtime,
            "0", String(received), String(exitCode), String(signal), "",
        ]
        let lineFeed = UInt8(ascii: "\n")
        return Array(columns.joined(separator: "\t").utf8)
            + command.map { $0 == lineFeed ? 0 : $0 } + [lineFeed]
    }
}
