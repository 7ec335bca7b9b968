import Foundation
import Furrow
import TestSupport

/// Configurations made from some others by random changes, the same for the same seed.
/// `FURROW_FUZZ_COUNT` is how many (default: 3000), `FURROW_FUZZ_SEED` another seed.
struct ConfigurationChanges {
    let count: Int
    private let whole: [ConfigurationValue]
    private let parts: [ConfigurationValue]
    /// Keys with the values that they have somewhere.
    private let entries: [(key: String, values: [ConfigurationValue])]
    private var numbers = FuzzNumbers()

    /// - Parameter texts: the configurations to begin with.
    init(of texts: [String]) throws {
        whole = try texts.map { try Configuration(parsing: $0, file: "").root }
        func all(_ value: ConfigurationValue) -> [ConfigurationValue] {
            [value] + (value.elements ?? []).flatMap(all)
                + (value.entries ?? []).flatMap { all($0.value) }
        }
        parts = whole.flatMap(all)
        entries = Dictionary(grouping: parts.flatMap { $0.entries ?? [] }, by: \.key)
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value.map(\.value)) }
        let environment = ProcessInfo.processInfo.environment
        count = environment["FURROW_FUZZ_COUNT"].flatMap { Int($0) } ?? 3000
    }

    private mutating func number(_ bound: Int) -> Int { numbers.number(below: bound) }

    /// The next configuration.
    mutating func next() -> ConfigurationValue {
        (0...number(3)).reduce(whole[number(whole.count)]) { value, _ in
            changed(value, isRoot: true)
        }
    }

    private mutating func changed(
        _ value: ConfigurationValue,
        isRoot: Bool = false
    ) -> ConfigurationValue {
        func made(_ kind: ConfigurationValue.Kind) -> ConfigurationValue {
            ConfigurationValue(kind, at: value.position)
        }
        func entry(_ key: String, _ value: ConfigurationValue) -> ConfigurationValue.Entry {
            ConfigurationValue.Entry(key: key, keyPosition: value.position, value: value)
        }
        let part = parts[number(parts.count)]
        let (key, values) = entries[number(entries.count)]
        // The root has few keys, and most others are wrong there.
        switch (number(12) + (isRoot ? 2 + number(3) : 0), value.kind) {
        case (0, _): return part
        case (1, _): return made(.mapping([entry("grid", made(.sequence([value, part])))]))
        case (2, .mapping(var entries)):
            if !entries.contains(where: { $0.key == key }) {
                entries.append(entry(key, values[number(values.count)]))
            }
            return made(.mapping(entries))
        case (3, .mapping(var entries)) where !entries.isEmpty:
            entries.remove(at: number(entries.count))
            return made(.mapping(entries))
        case (_, .mapping(var entries)) where !entries.isEmpty:
            let place = number(entries.count)
            let old = entries[place]
            let others = self.entries.first { $0.key == old.key }?.values ?? []
            entries[place] = entry(
                old.key,
                !isRoot && number(2) == 0 && !others.isEmpty
                    ? others[number(others.count)] : changed(old.value)
            )
            return made(.mapping(entries))
        case (_, .sequence(var elements)) where !elements.isEmpty:
            let place = number(elements.count)
            elements[place] = changed(elements[place])
            return made(.sequence(elements))
        default: return part
        }
    }
}
