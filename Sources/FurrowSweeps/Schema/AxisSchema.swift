import FurrowRuns

/// The forms of the mappings that give several values.
enum AxisSchema {
    /// The settings of each axis of numbers.
    static let numbers = [
        axis("range", required: ["stop"]),
        axis("linspace", required: ["start", "stop", "num"]),
        axis("logspace", required: ["start", "stop", "num"]),
    ]

    /// Random values, or those of a file.
    static let drawn: [JSON] = [
        .mapping(
            [
                JSON.Member(
                    "random",
                    .mapping(
                        RandomAxis.distributions.map {
                            JSON.Member($0, .list(of: .anything, least: 1))
                        } + samples
                    )
                )
            ] + samples,
            required: ["random"]
        ),
        .mapping(
            [
                JSON.Member("file", .type("string")),
                JSON.Member("null-separated", .type("boolean")),
            ],
            required: ["file"]
        ),
    ]

    private static let samples = [JSON.Member("samples", number), JSON.Member("seed", number)]

    private static let number = JSON.object([
        JSON.Member("type", .array([.text("number"), .text("string")]))
    ])

    private static func axis(_ name: String, required: [String]) -> JSON.Member {
        let keys = (NumberAxis.keys[name] ?? []).map { JSON.Member($0, number) }
        return JSON.Member(name, .mapping(keys, required: required))
    }
}
