/// A value being decoded: its content, its path, and the keys asked for.
final class DecodingNode {
    /// How a node is reached from its parent.
    enum Step {
        /// The value given to the decoder.
        case root
        /// The value of a key.
        case key(any CodingKey)
        /// An element of a list.
        case index(Int)
        /// The same value, decoded by another type.
        case same
    }

    /// What all nodes of one decoding share.
    struct Context {
        /// The name to use in messages.
        let file: String
        /// The path of the root, for messages.
        let path: [String]
    }

    /// A mapping with more entries than this gets a lookup table.
    private static let longestSearched = 16

    let context: Context
    let value: ConfigurationValue
    let usage: KeyUsage
    private let parent: DecodingNode?
    private let step: Step
    /// Whether an enumeration is decoded from the value.
    private(set) var isEnumeration = false
    private var slots: [String: Int]?

    /// The node of the value given to the decoder.
    init(root value: ConfigurationValue, context: Context) {
        self.context = context
        self.value = value
        usage = KeyUsage()
        parent = nil
        step = .root
    }

    /// The node of a value below another one.
    init(_ value: ConfigurationValue, step: Step, parent: DecodingNode, usage: KeyUsage) {
        context = parent.context
        self.value = value
        self.usage = usage
        self.parent = parent
        self.step = step
    }

    /// The path from the root.
    var codingPath: [any CodingKey] {
        var path = parent?.codingPath ?? []
        switch step {
        case .root, .same: break
        case .key(let key): path.append(key)
        case .index(let index): path.append(IndexKey(index))
        }
        return path
    }

    /// The path for messages, with the root's path in front.
    var path: [String] {
        let path = parent?.path ?? context.path
        return Self.name(step).map { path + [$0] } ?? path
    }

    /// The path of a child for messages.
    func path(to step: Step) -> [String] {
        Self.name(step).map { path + [$0] } ?? path
    }

    private static func name(_ step: Step) -> String? {
        switch step {
        case .root, .same: nil
        case .key(let key): key.stringValue
        case .index(let index): ConfigurationPath.step(at: index)
        }
    }

    /// Opens the value as a mapping.
    ///
    /// - Returns: Its entries.
    /// - Throws: A ``ConfigurationError`` if it is none.
    func openMapping() throws(ConfigurationError) -> [ConfigurationValue.Entry] {
        guard let entries = value.entries else {
            throw mismatch(.init(value, expected: "a mapping"), value, path: path)
        }
        usage.open(entryCount: entries.count)
        return entries
    }

    /// Opens the value as a list.
    ///
    /// - Returns: Its elements.
    /// - Throws: A ``ConfigurationError`` if it is none.
    func openSequence() throws(ConfigurationError) -> [ConfigurationValue] {
        guard let elements = value.elements else {
            throw mismatch(.init(value, expected: "a list"), value, path: path)
        }
        return elements
    }

    /// The index of a key among the entries of this mapping. Notes that it was asked for.
    func ask(_ name: String, among entries: [ConfigurationValue.Entry]) -> Int? {
        let slot: Int?
        if entries.count <= Self.longestSearched {
            slot = entries.firstIndex { $0.key == name }
        } else if let slots {
            slot = slots[name]
        } else {
            let table = Dictionary(
                zip(entries.lazy.map(\.key), entries.indices),
                uniquingKeysWith: { first, _ in first
                }
            )
            slots = table
            slot = table[name]
        }
        usage.ask(name, slot: slot)
        return slot
    }

    /// Reads a scalar of this value or a child.
    func scalar<S: ScalarReadable>(_ value: ConfigurationValue, _ step: Step)
        throws(ConfigurationError) -> S
    {
        do {
            return try S.read(value)
        } catch {
            throw mismatch(error, value, path: path(to: step))
        }
    }

    /// Decodes a child, or the value itself if `slot` is nil. Its keys count as asked for only if
    /// it succeeds.
    func decode<T: Decodable>(
        _ type: T.Type,
        _ value: ConfigurationValue,
        _ step: Step,
        slot: Int?
    ) throws(ConfigurationError) -> T {
        let node = DecodingNode(value, step: step, parent: self, usage: KeyUsage())
        let result = try node.run(type)
        if let slot {
            usage.attach(node.usage, at: slot)
        } else {
            usage.add(node.usage)
        }
        return result
    }

    /// Lets a type decode this value and translates what it throws.
    func run<T: Decodable>(_ type: T.Type) throws(ConfigurationError) -> T {
        if let read = try wordedValue(as: type) { return read }
        isEnumeration = FurrowConfiguration.isEnumeration(type)
        do {
            return try T(from: ValueDecoder(node: self))
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw translated(error, from: type)
        }
    }

    /// A node for a child that is decoded piece by piece.
    func child(_ value: ConfigurationValue, _ step: Step, slot: Int) -> DecodingNode {
        DecodingNode(value, step: step, parent: self, usage: usage.child(at: slot))
    }
}

/// The coding key of a list index.
struct IndexKey: CodingKey {
    let index: Int
    var intValue: Int? { index }
    var stringValue: String { ConfigurationPath.step(at: index) }

    init(_ index: Int) { self.index = index }
    init?(intValue: Int) { index = intValue }
    init?(stringValue: String) { nil }
}
