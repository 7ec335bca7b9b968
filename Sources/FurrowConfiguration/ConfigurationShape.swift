/// What a type reads from a configuration: the keys and the kinds of values that it accepts.
///
/// It is hardly ever narrower than the type: a type whose own `init(from:)` does not always ask for the
/// same is ``anything``. What depends on one particular value cannot be found, nor other spellings
/// that an enumeration's own `init(rawValue:)` accepts.
package indirect enum ConfigurationShape: Sendable, Hashable {
    /// A value of which nothing is known.
    case anything
    /// `true` or `false`.
    case boolean
    /// A whole number in a range, whose bounds are digits.
    case integer(least: String, most: String)
    /// Any number.
    case number
    /// Any single value but null.
    case text
    /// One of some single values.
    case words([ConfigurationScalar])
    /// A single value of a form, described in words, or what `Codable` makes of the type.
    case word(String, or: ConfigurationShape)
    /// A value, or null.
    case optional(ConfigurationShape)
    /// A list of values.
    case list(ConfigurationShape)
    /// A mapping with some keys; other keys have values of the shape `rest`, or are errors.
    case mapping([Property], rest: ConfigurationShape?)
    /// One case of an enumeration with values.
    case choice([Case])

    /// A key of a mapping.
    package struct Property: Sendable, Hashable {
        /// The key.
        package let name: String
        /// The shape of its value.
        package let shape: ConfigurationShape
        /// Whether the key must be there.
        package var isRequired: Bool
    }

    /// A case of an enumeration.
    package struct Case: Sendable, Hashable {
        /// Its name.
        package let name: String
        /// The values that it has; `nil` if they are not known.
        package let values: [Property]?

        /// The value that needs no name; see ``UnnamedValue``.
        package var unnamed: ConfigurationShape? {
            guard let values, let first = values.first(where: { $0.name == "_0" }),
                values.allSatisfy({ $0.name == first.name || !$0.isRequired })
            else { return nil }
            return first.shape
        }

        /// Whether the name alone will do.
        package var isWord: Bool {
            guard let values else { return true }
            return values.allSatisfy { !$0.isRequired } || unnamed?.acceptsNoKeys == true
        }
    }

    /// The shape of a type.
    ///
    /// - Parameter type: the type. Its `init(from:)` is called many times, with made-up values.
    package init(of type: any Decodable.Type) {
        self = ShapeRecorder().description(of: type).shape
    }

    /// Whether an empty mapping has this shape.
    private var acceptsNoKeys: Bool {
        switch self {
        case .anything: true
        case .boolean, .integer, .number, .text, .words, .list, .choice: false
        case .word(_, or: let shape), .optional(let shape): shape.acceptsNoKeys
        case .mapping(let properties, rest: _): properties.allSatisfy { !$0.isRequired }
        }
    }
}
