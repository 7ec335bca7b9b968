import TestSupport

/// A kind of trouble that a run may meet.
struct Trouble: Sendable {
    /// What it is called on the command line.
    let name: String
    /// Why it cannot be made here; `nil` where it can.
    var obstacle: @Sendable () -> String? = { nil }
    /// Runs a sweep under it.
    let run: @Sendable (_ seed: UInt64, _ setting: TrialSetting) throws -> Void

    /// All of them, in the order in which they are tried.
    static let all = [
        fileCalls, mpiCalls, kills, deaths, stops, signals, journals, folders, slowFolders,
        fullDisks, power, clocks,
    ]

    /// Trouble between the first start of a run and the last one, which has none.
    init(
        _ name: String,
        body: @escaping @Sendable (Trial) throws -> Void
    ) {
        self.name = name
        run = { seed, setting in
            let trial = try Trial(seed: seed, setting)
            try body(trial)
            try trial.finish()
        }
    }

    init(
        _ name: String,
        obstacle: @escaping @Sendable () -> String?,
        run: @escaping @Sendable (_ seed: UInt64, _ setting: TrialSetting) throws -> Void
    ) {
        self.name = name
        self.obstacle = obstacle
        self.run = run
    }
}
