import FurrowSystem

extension ConfigurationValue {
    /// The value as JSON; plain numbers stay as written.
    package var json: String {
        switch kind {
        case .scalar(let scalar) where scalar.kind == .text:
            JSONString.encode(scalar.text)
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
