import FurrowConfiguration
import FurrowSystem

/// The settings under `range`, `linspace`, `logspace` or `random`.
struct AxisSettings {
    let kind: String
    let value: ConfigurationValue
    let entries: [ConfigurationValue.Entry]

    /// Refuses unknown keys.
    func check(_ valid: [String], _ error: ConfigurationError.InFile) throws {
        for entry in entries where !valid.contains(entry.key) {
            throw error(
                entry.keyPosition,
                "unknown key '\(entry.key)' in '\(kind)'",
                NearestName.remedy(for: entry.key, among: valid)
            )
        }
    }

    func number(
        _ key: String,
        _ error: ConfigurationError.InFile,
        default other: Double? = nil
    ) throws -> Double {
        guard let value = self[key] else {
            if let other { return other }
            throw missing(key, error)
        }
        return try Self.number(value, "'\(key)' of '\(kind)'", error)
    }

    func count(_ key: String, _ error: ConfigurationError.InFile) throws -> Int {
        guard let value = self[key] else { throw missing(key, error) }
        guard let count = value.scalar.flatMap({ Int($0.text) }), 1...10_000_000 ~= count else {
            throw error(value, "'\(key)' of '\(kind)' must be a number from 1 to 10,000,000")
        }
        return count
    }

    subscript(key: String) -> ConfigurationValue? {
        entries.first { $0.key == key }?.value
    }

    func missing(_ key: String, _ error: ConfigurationError.InFile) -> ConfigurationError {
        error(value, "'\(kind)' needs '\(key)'")
    }

    static func number(
        _ value: ConfigurationValue,
        _ name: String,
        _ error: ConfigurationError.InFile
    ) throws -> Double {
        guard let scalar = value.scalar, scalar.kind == .integer || scalar.kind == .float,
            let number = Double(scalar.text), number.isFinite
        else { throw error(value, "\(name) must be a number") }
        return number
    }
}
