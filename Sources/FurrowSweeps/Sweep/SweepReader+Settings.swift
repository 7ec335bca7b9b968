import FurrowConfiguration
import FurrowRuns
import FurrowSystem

extension SweepReader {
    /// The shell of a stage; `nil` if it names none.
    func shell(_ stage: ConfigurationValue) throws -> Shell? {
        guard let value = stage["shell"] else { return nil }
        let words: [String]
        if let elements = value.elements {
            words = try elements.map { try text($0, "shell") }
        } else {
            words = try text(value, "shell").split(whereSeparator: \.isWhitespace).map {
                String($0)
            }
        }
        guard words.first.map({ !$0.isEmpty }) == true else {
            throw error(value, "'shell' must be a program and its options", "for example bash")
        }
        return Shell(words: words)
    }

    /// What ends of a stage's commands mean.
    func exits(_ stage: ConfigurationValue) throws -> ExitRules {
        var rules = ExitRules()
        if let success = stage["success"] {
            rules.success = try words(success, "success", ExitRules.statusForm).map { value, word in
                guard let status = ExitRules.status(word) else {
                    throw error(value, "'success' has '\(word)'", "must be \(ExitRules.statusForm)")
                }
                return status
            }
        }
        if let retried = stage["retry-on"] {
            rules.retried = try words(retried, "retry-on", ExitRules.failureForm).map {
                value,
                word in
                guard let failure = ExitRules.Failure(word) else {
                    throw error(
                        value,
                        "'retry-on' has '\(word)'",
                        "must be \(ExitRules.failureForm)"
                    )
                }
                return failure
            }
        }
        return rules
    }

    /// A list of words, or one alone.
    private func words(
        _ value: ConfigurationValue,
        _ key: String,
        _ form: String
    ) throws -> [(ConfigurationValue, String)] {
        let elements = value.elements ?? [value]
        guard !elements.isEmpty else {
            throw error(value, "the list of '\(key)' is empty", "each must be \(form)")
        }
        return try elements.map { element in
            guard let scalar = element.scalar, scalar.kind != .null else {
                throw error(
                    element,
                    "'\(key)' must have a number or a word, or a list of them",
                    "each must be \(form)"
                )
            }
            return (element, scalar.text)
        }
    }

    /// `true` or `false`, which is what a missing key means.
    func boolean(_ stage: ConfigurationValue, _ key: StageKey) throws -> Bool {
        guard let value = stage[key.rawValue] else { return false }
        guard let scalar = value.scalar, scalar.kind == .boolean else {
            throw error(value, "'\(key.rawValue)' must be true or false")
        }
        return scalar.text.lowercased() == "true"
    }

    /// The jobs of a stage that run; `nil`: all.
    func selection(
        _ stage: ConfigurationValue,
        _ space: ParameterSpace
    ) throws -> JobSelection? {
        var selection = JobSelection(count: space.count, names: space.names)
        if let only = stage["only"] {
            do {
                try selection.restrict(to: try chosen(only), in: space)
            } catch let problem as JobSelection.Problem {
                throw error(only, "'only': \(problem)")
            }
        }
        if let shard = stage["shard"] {
            guard let part = Shard(try text(shard, "shard")) else {
                throw error(shard, "'shard' must be \(Shard.form)", "for example 1/4")
            }
            selection.restrict(to: part)
        }
        return selection.isWhole ? nil : selection
    }

    /// The jobs that `only` names, as text: a list of numbers may also be one of YAML.
    private func chosen(_ only: ConfigurationValue) throws -> String {
        guard let elements = only.elements else { return try text(only, "only") }
        guard !elements.isEmpty else {
            throw error(only, "the list of 'only' is empty", "name jobs, or remove it")
        }
        let parts = try elements.map { element in
            guard let part = element.scalar?.text, JobSelection.areNumbers(part) else {
                throw error(
                    element,
                    "a list of 'only' must have numbers of jobs and ranges, such as [1, 4, 8..20]",
                    "write a comparison as text: 'lr == 0.1'"
                )
            }
            return part
        }
        return parts.joined(separator: ",")
    }

    /// The commands around a stage's jobs.
    func hooks(_ stage: ConfigurationValue) throws -> StageHooks {
        var hooks = StageHooks()
        hooks.setup = try hook(stage, .setup)
        hooks.teardown = try hook(stage, .teardown)
        hooks.nodeSetup = try hook(stage, .nodeSetup)
        hooks.nodeTeardown = try hook(stage, .nodeTeardown)
        return hooks
    }

    private func hook(_ stage: ConfigurationValue, _ key: StageKey) throws -> CommandTemplate? {
        guard let value = stage[key.rawValue] else { return nil }
        let hook = try command(value, key.rawValue, of: stage, try shell(stage))
        for name in hook.templates.flatMap({ $0.names(among: []) })
        where !Template.namesWithoutJob.contains(name) {
            throw error(
                value,
                "'\(key.rawValue)' uses '\(name)', but runs without a job",
                "valid: \(Template.namesWithoutJob.joined(separator: ", "))"
            )
        }
        return hook
    }

    /// A number of bytes.
    func size(_ stage: ConfigurationValue, _ key: StageKey) throws -> Int? {
        guard let value = stage[key.rawValue] else { return nil }
        guard let size = value.scalar.flatMap({ ByteSize($0.text) }) else {
            throw error(value, "'\(key.rawValue)' must be \(ByteSize.form)")
        }
        return size.bytes
    }

    /// What defines a stage's jobs besides their parameters.
    func definition(_ stage: ConfigurationValue) -> [String: String] {
        let keys: [StageKey] = [.command, .shell, .env, .directory, .results]
        return keys.reduce(into: [:]) { definition, key in
            guard let value = stage[key.rawValue] else { return }
            definition[key.rawValue] =
                JobIdentity(stage: key.rawValue, canonical: Array(value.json.utf8)).description
        }
    }
}
