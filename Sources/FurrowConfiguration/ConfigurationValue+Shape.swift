extension ConfigurationValue {
    /// The value in a message: `'abc'`, `a list`, `empty (null)`.
    var shape: String {
        switch kind {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .scalar(let scalar):
            if scalar.kind == .null { return scalar.text.isEmpty ? "empty (null)" : "null" }
            let text = scalar.text.count > 60 ? scalar.text.prefix(60) + "…" : scalar.text[...]
            return scalar.isQuoted ? "the text \"\(text)\"" : "'\(text)'"
        }
    }

    /// Whether the value is null.
    var isNull: Bool { scalar?.kind == .null }
}
