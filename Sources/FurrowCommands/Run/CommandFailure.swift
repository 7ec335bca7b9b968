import FurrowSystem

/// Why a command's attempt failed.
struct CommandFailure: Error, CustomStringConvertible {
    /// The most lines, and the most bytes, of the end of its standard error in the message.
    private static let lines = 5
    private static let bytes = 2000

    let description: String

    /// - Parameter errors: the end of its standard error.
    init(_ reason: String, errors: [UInt8]) {
        let text = String(decoding: errors.suffix(Self.bytes), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).suffix(Self.lines)
        description = ([reason[...]] + lines.map { "    | \(Self.printable($0))" })
            .joined(separator: "\n")
    }

    /// A command's output must not control the terminal that shows it.
    private static func printable(_ line: Substring) -> String {
        String(
            String.UnicodeScalarView(
                line.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
    }

    /// How an attempt failed; `nil` if it did not.
    static func reason(_ outcome: ProcessOutcome, timeout: Duration?) -> String? {
        if outcome.timedOut, let timeout {
            return "took longer than \(Quantity.time(seconds: timeout / .seconds(1))) and was ended"
        }
        switch outcome.end {
        case .exited(0): return nil
        case .exited(let status): return "exit status \(status)"
        case .signalled(let number): return "ended by signal \(number)\(name(number))"
        case .notStarted(let reason): return "could not be started: \(reason)"
        case .lost:
            return "the process that starts commands was killed, and with it the processes of "
                + "this command"
        }
    }

    private static func name(_ signal: Int32) -> String {
        let names: [Int32: String] = [
            1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL",
            11: "SEGV", 13: "PIPE", 14: "ALRM", 15: "TERM", 24: "XCPU", 25: "XFSZ", 31: "SYS",
        ]
        return names[signal].map { " (SIG\($0))" } ?? ""
    }
}
