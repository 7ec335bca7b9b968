import FurrowConfiguration
import FurrowSystem
import Glibc

/// Random samples of a distribution: `random`.
struct RandomAxis {
    static let distributions = ["uniform", "loguniform", "normal", "choice"]
    static let keys = distributions + ["samples", "seed"]

    private let settings: AxisSettings
    private let error: ConfigurationError.InFile

    init(_ settings: AxisSettings, _ error: ConfigurationError.InFile) {
        self.settings = settings
        self.error = error
    }

    func axis(_ name: String) throws -> ParameterAxis {
        try settings.check(Self.keys, error)
        let chosen = settings.entries.filter { Self.distributions.contains($0.key) }
        guard let distribution = chosen.first, chosen.count == 1 else {
            let names = Self.distributions.joined(separator: ", ")
            throw error(settings.value, "'random' must have one distribution", "one of \(names)")
        }
        let count = try settings.count("samples", error)
        var random = SeededRandom(seed: try seed())
        guard let list = distribution.value.elements, !list.isEmpty else {
            throw error(distribution.value, "'\(distribution.key)' must be a list")
        }
        if distribution.key == "choice" {
            let values = try list.map { element in
                guard let scalar = element.scalar else {
                    throw error(
                        element,
                        "a choice must be a single value, not a list or a mapping"
                    )
                }
                return ParameterValue(scalar)
            }
            return ParameterAxis(
                name,
                (0..<count).map { _ in
                    values[Int(random.next(upperBound: UInt64(values.count)))]
                }
            )
        }
        let (low, high) = try bounds(list, distribution)
        let numbers = (0..<count).map { _ in
            switch distribution.key {
            case "uniform": low + (high - low) * random.unit()
            case "normal": low + high * random.normal()
            default: exp(log(low) + (log(high) - log(low)) * random.unit())
            }
        }
        guard numbers.allSatisfy({ $0.isFinite }) else {
            throw error(
                distribution.value,
                "'\(distribution.key)' has numbers too large for a computer"
            )
        }
        return ParameterAxis(name, numbers.map { .float($0) })
    }

    private func seed() throws -> UInt64 {
        guard let value = settings["seed"] else { return 0 }
        guard let seed = value.scalar.flatMap({ UInt64($0.text) }) else {
            throw error(value, "'seed' must be a whole number, 0 or more")
        }
        return seed
    }

    private func bounds(
        _ list: [ConfigurationValue],
        _ distribution: ConfigurationValue.Entry
    ) throws -> (Double, Double) {
        let key = distribution.key
        let meaning = key == "normal" ? "[mean, standard deviation]" : "[low, high]"
        guard list.count == 2 else {
            throw error(distribution.value, "'\(key)' must have the form \(meaning)")
        }
        let numbers = try list.map { try AxisSettings.number($0, "'\(key)'", error) }
        let isValid =
            switch key {
            case "normal": numbers[1] >= 0
            case "loguniform": numbers[0] > 0 && numbers[0] <= numbers[1]
            default: numbers[0] <= numbers[1]
            }
        guard isValid else {
            throw error(distribution.value, "'\(key)' must be a valid \(meaning)")
        }
        return (numbers[0], numbers[1])
    }
}
