import FurrowSystem

extension Configuration {
    /// A copy with values of the command line in place of its own.
    ///
    /// - Parameters:
    ///   - settings: `KEY=VALUE`; the value is YAML.
    ///   - makesGroups: whether mappings that are missing are added.
    package func setting(
        _ settings: [String],
        makesGroups: Bool = false
    ) throws -> Configuration {
        if settings.isEmpty { return self }
        var root = root
        for setting in settings {
            guard let equals = setting.firstIndex(of: "="), equals > setting.startIndex else {
                throw UsageError(
                    "--set \(setting): must have the form KEY=VALUE, for example seed=7"
                )
            }
            let path = setting[..<equals].split(separator: ".").map { String($0) }
            let text = setting[setting.index(after: equals)...]
            let value: ConfigurationValue
            do {
                value =
                    try Configuration(parsing: "value: \(text)", file: "--set").root["value"]
                    ?? root
            } catch {
                throw UsageError("--set \(setting): the value is not valid YAML: \(error.problem)")
            }
            guard let changed = root.setting(path[...], to: value, makesGroups) else {
                let known = (root.entries ?? []).map(\.key).joined(separator: ", ")
                throw UsageError(
                    "--set \(setting): '\(path.joined(separator: "."))' is not a key of "
                        + "\(file) (its top-level keys: \(known))"
                )
            }
            root = changed
        }
        return Configuration(file: file, root: root)
    }
}

extension ConfigurationValue {
    /// A copy with another value at a path; `nil` if the mapping that contains it is missing.
    fileprivate func setting(
        _ path: ArraySlice<String>,
        to value: ConfigurationValue,
        _ makesGroups: Bool
    ) -> ConfigurationValue? {
        guard let key = path.first else { return value }
        guard var entries else { return nil }
        if let place = entries.firstIndex(where: { $0.key == key }) {
            let old = entries[place]
            guard let new = old.value.setting(path.dropFirst(), to: value, makesGroups) else {
                return nil
            }
            entries[place] = Entry(key: key, keyPosition: old.keyPosition, value: new)
        } else if path.count == 1 {
            entries.append(Entry(key: key, keyPosition: position, value: value))
        } else if makesGroups {
            let group = ConfigurationValue(.mapping([]), at: position)
            guard let new = group.setting(path.dropFirst(), to: value, true) else { return nil }
            entries.append(Entry(key: key, keyPosition: position, value: new))
        } else {
            return nil
        }
        return ConfigurationValue(.mapping(entries), at: position)
    }
}
