import FurrowSystem

extension ConfigurationValue {
    /// As JSON, plain numbers as they were written.
    package var json: String {
        switch kind {
        case .scalar(let scalar) where scalar.kind == .text:
            // Of a byte order mark in front, Yams drops the first.
            JSONString.encode((scalar.text.hasPrefix("\u{FEFF}") ? "\u{FEFF}" : "") + scalar.text)
        case .scalar:
            description
        case .sequence(let elements):
            JSONString.list(elements.map(\.json))
        case .mapping(let entries):
            "{"
                + entries.map { "\(JSONString.encode($0.key)): \($0.value.json)" }
                .joined(separator: ", ") + "}"
        }
    }
}
