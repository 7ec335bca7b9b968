import ArgumentParser
import Furrow
import FurrowCommands
import FurrowSweeps

/// `furrow schema`
struct Schema: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of sweep files, for editors.",
        discussion: """
            Editors that know YAML complete and check a sweep file whose first line is
            # yaml-language-server: $schema=furrow.schema.json

            Example: furrow schema >furrow.schema.json
            """
    )

    func run() throws { print(SweepSchema.text) }
}
