package import FurrowConfiguration
import FurrowRuns

/// The JSON Schema of an application's configurations: the sections of its stages, from the types of
/// their jobs. It knows what can be known without decoding a job; see ``ConfigurationShape``.
package struct ConfigurationSchema {
    /// What a stage reads.
    package struct Section {
        let name: String
        let sharedKeys: [String]
        let shape: ConfigurationShape

        /// - Parameters:
        ///   - name: the name of its section.
        ///   - sharedKeys: top-level keys that belong to the section, too.
        ///   - shape: what each point of the section is.
        package init(name: String, sharedKeys: [String], shape: ConfigurationShape) {
            self.name = name
            self.sharedKeys = sharedKeys
            self.shape = shape
        }
    }

    private let title: String
    private let sections: [Section]
    private let otherKeys: [String]
    private let isFixed: Bool

    /// - Parameters:
    ///   - program: the name of the application.
    ///   - sections: the sections of its stages.
    ///   - otherKeys: top-level keys with any values.
    ///   - isFixed: whether every configuration has these sections, and no others.
    package init(program: String, sections: [Section], otherKeys: [String], isFixed: Bool) {
        title = "A configuration of \(program)"
        self.sections = sections
        self.otherKeys = otherKeys
        self.isFixed = isFixed
    }

    /// The schema, to read.
    package var text: String { json.pretty }

    private var json: JSON {
        let keys = Set(sections.map(\.name) + sections.flatMap(\.sharedKeys) + otherKeys).sorted()
        return .object([
            .schemaVersion,
            JSON.Member("title", .text(title)),
            JSON.Member("type", .text("object")),
            JSON.Member(
                "properties",
                .object(keys.map { JSON.Member($0, .anything) })
            ),
            JSON.Member("patternProperties", .object([JSON.Member("^x-", .anything)])),
            JSON.Member("additionalProperties", .boolean(!isFixed)),
            JSON.Member("allOf", .array(sections.flatMap(rules))),
            JSON.Member("$defs", .object(ShapeForm.definitions)),
        ])
    }

    /// What a stage demands of its section and of the keys that it shares.
    private func rules(of section: Section) -> [JSON] {
        let form = ShapeForm().section(section.shape, without: section.sharedKeys)
        var rules = [Self.properties([JSON.Member(section.name, form)])]
        guard case .mapping(let properties, let rest) = section.shape else { return rules }
        if isFixed, Self.isNeeded(section, properties) { rules.append(Self.required(section.name)) }
        for key in section.sharedKeys where !["zip", "include", "exclude", "grid"].contains(key) {
            let property = properties.first { $0.name == key }
            let value = (property?.shape ?? rest).map { ShapeForm().value($0) } ?? .boolean(false)
            let isNeeded = isFixed && property?.isRequired == true
            // The section's own key comes first, and its axes may have the key.
            let own = JSON.any(of: [key, "zip", "include", "grid"].map(Self.required))
            rules.append(
                .object([
                    JSON.Member(
                        "if",
                        .object([
                            JSON.Member("required", .array([.text(section.name)])),
                            JSON.Member("properties", .object([JSON.Member(section.name, own)])),
                        ])
                    ),
                    JSON.Member("then", .anything),
                    JSON.Member(
                        "else",
                        .object([
                            JSON.Member("properties", .object([JSON.Member(key, value)])),
                            JSON.Member("required", .array(isNeeded ? [.text(key)] : [])),
                        ])
                    ),
                ])
            )
        }
        return rules
    }

    private static func properties(_ members: [JSON.Member]) -> JSON {
        .object([JSON.Member("properties", .object(members))])
    }

    private static func required(_ key: String) -> JSON {
        .object([JSON.Member("required", .array([.text(key)]))])
    }

    /// Whether shared keys cannot stand for a section.
    private static func isNeeded(
        _ section: Section,
        _ properties: [ConfigurationShape.Property]
    ) -> Bool {
        let shared = Set(section.sharedKeys)
        if shared.isEmpty { return true }
        return shared.isDisjoint(with: ["zip", "include"])
            && properties.contains { $0.isRequired && !shared.contains($0.name) }
    }
}
