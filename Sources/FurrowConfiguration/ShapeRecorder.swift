/// Finds the shapes of types: lets them decode themselves from values that it makes up, and notes
/// what they ask for.
final class ShapeRecorder {
    /// What is known of a type.
    struct Description {
        var shape = ConfigurationShape.anything
        /// Some of its values, to let other types decode themselves.
        var samples: [Any] = []
    }

    /// No configuration is deeper.
    static let deepest = 50

    private var known: [ObjectIdentifier: Description] = [:]
    private var begun: Set<ObjectIdentifier> = []

    /// Describes a type. Inside itself a type is not described.
    func description<T: Decodable>(of type: T.Type) -> Description {
        if let scalar = type as? any ScalarReadable.Type {
            return Description(shape: scalar.shape, samples: scalar.samples)
        }
        let id = ObjectIdentifier(type)
        if let known = known[id] { return known }
        // Generic types may go on for ever without one of them inside itself.
        guard begun.count < Self.deepest, begun.insert(id).inserted else { return Description() }
        defer { begun.remove(id) }
        var description = TypeTrials<T>(recorder: self).description
        if let word = Word(type) { description.shape = .word(word.form, or: description.shape) }
        known[id] = description
        return description
    }
}

/// Something that a type asked its decoder for.
struct ShapeRequest: Hashable {
    /// What was asked.
    enum Kind: Hashable {
        /// To open a mapping with keys of a type.
        case mapping(ObjectIdentifier)
        /// To open a list.
        case list
        /// All keys of a mapping.
        case keys
        /// Whether there is a value, or whether one is null.
        case presence
        /// Whether the value of a key, which must be there, is null.
        case null
        /// A value of a type.
        case value(ObjectIdentifier)
    }

    let path: [String]
    let kind: Kind
    /// How many answers there are.
    let answerCount: Int

    /// Whether it asks if there is a value.
    var isOfPresence: Bool { kind == .presence || kind == .null }

    /// Whether an error may be the answer.
    var isRefusable: Bool { kind != .presence && kind != .keys }
}

/// What a type asks for in one attempt to decode it.
final class ShapeRecording {
    /// Which answer a request gets.
    enum Answer: Hashable {
        /// One of the possible answers.
        case number(Int)
        /// An error.
        case refusal
    }

    let recorder: ShapeRecorder
    /// Whether the type is an enumeration.
    let isEnumeration: Bool
    /// The number of elements of lists.
    let elementCount: Int
    /// The answers to requests that do not get the first one.
    let answers: [ShapeRequest: Answer]
    private(set) var requests: [ShapeRequest] = []
    /// Whether a value was asked for that cannot be made up.
    private(set) var isStuck = false
    /// Whether it decoded itself as long as there were values.
    private(set) var isTooDeep = false
    /// Whether the type may be in a loop, in which it goes over what it cannot decode.
    var isTooLong: Bool { requests.count > 10_000 }

    init(
        _ recorder: ShapeRecorder,
        isEnumeration: Bool,
        elementCount: Int,
        answers: [ShapeRequest: Answer]
    ) {
        self.recorder = recorder
        self.isEnumeration = isEnumeration
        self.elementCount = elementCount
        self.answers = answers
    }

    /// Notes a request.
    ///
    /// - Returns: the number of the answer that it gets.
    /// - Throws: a ``ConfigurationError``, as the containers of the reader do.
    @discardableResult
    func answer(
        _ kind: ShapeRequest.Kind,
        at path: [String],
        of answerCount: Int = 1
    ) throws(ConfigurationError) -> Int {
        let request = ShapeRequest(path: path, kind: kind, answerCount: answerCount)
        requests.append(request)
        if path.count > ShapeRecorder.deepest {
            isTooDeep = true
            throw Self.refusal
        }
        if isTooLong { throw Self.refusal }
        switch answers[request] ?? .number(0) {
        case .number(let number): return number
        case .refusal: throw Self.refusal
        }
    }

    /// Makes up a value.
    func value<T: Decodable>(_ type: T.Type, at node: ShapeNode) throws(ConfigurationError) -> T {
        let found = recorder.description(of: type)
        node.values.append(found.shape)
        let kind = ShapeRequest.Kind.value(ObjectIdentifier(type))
        let number = try answer(kind, at: node.path, of: found.samples.count)
        guard number < found.samples.count, let value = found.samples[number] as? T else {
            isStuck = true
            throw Self.refusal
        }
        return value
    }

    static var refusal: ConfigurationError { ConfigurationError(file: "", problem: "no value") }
}
