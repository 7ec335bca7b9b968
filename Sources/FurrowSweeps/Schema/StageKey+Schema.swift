import FurrowRuns

extension StageKey {
    /// What it says, in one line.
    var summary: String {
        switch self {
        case .name: "The name of the sweep, of its runs and its stage."
        case .command: "The command: a list of arguments, or text for a shell."
        case .parameters: "The parameters and their values."
        case .include: "Combinations to add."
        case .exclude: "Combinations to leave out."
        case .tasks: "A file with one task per line."
        case .nullSeparated: "Whether tasks end in NUL bytes, as find -print0 writes them."
        case .only: "The jobs that run: numbers, or a comparison of parameters."
        case .shard: "The part of the jobs that runs: K/N."
        case .results: "Where to find metrics in a command's output."
        case .timeout: "How long an attempt may take."
        case .retries: "How often a failed job is retried."
        case .retryDelay: "How long to wait before the first retry."
        case .retryOn: "The failures that are retried."
        case .success: "The exit statuses that mean success."
        case .setup: "What each worker runs before its first job."
        case .teardown: "What each worker runs after its last job."
        case .nodeSetup: "What runs once on each node before its first job."
        case .nodeTeardown: "What runs once on each node after its last job."
        case .delay: "The time between the starts of two commands."
        case .outputLimit: "The most that a command may write."
        case .env: "Variables for the command's environment."
        case .directory: "The folder to run the command in."
        case .shell: "The shell of a command that is text."
        case .bind: "Whether commands are bound to the cores of their rank."
        case .stages: "Stages that run one after the other."
        }
    }

    /// The form of its value.
    var form: JSON {
        switch self {
        case .name, .directory, .tasks: .text
        case .command, .setup, .teardown, .nodeSetup, .nodeTeardown: .reference("command")
        case .parameters: .any(of: [.reference("parameters"), .null(or: [])])
        case .include, .exclude:
            .any(of: [.list(of: .object([JSON.Member("type", .text("object"))])), .null(or: [])])
        case .nullSeparated, .bind: .type("boolean")
        case .only:
            .any(of: [
                .text,
                .list(
                    of: .any(of: [.integer(1...Int.max), .matching("^[0-9., ]+$")]),
                    least: 1
                ),
            ])
        case .shard: .matching("^[0-9]{1,9}/[0-9]{1,9}$")
        case .results:
            .any(of: [
                .object([
                    JSON.Member("type", .text("object")),
                    JSON.Member("additionalProperties", .reference("metric")),
                ]), .null(or: []),
            ])
        case .timeout: .reference("positiveTime")
        case .retryDelay, .delay: .reference("time")
        case .retries: .any(of: [.integer(0...Int.max), .matching("^[0-9]+$")])
        case .success: .oneOrMore(.any(of: [.integer(0...255), .matching("^[0-9]{1,3}$")]))
        case .retryOn:
            .oneOrMore(
                .any(of: [
                    .integer(1...255), .matching("^([0-9]{1,3}|signal|timeout|SIG[A-Z0-9]+)$"),
                ])
            )
        case .outputLimit:
            .any(of: [
                .integer(1...Int.max), .matching("^[0-9]+(\\.[0-9]+)?\\s*[KMGTkmgt]?(i?[Bb])?$"),
            ])
        case .env:
            .any(of: [
                .object([
                    JSON.Member("type", .text("object")),
                    JSON.Member("propertyNames", .matching("^[^=]+$")),
                    JSON.Member("additionalProperties", .text),
                ]), .null(or: []),
            ])
        case .shell: .any(of: [.text, .list(of: .text, least: 1)])
        case .stages: .list(of: .reference("stage"), least: 1)
        }
    }
}

extension MetricKey {
    /// The form of its value.
    var form: JSON {
        switch self {
        case .regex: .type("string")
        case .number, .key: .text
        case .json: .object([JSON.Member("const", .text("last-line"))])
        case .required: .type("boolean")
        }
    }
}
