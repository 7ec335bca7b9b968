import Yams

/// Turns Yams' nodes into a ``ConfigurationValue``.
struct DocumentReader {
    private static let explicitKinds: [String: ConfigurationScalar.Kind] = [
        "tag:yaml.org,2002:str": .text,
        "!": .text,
        "tag:yaml.org,2002:int": .integer,
        "tag:yaml.org,2002:float": .float,
        "tag:yaml.org,2002:bool": .boolean,
        "tag:yaml.org,2002:null": .null,
    ]

    private let file: String
    private var error: ConfigurationError.InFile { ConfigurationError.InFile(file) }
    private var count = 0

    private let marks: LeadingMarks

    private init(_ text: String, file: String) {
        self.file = file
        marks = LeadingMarks(in: text)
    }

    /// Parses a document.
    ///
    /// - Parameters:
    ///   - yaml: The text of the document.
    ///   - file: The name to use in messages.
    /// - Returns: The root, which is a mapping.
    /// - Throws: A ``ConfigurationError`` with its position.
    static func root(of yaml: String, file: String) throws(ConfigurationError) -> ConfigurationValue
    {
        let text = yaml.hasPrefix("\u{FEFF}") ? String(yaml.dropFirst()) : yaml
        let node: Node?
        do {
            // A resolver without rules: otherwise Yams would apply the kinds of YAML 1.1. The
            // encoding is given, so that no environment variable changes it.
            node = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            throw ConfigurationError(error, file: file, text: text)
        }
        guard let node, !isNothing(node) else {
            throw ConfigurationError(
                file: file,
                problem: "the configuration is empty",
                remedy: "write keys and values, for example seed: 42"
            )
        }
        var reader = DocumentReader(text, file: file)
        let root = try reader.value(node, depth: 1)
        guard root.entries != nil else {
            throw ConfigurationError(
                file: file,
                position: root.position,
                problem: "the configuration must be a mapping, but is \(root.shape)",
                remedy: "write keys and values, for example seed: 42"
            )
        }
        return root
    }

    private static func isNothing(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node else { return false }
        return scalar.string.isEmpty && scalar.style == .plain
    }

    private mutating func value(_ node: Node, depth: Int) throws(ConfigurationError)
        -> ConfigurationValue
    {
        let position = ConfigurationPosition(node.mark)
        count += 1
        if count > Configuration.maximumValueCount {
            throw ConfigurationError(
                file: file,
                problem:
                    "the configuration has more than \(Configuration.maximumValueCount) values",
                remedy: "shorten it; an alias counts each time it is used"
            )
        }
        if depth > Configuration.maximumDepth {
            throw .tooDeep(at: position, file: file)
        }
        switch node {
        case .scalar(let scalar):
            return ConfigurationValue(.scalar(try self.scalar(scalar, at: position)), at: position)
        case .sequence(let sequence):
            try check(sequence.tag, isAmong: ["", "!", "tag:yaml.org,2002:seq"], at: position)
            var elements: [ConfigurationValue] = []
            elements.reserveCapacity(sequence.count)
            for element in sequence { elements.append(try value(element, depth: depth + 1)) }
            return ConfigurationValue(.sequence(elements), at: position)
        case .mapping(let mapping):
            try check(mapping.tag, isAmong: ["", "!", "tag:yaml.org,2002:map"], at: position)
            let entries = try entries(mapping, depth: depth)
            return ConfigurationValue(.mapping(entries), at: position)
        case .alias:
            throw error(position, "an alias could not be resolved")
        }
    }

    private func scalar(_ scalar: Node.Scalar, at position: ConfigurationPosition)
        throws(ConfigurationError) -> ConfigurationScalar
    {
        let text = marks.text(of: scalar)
        let isQuoted = scalar.style != .plain
        let tag = scalar.tag.rawValue
        if tag.isEmpty {
            return isQuoted ? ConfigurationScalar(quoted: text) : ConfigurationScalar(plain: text)
        }
        guard let kind = Self.explicitKinds[tag] else { throw unsupported(tag, at: position) }
        let natural = ConfigurationScalar.kind(ofPlain: text)
        guard kind == .text || kind == natural || kind == .float && natural == .integer else {
            throw error(position, "'\(text)' does not fit its tag '\(Self.shorthand(tag))'")
        }
        return ConfigurationScalar(text: text, isQuoted: isQuoted, kind: kind)
    }

    private mutating func entries(_ mapping: Node.Mapping, depth: Int) throws(ConfigurationError)
        -> [ConfigurationValue.Entry]
    {
        var own: [ConfigurationValue.Entry] = []
        own.reserveCapacity(mapping.count)
        var merged: [(place: Int, entries: [ConfigurationValue.Entry])] = []
        var positions: [String: ConfigurationPosition] = [:]
        for (keyNode, valueNode) in mapping {
            let position = ConfigurationPosition(keyNode.mark)
            let key = try key(keyNode, at: position)
            if let first = positions.updateValue(position, forKey: key) {
                throw .duplicate(key: key, at: position, first: first, file: file)
            }
            let value = try value(valueNode, depth: depth + 1)
            if key == "<<", case .scalar(let scalar) = keyNode, scalar.style == .plain {
                positions[key] = nil
                merged.append((own.count, try merge(value)))
            } else {
                own.append(.init(key: key, keyPosition: position, value: value))
            }
        }
        for (place, entries) in merged.reversed() {
            own.insert(contentsOf: entries.filter { positions[$0.key] == nil }, at: place)
        }
        return own
    }

    /// The entries added by a merge key, each key once.
    private func merge(_ value: ConfigurationValue) throws(ConfigurationError)
        -> [ConfigurationValue.Entry]
    {
        var result: [ConfigurationValue.Entry] = []
        var seen: Set<String> = []
        for source in value.elements ?? [value] {
            guard let entries = source.entries else {
                throw error(
                    source.position,
                    "'<<' must merge a mapping, not \(source.shape)",
                    "write '<<: *name' and mark the mapping with '&name'"
                )
            }
            for entry in entries where seen.insert(entry.key).inserted { result.append(entry) }
        }
        return result
    }

    private func key(_ node: Node, at position: ConfigurationPosition) throws(ConfigurationError)
        -> String
    {
        guard case .scalar(let scalar) = node else {
            throw error(position, "a key must be text, not a list or a mapping")
        }
        let text = marks.text(of: scalar)
        if scalar.style == .plain, ConfigurationScalar.kind(ofPlain: text) != .text {
            throw error(
                position,
                text.isEmpty ? "a key is empty" : "the key \(text) must be text",
                text.isEmpty ? "write a name before the colon" : "write it in quotes: \"\(text)\""
            )
        }
        return text
    }

    private func check(_ tag: Tag, isAmong valid: [String], at position: ConfigurationPosition)
        throws(ConfigurationError)
    {
        if !valid.contains(tag.rawValue) { throw unsupported(tag.rawValue, at: position) }
    }

    private func unsupported(_ tag: String, at position: ConfigurationPosition)
        -> ConfigurationError
    {
        error(position, "the tag '\(Self.shorthand(tag))' is not supported here", "remove the tag")
    }

    private static func shorthand(_ tag: String) -> String {
        let prefix = "tag:yaml.org,2002:"
        return tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    }
}
