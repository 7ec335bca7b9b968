import FurrowSystem

extension ConfigurationValue {
    /// As JSON, plain numbers as they were written.
    package var json: String {
        switch kind {
        case .scalar(let scalar):
            scalar.kind == .text ? JSONString.encode(scalar.text) : description
        case .sequence(let elements):
            JSONString.list(elements.map(\.json))
        case .mapping(let entries):
            "{"
                + entries.map { "\(JSONString.encode($0.key)): \($0.value.json)" }
                .joined(separator: ", ") + "}"
        }
    }
}
