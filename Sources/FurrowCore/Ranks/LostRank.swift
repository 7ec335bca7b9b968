import Glibc

/// A rank that died.
struct LostRank: Sendable, Hashable {
    /// How it died, as far as its keeper could say.
    enum End: Sendable, Hashable {
        case signal(Int32)
        case exit(Int32)
        /// It had not given a sign of life for so long that its keeper killed it.
        case silence
        /// Its connection broke, with its node for example.
        case unknown
    }

    let rank: Int
    let host: String
    let end: End

    /// What became of it: `was killed by signal 9 (Killed)`.
    var fate: String {
        switch end {
        case .signal(let number):
            "was killed by signal \(number) (\(String(cString: strsignal(number))))"
        case .exit(let status): "exited with \(status) in the middle of its work"
        case .silence: "gave no sign of life, and was killed"
        case .unknown: "is out of reach"
        }
    }

    /// Whether its own program was to blame: a trap, a bad address, `abort`.
    var hasCrashed: Bool {
        guard case .signal(let number) = end else { return false }
        return [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV].contains(number)
    }

    /// For a message: `rank 2 on node7 was killed by signal 9 (Killed)`.
    var description: String { "rank \(rank) on \(host) \(fate)" }
}
