import Foundation
import FurrowSystem

extension DecodingNode {
    /// The error for a value that is not what was expected.
    func mismatch(_ mismatch: ScalarMismatch, _ value: ConfigurationValue, path: [String])
        -> ConfigurationError
    {
        ConfigurationError(
            file: context.file,
            position: value.position,
            problem: "\(ConfigurationPath.subject(path)) \(mismatch.problem)",
            remedy: mismatch.remedy
        )
    }

    /// The error for a missing key; it points at a key that may be a misspelling of it.
    func missing(_ name: String) -> ConfigurationError {
        let entries = value.entries ?? []
        let unused = entries.indices.filter { !usage.isKeyed || !usage.isAsked($0) }
        let nearest = NearestName.nearest(to: name, among: unused.map { entries[$0].key })
        let found = unused.first { entries[$0].key == nearest }.map { entries[$0] }
        return ConfigurationError(
            file: context.file,
            position: found?.keyPosition ?? value.position,
            problem: "missing key '\(name)'\(ConfigurationPath.suffix(path))",
            remedy: found.map { "found '\($0.key)'" }
        )
    }

    /// Translates an error that a type's `init(from:)` threw while it decoded this value.
    func translated(_ error: any Error, from type: any Decodable.Type) -> ConfigurationError {
        guard let error = error as? DecodingError else {
            let text = (error as? any LocalizedError)?.errorDescription ?? "\(error)"
            return failure(text, at: self.value, path: path)
        }
        switch error {
        case .keyNotFound(let key, let context):
            let place = place(of: context.codingPath)
            return ConfigurationError(
                file: self.context.file,
                position: place.value.position,
                problem:
                    "missing key '\(key.stringValue)'\(ConfigurationPath.suffix(place.path))"
            )
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return corrupted(context)
        case .dataCorrupted(let context):
            if let error = invalidCase(of: type, context) { return error }
            return corrupted(context)
        @unknown default:
            return failure("\(error)", at: self.value, path: path)
        }
    }

    private func corrupted(_ context: DecodingError.Context) -> ConfigurationError {
        let place = place(of: context.codingPath)
        var text = context.debugDescription
        if text.isEmpty { text = context.underlyingError.map { "\($0)" } ?? "not a valid value" }
        return failure(text, at: place.value, path: place.path)
    }

    private func failure(_ text: String, at value: ConfigurationValue, path: [String])
        -> ConfigurationError
    {
        let text = text.hasSuffix(".") ? String(text.dropLast()) : text
        return ConfigurationError(
            file: context.file,
            position: value.position,
            problem: "\(ConfigurationPath.subject(path)): \(text)"
        )
    }

    /// The value at the end of a coding path, as deep as it can be followed; this value if the path
    /// does not pass through here.
    private func place(of target: [any CodingKey]) -> (value: ConfigurationValue, path: [String]) {
        let own = codingPath
        var place = (value: value, path: path)
        guard target.count > own.count,
            zip(own, target).allSatisfy({ $0.stringValue == $1.stringValue || same($0, $1) })
        else { return place }
        for key in target.dropFirst(own.count) {
            if let next = place.value[key.stringValue] {
                place = (next, place.path + [key.stringValue])
            } else if let index = key.intValue, let elements = place.value.elements,
                elements.indices.contains(index)
            {
                place = (elements[index], place.path + [ConfigurationPath.step(at: index)])
            } else {
                break
            }
        }
        return place
    }

    private func same(_ first: any CodingKey, _ second: any CodingKey) -> Bool {
        first.intValue != nil && first.intValue == second.intValue
    }

    /// The error for a value that is no case of an enumeration, with the cases, or of another type
    /// with raw values; nil if the type threw a message of its own.
    private func invalidCase(of type: any Decodable.Type, _ context: DecodingError.Context)
        -> ConfigurationError?
    {
        guard context.isOfRawValue, let scalar = value.scalar, type is any RawRepresentable.Type
        else { return nil }
        let names = words(of: type)?.map(\.text) ?? []
        if names.contains(scalar.text) { return nil }
        return ConfigurationError(
            file: self.context.file,
            position: value.position,
            problem: "\(ConfigurationPath.subject(path)) is \(value.shape), not a valid value"
                + (names.isEmpty ? " of \(type)" : ""),
            remedy: names.isEmpty ? nil : NearestName.remedy(for: scalar.text, among: names)
        )
    }
}

extension DecodingError.Context {
    /// Whether the error is that of the standard library for a raw value that no case has.
    var isOfRawValue: Bool { debugDescription.hasPrefix("Cannot initialize") }
}
