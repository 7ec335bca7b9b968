import FurrowRuns

/// The forms of the mappings that give several values.
enum AxisSchema {
    /// The settings of each axis of numbers.
    static let numbers = [
        axis("range", ["start", "stop", "step", "width"], required: ["stop"]),
        axis("linspace", ["start", "stop", "num"], required: ["start", "stop", "num"]),
        axis("logspace", ["start", "stop", "num", "base"], required: ["start", "stop", "num"]),
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

    private static func axis(_ name: String, _ keys: [String], required: [String]) -> JSON.Member {
        JSON.Member(name, .mapping(keys.map { JSON.Member($0, number) }, required: required))
    }
}
