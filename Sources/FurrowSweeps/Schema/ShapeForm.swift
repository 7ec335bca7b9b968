import FurrowConfiguration
import FurrowRuns

/// The JSON Schema of what may stand at a place in a section of a configuration.
struct ShapeForm {
    /// The axes that may stand there.
    enum Axes {
        /// Every one.
        case all
        /// Grids, as inside a list.
        case grids
        /// None, as inside a grid.
        case none
    }

    var axes = Axes.all
    /// Whether required keys must be there; those under `zip` may be missing elsewhere.
    var isComplete = true

    /// Names of forms that stand at many places.
    static var definitions: [JSON.Member] {
        let numbers = AxisSchema.numbers.map { JSON.mapping([$0], required: [$0.name]) }
        return [
            JSON.Member("numbers", .any(of: numbers + AxisSchema.drawn)),
            JSON.Member("drawn", .any(of: AxisSchema.drawn)),
        ]
    }

    private var inGrid: ShapeForm { ShapeForm(axes: .none, isComplete: isComplete) }
    private var inList: ShapeForm { ShapeForm(axes: axes == .none ? .none : .grids) }
    private var partial: ShapeForm { ShapeForm(axes: axes, isComplete: false) }

    /// A value of a shape, or an axis of such values.
    func value(_ shape: ConfigurationShape) -> JSON {
        guard axes != .none, shape != .anything else { return plain(shape) }
        var forms = [plain(shape), grid(of: shape)]
        if axes == .all, let name = shape.axisDefinition { forms.append(.reference(name)) }
        return .any(of: forms)
    }

    private func grid(of shape: ConfigurationShape) -> JSON {
        .mapping(
            [JSON.Member("grid", .list(of: inGrid.plain(shape), least: 1))],
            required: ["grid"]
        )
    }

    /// The section of a stage, whose other keys are in other places.
    ///
    /// - Parameter others: keys that need not be there.
    func section(_ shape: ConfigurationShape, without others: [String]) -> JSON {
        guard case .mapping(let properties, let rest) = shape else { return .anything }
        var own = properties
        for place in own.indices where others.contains(own[place].name) {
            own[place].isRequired = false
        }
        // What `include` replaces may be wrong, also in an earlier entry.
        let names = own.map { JSON.Member($0.name, .anything) }
        let combinations = JSON.list(of: Self.names(names, rest, .anything), least: 1)
        let lists = ["include", "exclude"].map { JSON.Member($0, combinations) }
        let keys = (lists + [JSON.Member("zip", .anything)]).filter { list in
            !own.contains { $0.name == list.name }
        }
        return .any(of: [
            Self.unless(
                "include",
                .list(of: .type("object"), least: 1),
                mapping(own, rest, more: lists),
                Self.names(names + keys, rest, .anything)
            ), grid(of: .mapping(own, rest: rest)),
        ])
    }

    /// Keys, of which nested ones may be written with dots.
    private static func names(
        _ keys: [JSON.Member],
        _ rest: ConfigurationShape?,
        _ nested: JSON
    ) -> JSON {
        .object([
            JSON.Member("type", .text("object")), JSON.Member("properties", .object(keys)),
            JSON.Member("patternProperties", .object([JSON.Member("\\.", nested)])),
            JSON.Member("additionalProperties", rest == nil ? .boolean(false) : nested),
        ])
    }

    // MARK: Shapes

    private func plain(_ shape: ConfigurationShape) -> JSON {
        switch shape {
        case .anything: .anything
        case .boolean: .type("boolean")
        case .integer(let least, let most):
            .object([
                JSON.Member("type", .text("integer")), JSON.Member("minimum", .number(least)),
                JSON.Member("maximum", .number(most)),
            ])
        case .number: .type("number")
        case .text: .text
        case .words(let words): Self.words(words)
        case .word(let form, let other):
            .object([
                JSON.Member("description", .text(form)),
                JSON.Member("anyOf", .array([.text, plain(other)])),
            ])
        case .optional(let shape): .any(of: [plain(shape), .type("null")])
        case .list(let element): .list(of: inList.value(element))
        case .mapping(let properties, let rest): mapping(properties, rest)
        case .choice(let cases): choice(cases)
        }
    }

