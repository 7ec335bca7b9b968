/// A place in a value, and what a type asked for there.
final class ShapeNode {
    let path: [String]
    /// The shapes of the values that were asked for.
    var values: [ConfigurationShape] = []
    /// Whether the type asked if there is a value.
    var isTested = false
    /// Whether the type asked if the value is null.
    var isNullable = false
    /// Whether it was opened as a mapping.
    private(set) var isMapping = false
    /// Whether all keys are known that the type may ask for.
    private(set) var isClosed = true
    /// Whether the type asked for all keys.
    var listsKeys = false
    /// The elements of a list, as one place.
    private(set) var element: ShapeNode?
    private var names: [String] = []
    private var children: [String: ShapeNode] = [:]

    /// The key of a mapping that takes any keys.
    static let sampleKey = "1"
    /// The step to the elements of a list.
    static let elementName = "[]"

    init(path: [String] = []) { self.path = path }

    /// Notes that it is opened as a mapping with the keys of a type.
    ///
    /// - Returns: the keys; `nil` if they cannot be listed.
    func open<Key: CodingKey>(keyedBy type: Key.Type) -> [Key]? {
        isMapping = true
        let keys = cases(of: type)
        if let keys { for key in keys { _ = add(key.stringValue) } } else { isClosed = false }
        return keys
    }

    /// Notes that it is opened as a list.
    func openList() -> ShapeNode {
        let node = element ?? ShapeNode(path: path + [Self.elementName])
        element = node
        return node
    }

    /// The place of a key.
    func child(_ name: String) -> ShapeNode { add(name) }

    private func add(_ name: String) -> ShapeNode {
        if let child = children[name] { return child }
        let child = ShapeNode(path: path + [name])
        names.append(name)
        children[name] = child
        return child
    }

    /// Whether anything was asked.
    private var isAsked: Bool {
        isTested || isNullable || isMapping || element != nil || !values.isEmpty
    }

    /// The keys that the type asked about.
    var asked: [(name: String, node: ShapeNode)] {
        names.compactMap { name in children[name].map { (name, $0) } }.filter(\.node.isAsked)
    }

    /// The properties, if it is a mapping with known keys, all of which were asked for.
    var properties: [ConfigurationShape.Property]? {
        isMapping && isClosed && asked.count == names.count ? properties([]) : nil
    }

    private func properties(_ lenient: Set<[String]>) -> [ConfigurationShape.Property] {
        names.compactMap { name in
            guard let child = children[name] else { return nil }
            let isRequired = child.isAsked && !child.isTested && !lenient.contains(child.path)
            return .init(name: name, shape: child.shape(lenient), isRequired: isRequired)
        }
    }

    /// The shape of the place.
    ///
    /// - Parameter lenient: the paths of values that the type does without if they are wrong.
    func shape(_ lenient: Set<[String]> = []) -> ConfigurationShape {
        if lenient.contains(path) { return .anything }
        let plain = plainShape(lenient)
        return isNullable && plain != .anything ? .optional(plain) : plain
    }

    private func plainShape(_ lenient: Set<[String]>) -> ConfigurationShape {
        switch (isMapping, element, Set(values).count) {
        case (true, nil, 0):
            let properties = properties(lenient)
            if isClosed { return .mapping(properties, rest: nil) }
            guard listsKeys else { return .mapping(properties, rest: .anything) }
            return .mapping(
                properties.filter { $0.name != Self.sampleKey },
                rest: children[Self.sampleKey]?.shape(lenient) ?? .anything
            )
        case (false, let element?, 0): return .list(element.shape(lenient))
        case (false, nil, 1): return values[0]
        default: return .anything
        }
    }
}
