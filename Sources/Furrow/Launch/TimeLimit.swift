public import ArgumentParser

/// A length of time on the command line: seconds, or a number with `ms`, `s`, `m` or `h`.
public struct TimeLimit: Sendable, Hashable, ExpressibleByArgument {
    /// The time.
    public let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    /// Reads `10`, `10s`, `1.5m`, `2h` or `200ms`; `nil` for anything else.
    public init?(argument: String) {
        let number = argument.prefix { $0.isNumber || $0 == "." }
        let units: [Substring: Double] = ["": 1, "s": 1, "ms": 0.001, "m": 60, "h": 3600]
        guard let value = Double(number), let unit = units[argument.dropFirst(number.count)],
            value.isFinite, value * unit < 1e9
        else { return nil }
        duration = .seconds(value * unit)
    }

    /// As the help shows it.
    public var defaultValueDescription: String { "\(duration.seconds.formattedSeconds)s" }
}

extension Double {
    fileprivate var formattedSeconds: String {
        self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)"
    }
}

extension Schedule: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension FailurePolicy: ExpressibleByArgument {}
