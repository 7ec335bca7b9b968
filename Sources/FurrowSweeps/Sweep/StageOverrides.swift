import FurrowConfiguration
import FurrowSystem

/// Keys of a stage that the command line gives, in place of those of a sweep file.
package struct StageOverrides: Sendable {
    private var entries: [(key: StageKey, value: ConfigurationValue)] = []

    /// None.
    package init() {}

    /// Whether there are none.
    package var isEmpty: Bool { entries.isEmpty }

    /// Whether a key is among them.
    func has(_ key: StageKey) -> Bool { entries.contains { $0.key == key } }

    /// Sets a key to a value as YAML would have it without quotes.
    package mutating func set(_ key: StageKey, to text: String?) {
        guard let text else { return }
        entries.append((key, Self.plain(text)))
    }

    /// Sets a key to a text.
    package mutating func set(_ key: StageKey, toText text: String?) {
        guard let text else { return }
        entries.append((key, Self.value(ConfigurationScalar(quoted: text))))
    }

    /// Sets a key to a list of words.
    package mutating func set(_ key: StageKey, toList words: [String]?) {
        guard let words else { return }
        let value = ConfigurationValue(.sequence(words.map(Self.plain)), at: .commandLine)
        entries.append((key, value))
    }

    private static func plain(_ text: String) -> ConfigurationValue {
        value(ConfigurationScalar(plain: text))
    }

    private static func value(_ scalar: ConfigurationScalar) -> ConfigurationValue {
        ConfigurationValue(.scalar(scalar), at: .commandLine)
    }

    /// A copy of a sweep with these keys: in the sweep itself, or in each of its stages.
    ///
    /// - Throws: ``UsageError`` for a selection of jobs where there are several stages.
    func applied(to root: ConfigurationValue) throws(UsageError) -> ConfigurationValue {
        guard let stages = root["stages"], let list = stages.elements else {
            return entries.reduce(root) { $0.setting($1.key.rawValue, to: $1.value) }
        }
        if let entry = entries.first(where: { [.only, .shard].contains($0.key) }) {
            throw UsageError(
                "--\(entry.key.rawValue) needs a sweep without 'stages'; write "
                    + "'\(entry.key.rawValue)' into the stages of the file that it is meant for"
            )
        }
        let changed = list.map { stage in
            entries.reduce(stage) { $0.setting($1.key.rawValue, to: $1.value) }
        }
        return root.setting(
            StageKey.stages.rawValue,
            to: ConfigurationValue(.sequence(changed), at: stages.position)
        )
    }
}

extension ConfigurationValue {
    /// A copy of a mapping with another value of a key.
    func setting(_ key: String, to value: ConfigurationValue) -> ConfigurationValue {
        guard var entries else { return self }
        if let place = entries.firstIndex(where: { $0.key == key }) {
            let position = entries[place].keyPosition
            entries[place] = Entry(key: key, keyPosition: position, value: value)
        } else {
            entries.append(Entry(key: key, keyPosition: position, value: value))
        }
        return ConfigurationValue(.mapping(entries), at: position)
    }
}
