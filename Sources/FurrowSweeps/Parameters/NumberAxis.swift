import FurrowConfiguration
import Glibc

/// Numbers at equal distances: `range`, `linspace`, `logspace`.
struct NumberAxis {
    /// The settings of each kind.
    static let keys = [
        "range": ["start", "stop", "step", "width"],
        "linspace": ["start", "stop", "num"],
        "logspace": ["start", "stop", "num", "base"],
    ]

    private let settings: AxisSettings
    private let kind: String
    private let error: ConfigurationError.InFile

    init(kind: String, _ settings: AxisSettings, _ error: ConfigurationError.InFile) {
        self.kind = kind
        self.settings = settings
        self.error = error
    }

    func axis(_ name: String) throws -> ParameterAxis {
        try settings.check(Self.keys[kind] ?? [], error)
        switch kind {
        case "range":
            return try range(name)
        case "linspace":
            return ParameterAxis(.spaced(name: name, try spaced()))
        default:
            var numbers = try spaced()
            let base = try settings.number("base", error, default: 10)
            numbers.base = base
            guard base > 0, numbers[0].isFinite, numbers[numbers.count - 1].isFinite else {
                throw error(
                    settings.value,
                    base > 0
                        ? "'logspace' has numbers too large for a computer"
                        : "'base' of 'logspace' must be above 0",
                    base > 0 ? "'start' and 'stop' are exponents of \(base)" : nil
                )
            }
            return ParameterAxis(.spaced(name: name, numbers))
        }
    }

    /// `num` numbers from `start` to `stop`, both included.
    private func spaced() throws -> SpacedNumbers {
        let count = try settings.count("num", error)
        return SpacedNumbers(
            start: try settings.number("start", error),
            stop: try settings.number("stop", error),
            count: count,
            fractions: count > 1 ? decimalFractions(count) : nil
        )
    }

    /// `start` and `stop` as fractions, of which each number is one division, and so as exact as a
    /// `Double` can be: from 0 to 0.3 in four numbers are 0.1 and 0.2, not 0.09999999999999999.
    ///
    /// - Returns: `nil` for numbers that a `Double` does not represent exactly.
    private func decimalFractions(_ count: Int) -> SpacedNumbers.Fractions? {
        guard let start = settings["start"]?.scalar?.text, let stop = settings["stop"]?.scalar?.text
        else { return nil }
        let digits = max(Self.digits(start), Self.digits(stop))
        guard digits <= 15, let first = Self.scaled(start, digits),
            let last = Self.scaled(stop, digits)
        else { return nil }
        let unit = (0..<digits).reduce(1) { unit, _ in unit * 10 }
        let parts =
            [first, last].map { $0.multipliedReportingOverflow(by: count - 1) }
            + [unit.multipliedReportingOverflow(by: count - 1)]
        guard parts.allSatisfy({ !$0.overflow && $0.partialValue.magnitude < 1 << 53 }) else {
            return nil
        }
        return SpacedNumbers.Fractions(
            first: parts[0].partialValue,
            step: last - first,
            unit: parts[2].partialValue
        )
    }

    /// As in Python: `stop` is not included.
    private func range(_ name: String) throws -> ParameterAxis {
        guard let stopValue = settings["stop"] else { throw settings.missing("stop", error) }
        let texts = [settings["start"], settings["stop"], settings["step"]].enumerated().map {
            $1?.scalar?.text ?? ($0 == 0 ? "0" : "1")
        }
        for key in ["start", "stop", "step"] {
            _ = try settings.number(key, error, default: 0)
        }
        guard let (digits, numbers) = Self.fixed(texts) else {
            throw error(
                stopValue,
                "the numbers of 'range' must be whole numbers of 64 bits, or decimal fractions with "
                    + "at most 15 digits",
                "use 'linspace' for others"
            )
        }
        let (start, stop, step) = (numbers[0], numbers[1], numbers[2])
        guard step != 0 else {
            throw error(
                settings["step"] ?? stopValue,
                "'step' must not be 0",
                nil
            )
        }
        guard let count = Self.count(from: start, to: stop, by: step) else {
            throw error(stopValue, "'range' has more numbers than can be counted")
        }
        let width = try width(digits)
        return ParameterAxis(
            digits == 0
                ? .integers(name: name, first: start, step: step, count: count, width: width)
                : .decimals(name: name, first: start, step: step, digits: digits, count: count)
        )
    }

    /// The width to which zeros fill whole numbers.
    private func width(_ digits: Int) throws -> Int {
        guard let value = settings["width"] else { return 0 }
        guard digits == 0, let width = value.scalar.flatMap({ Int($0.text) }), 1...100 ~= width
        else {
            throw error(
                value,
                "'width' must be a number from 1 to 100, and all other numbers must be whole",
                "for example 3 for 001, 002, …"
            )
        }
        return width
    }

    /// How many numbers there are from one up or down to another, without the last.
    ///
    /// - Returns: `nil` for more than can be counted.
    static func count(from start: Int, to stop: Int, by step: Int) -> Int? {
        guard start != stop, (start < stop) == (step > 0) else { return 0 }
        let distance = UInt(bitPattern: start < stop ? stop &- start : start &- stop)
        return Int(exactly: (distance - 1) / step.magnitude + 1)
    }

    /// Decimal numbers in units of the last digit of any of them.
    ///
    /// - Returns: `nil` for numbers that a `Double` or 64 bits do not represent exactly.
    static func fixed(_ texts: [String]) -> (digits: Int, numbers: [Int])? {
        let digits = texts.map(Self.digits).max() ?? 0
        let numbers = digits <= 15 ? texts.compactMap { scaled($0, digits) } : []
        return numbers.count == texts.count ? (digits, numbers) : nil
    }

    /// How many digits follow the decimal point, once a number is written without its exponent.
    private static func digits(_ text: String) -> Int {
        let (mantissa, exponent) = parts(text)
        return max(0, fraction(mantissa) - exponent)
    }

    private static func fraction(_ mantissa: Substring) -> Int {
        mantissa.firstIndex(of: ".").map { mantissa[$0...].count - 1 } ?? 0
    }

    private static func parts(_ text: String) -> (mantissa: Substring, exponent: Int) {
        let parts = text.split(maxSplits: 1) { $0 == "e" || $0 == "E" }
        guard parts.count == 2, let exponent = Int(parts[1]), -100...100 ~= exponent else {
            return (text[...], 0)
        }
        return (parts[0], exponent)
    }

    /// A decimal number in units of 10^−digits. If `digits` is above 0, it is one that a `Double`
    /// represents exactly.
    private static func scaled(_ text: String, _ digits: Int) -> Int? {
        let (mantissa, exponent) = parts(text)
        let zeros = digits + exponent - fraction(mantissa)
        let whole = Int(
            mantissa.filter { $0 != "." } + String(repeating: "0", count: max(0, zeros))
        )
        return whole.flatMap { digits == 0 || $0.magnitude < 1 << 53 ? $0 : nil }
    }
}