    /// Words, of which some may be numbers or Booleans to YAML.
    private static func words(_ words: [ConfigurationScalar]) -> JSON {
        let form = JSON.object([
            JSON.Member(
                "enum",
                .array(
                    words.map {
                        $0.isQuoted ? .text($0.text) : JSON(number: $0.text) ?? .text($0.text)
                    }
                )
            )
        ])
        let kinds = Set(
            words.filter(\.isQuoted).map { ConfigurationScalar.kind(ofPlain: $0.text) }
        )
        var forms = [form]
        if kinds.contains(.boolean) { forms.append(.type("boolean")) }
        if kinds.contains(.integer) || kinds.contains(.float) { forms.append(.type("number")) }
        return forms.count == 1 ? form : .any(of: forms)
    }

    private func members(of properties: [ConfigurationShape.Property]) -> [JSON.Member] {
        properties.map { JSON.Member($0.name, value($0.shape)) }
    }

    /// - Parameter more: keys of the whole section.
    private func mapping(
        _ properties: [ConfigurationShape.Property],
        _ rest: ConfigurationShape?,
        more: [JSON.Member] = []
    ) -> JSON {
        guard axes == .all else { return object(properties, rest, []) }
        let lists = inGrid.partial.members(of: properties).map {
            JSON.Member($0.name, .list(of: $0.value))
        }
        let others = [JSON.Member("zip", Self.names(lists, rest, .type("array")))] + more
        let whole = object(properties, rest, others)
        guard isComplete else { return whole }
        return Self.unless(
            "zip",
            .type("object"),
            whole,
            partial.object(properties, rest, others)
        )
    }

    /// A form, or another one if there is a key with a value of some form.
    private static func unless(_ key: String, _ value: JSON, _ form: JSON, _ other: JSON) -> JSON {
        if form == other { return form }
        let condition = JSON.object([
            JSON.Member("required", .array([.text(key)])),
            JSON.Member("properties", .object([JSON.Member(key, value)])),
        ])
        return .object([
            JSON.Member("if", condition), JSON.Member("then", other), JSON.Member("else", form),
        ])
    }

    private func object(
        _ properties: [ConfigurationShape.Property],
        _ rest: ConfigurationShape?,
        _ others: [JSON.Member]
    ) -> JSON {
        var members = members(of: properties)
        for other in others {
            if let place = members.firstIndex(where: { $0.name == other.name }) {
                members[place].value = .any(of: [members[place].value, other.value])
            } else if let rest {
                members.append(JSON.Member(other.name, .any(of: [value(rest), other.value])))
            } else {
                members.append(other)
            }
        }
        let required = properties.filter { $0.isRequired && isComplete }.map(\.name)
        guard let rest else { return .mapping(members, required: required) }
        return .object([
            JSON.Member("type", .text("object")), JSON.Member("properties", .object(members)),
            JSON.Member("required", .array(required.map { .text($0) })),
            JSON.Member("additionalProperties", value(rest)),
        ])
    }

    private func choice(_ cases: [ConfigurationShape.Case]) -> JSON {
        let names = cases.filter(\.isWord).map { ConfigurationScalar(quoted: $0.name) }
        let words = names.isEmpty ? [] : [Self.words(names)]
        let zip = axes == .all ? [JSON.Member("zip", .type("object"))] : []
        let partial = JSON.mapping(self.partial.members(of: cases) + zip)
        guard isComplete else { return .any(of: words + [partial]) }
        let one = JSON.any(of: members(of: cases).map { .mapping([$0], required: [$0.name]) })
        guard axes == .all else { return .any(of: words + [one]) }
        return .any(of: words + [Self.unless("zip", .type("object"), one, partial)])
    }

    private func members(of cases: [ConfigurationShape.Case]) -> [JSON.Member] {
        cases.map { one in
            guard let values = one.values else { return JSON.Member(one.name, .anything) }
            let named = value(.mapping(values, rest: nil))
            return JSON.Member(
                one.name,
                one.unnamed.map { .any(of: [named, value($0)]) } ?? named
            )
        }
    }
}

extension ConfigurationShape {
    /// The name of the form of the axes that give such values; `nil` if none does.
    fileprivate var axisDefinition: String? {
        switch self {
        case .integer, .number, .text, .word: "numbers"
        case .boolean, .choice: "drawn"
        case .words(let words):
            words.allSatisfy { ConfigurationScalar.kind(ofPlain: $0.text) == .text }
                ? "drawn" : "numbers"
        case .optional(let shape): shape.axisDefinition
        case .anything, .list, .mapping: nil
        }
    }
}
