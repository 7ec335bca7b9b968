import FurrowSystem

/// A time limit in a form that sbatch accepts.
package struct SlurmTimeLimit: Sendable, Hashable {
    /// The limit in one of SLURM's forms.
    package let text: String

    /// Reads SLURM's forms, `90` (minutes), `90:00`, `02:00:00`, `1-12`, `1-12:00:00` or
    /// `UNLIMITED`, and a number with a unit, as in the other options: `2h`, `90m`; `nil` for
    /// anything else.
    package init?(_ text: String) {
        let isWord = ["unlimited", "infinite"].contains(text.lowercased())
        if isWord || UInt32(text) != nil || TimeSpan(slurm: text) != nil {
            self.text = text
            return
        }
        guard text.last?.isLetter == true, let limit = TimeSpan(argument: text) else { return nil }
        let seconds = Int((limit.duration / .seconds(1)).rounded(.up))
        let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60]
        self.text = parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
