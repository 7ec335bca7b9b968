package import FurrowRuns

/// The JSON Schema of sweep files, from the tables that their reader uses. It knows all that can be
/// known without the files that a sweep names, and without its placeholders.
package enum SweepSchema {
    /// The schema.
    package static var json: JSON {
        let stage = properties(StageKey.allCases.filter { $0 != .stages })
        return .object([
            .schemaVersion,
            JSON.Member("title", .text("A sweep file of Furrow")),
            JSON.Member("type", .text("object")),
            JSON.Member("if", .object([JSON.Member("required", .array([.text("stages")]))])),
            JSON.Member("then", .mapping(named(properties([.name, .stages])))),
            JSON.Member(
                "else",
                .object([
                    JSON.Member(
                        "allOf",
                        .array([.mapping(named(stage)), .reference("hasCommand")])
                    )
                ])
            ),
            JSON.Member("$defs", .object(definitions(stage))),
        ])
    }

    /// The schema, to read.
    package static var text: String { json.pretty }

    private static func properties(_ keys: [StageKey]) -> [JSON.Member] {
        keys.map { key in
            guard case .object(let form) = key.form else {
                return JSON.Member(key.rawValue, key.form)
            }
            return JSON.Member(
                key.rawValue,
                .object([JSON.Member("description", .text(key.summary))] + form)
            )
        }
    }

    /// With the rule for the name of a sweep, which is that of a directory.
    private static func named(_ properties: [JSON.Member]) -> [JSON.Member] {
        let directory = JSON.any(of: [
            .matching("^(?!latest$)[^./][^/]*$"),
            .object([JSON.Member("type", .array([.text("number"), .text("boolean")]))]),
        ])
        return properties.map { member in
            guard member.name == StageKey.name.rawValue, case .object(let form) = member.value,
                case .object(let rule) = directory
            else { return member }
            return JSON.Member(member.name, .object(form.filter { $0.name != "type" } + rule))
        }
    }

    private static func definitions(_ stage: [JSON.Member]) -> [JSON.Member] {
        let argument = JSON.null(or: ["string", "number", "boolean"])
        let pattern = "^([0-9.]+(ms|s|m|h)?|[0-9]+:[0-9]+:[0-9]+|[0-9]+-[0-9]+(:[0-9]+){0,2})$"
        return [
            JSON.Member(
                "stage",
                .object([JSON.Member("allOf", .array([.mapping(stage), .reference("hasCommand")]))])
            ),
            JSON.Member(
                "hasCommand",
                .any(
                    of: [StageKey.command, .tasks].map {
                        .object([JSON.Member("required", .array([.text($0.rawValue)]))])
                    }
                )
            ),
            JSON.Member(
                "command",
                .any(of: [
                    .matching("^[^\\u0000]+$"), .type("number"), .type("boolean"),
                    .list(of: .any(of: [argument, .list(of: argument, least: 1)]), least: 1),
                ])
            ),
            JSON.Member("time", .any(of: [.matching(pattern), number("minimum")])),
            JSON.Member(
                "positiveTime",
                .any(of: [.matching(pattern), number("exclusiveMinimum")])
            ),
            JSON.Member("metric", metric),
            JSON.Member(
                "parameters",
                .object([
                    JSON.Member("type", .text("object")),
                    JSON.Member("properties", .object([JSON.Member("zip", zip)])),
                    JSON.Member("additionalProperties", .reference("value")),
                ])
            ),
            JSON.Member("value", value),
        ]
    }

    private static func number(_ bound: String) -> JSON {
        .object([JSON.Member("type", .text("number")), JSON.Member(bound, .number("0"))])
    }

    /// One source, and whether it is required.
    private static var metric: JSON {
        let keys = MetricKey.allCases.map { JSON.Member($0.rawValue, $0.form) }
        guard case .object(let mapping) = JSON.mapping(keys) else { return .boolean(true) }
        let sources: [MetricKey] = [.regex, .number, .json]
        let one = JSON.array(
            sources.map { .object([JSON.Member("required", .array([.text($0.rawValue)]))]) }
        )
        let dependence = JSON.object([
            JSON.Member(MetricKey.key.rawValue, .array([.text(MetricKey.json.rawValue)]))
        ])
        return .object(
            mapping + [JSON.Member("oneOf", one), JSON.Member("dependentRequired", dependence)]
        )
    }

    private static var zip: JSON {
        .object([JSON.Member("additionalProperties", .list(of: .boolean(true)))])
    }

    /// A parameter's value, one of the mappings that give several, or a group of parameters.
    private static var value: JSON {
        let plain = JSON.null(or: ["string", "number", "boolean", "array"])
        func alternative(_ key: String, _ form: JSON) -> JSON {
            .object([
                JSON.Member(
                    "if",
                    .object([
                        JSON.Member("type", .text("object")),
                        JSON.Member("required", .array([.text(key)])),
                        JSON.Member("maxProperties", .number("1")),
                        JSON.Member(
                            "properties",
                            .object([
                                JSON.Member(key, form.isAList ? .boolean(true) : .type("object"))
                            ])
                        ),
                    ])
                ),
                JSON.Member("then", .mapping([JSON.Member(key, form)])),
            ])
        }
        let group = JSON.object([
            JSON.Member("type", .text("object")),
            JSON.Member("properties", .object([JSON.Member("zip", zip)])),
        ])
        return .object([
            JSON.Member("anyOf", .array([plain, group])),
            JSON.Member(
                "allOf",
                .array(
                    [alternative("grid", .list(of: .boolean(true), least: 1))]
                        + AxisSchema.numbers.map { alternative($0.name, $0.value) }
                )
            ),
        ])
    }
}

extension JSON {
    fileprivate var isAList: Bool { self["type"] == .text("array") }
}
