/// A duration on the command line: seconds, a number with `ms`, `s`, `m` or `h`, or SLURM's form.
public struct TimeSpan: Sendable, Hashable {
    /// The time.
    public let duration: Duration

    /// In seconds; 30 years are no time that anyone waits.
    private static let most = 1e9

    /// - Parameter duration: the time.
    package init(_ duration: Duration) {
        self.duration = duration
    }

    /// Reads `10`, `10s`, `1.5m`, `2h`, `200ms`, `02:00:00`, `1-12` or `1-12:00:00`; `nil` for
    /// anything else. `1:30` is refused too: it means minutes to SLURM and hours to others.
    public init?(argument: String) {
        if argument.count(where: { $0 == ":" }) == 2 || argument.contains("-") {
            self.init(slurm: argument)
            return
        }
        let number = argument.prefix { $0.isNumber || $0 == "." }
        let units: [Substring: Double] = ["": 1, "s": 1, "ms": 0.001, "m": 60, "h": 3600]
        guard let value = Double(number), let unit = units[argument.dropFirst(number.count)],
            value.isFinite, value * unit < Self.most
        else { return nil }
        self.init(.seconds(value * unit))
    }

    /// Reads `MM:SS`, `HH:MM:SS`, `D-HH`, `D-HH:MM` or `D-HH:MM:SS`.
    package init?(slurm text: String) {
        let halves = text.split(separator: "-", omittingEmptySubsequences: false)
        let parts = halves[halves.count - 1].split(
            separator: ":",
            omittingEmptySubsequences: false
        )
        let hasDays = halves.count == 2
        let numbers = (hasDays ? [halves[0]] : []) + parts
        let values = numbers.compactMap { $0.first == "+" ? nil : UInt32($0).map { Int($0) } }
        guard halves.count <= 2, (hasDays ? 1 : 2)...3 ~= parts.count,
            values.count == numbers.count
        else { return nil }
        // After days come hours; without days the last part is seconds.
        let units = hasDays ? [86_400, 3600, 60, 1] : [3600, 60, 1].suffix(parts.count)
        let seconds = zip(values, units).reduce(0) { $0 + $1.0 * $1.1 }
        guard Double(seconds) < Self.most else { return nil }
        self.init(.seconds(seconds))
    }

    /// The text shown by the help.
    public var defaultValueDescription: String { "\(duration.seconds.formattedSeconds)s" }
}

extension Double {
    fileprivate var formattedSeconds: String {
        self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)"
    }
}
