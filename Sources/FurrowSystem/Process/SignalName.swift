/// The names of the signals that end programs.
package enum SignalName {
    private static let names: [Int32: String] = [
        1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL",
        10: "USR1", 11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM", 24: "XCPU",
        25: "XFSZ", 31: "SYS",
    ]

    /// A signal's name, for example `SIGKILL`; `nil` for one that seldom ends a program.
    package static func name(of signal: Int32) -> String? { names[signal].map { "SIG\($0)" } }

    /// The number of a signal with that name; `nil` for another text.
    package static func number(of name: String) -> Int32? {
        guard name.hasPrefix("SIG") else { return nil }
        return names.first { $0.value == name.dropFirst(3) }?.key
    }
}
