import FurrowSweeps

extension Pipeline where Arguments == Configuration {
    /// The JSON Schema of the configurations of a program with this pipeline.
    ///
    /// - Parameters:
    ///   - program: the program's name.
    ///   - otherKeys: top-level keys that it reads itself.
    func schema(of program: String, otherKeys: [String]) -> String {
        ConfigurationSchema(
            program: program,
            sections: sources.map { source in
                ConfigurationSchema.Section(
                    name: source.section,
                    sharedKeys: source.sharedKeys,
                    shape: source.pointType.map { ConfigurationShape(of: $0) } ?? .anything
                )
            },
            otherKeys: otherKeys,
            isFixed: isFixed
        ).text
    }
}
