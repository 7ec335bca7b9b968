import FurrowConfiguration
import FurrowSystem

/// What a sweep file must not have.
extension SweepReader {
    /// Refuses mappings that were meant to give several values.
    func checkAxes(_ mistakes: [AxisMistake], _ settings: StageSettings) throws {
        // A run that has begun goes on.
        guard !inputs.isKept, !mistakes.isEmpty else { return }
        let used = Set(settings.templates.flatMap { $0.names(among: []) })
        if let mistake = mistakes.first(where: { $0.isCertain(where: used) }) {
            throw mistake.error
        }
    }

    func checkTemplates(
        _ settings: StageSettings,
        _ space: ParameterSpace,
        _ stage: ConfigurationValue,
        isFirst: Bool
    ) throws {
        let templates =
            settings.command.templates.map { ($0, "command") }
            + settings.environment.map { ($0.value, "env") }
            + (settings.directory.map { [($0, "directory")] } ?? [])
        let (common, all) = (space.commonNames, space.names)
        for (template, key) in templates {
            do throws(TemplateError) {
                try template.check(all)
            } catch {
                throw self.error(stage[key] ?? stage, "'\(key)': \(error.problem)", error.remedy)
            }
            let names = template.names(among: all)
            if isFirst, names.contains("previous_results"), !all.contains("previous_results") {
                throw error(
                    stage[key] ?? stage,
                    "'\(key)' uses 'previous_results', but this is the first stage"
                )
            }
            for name in template.names(among: all, optional: false) where all.contains(name) {
                guard !common.contains(name) else { continue }
                if let place = try firstIndex(of: space, lacking: name, stage) {
                    throw error(
                        stage[key] ?? stage,
                        "'\(key)' uses '\(name)', but job \(place + 1) has no such parameter",
                        "give it to every job, or write {\(name)?} to leave the argument out"
                    )
                }
            }
        }
    }

    func firstIndex(
        of space: ParameterSpace,
        lacking name: String,
        _ stage: ConfigurationValue
    ) throws -> Int? {
        do {
            return try space.firstIndex(lacking: name)
        } catch {
            throw self.error(stage["exclude"] ?? stage, error.description, error.remedy)
        }
    }

    func warn(_ settings: StageSettings, _ space: ParameterSpace) -> [String] {
        var warnings = space.repetitions.map {
            "\(file): \($0) is given twice, and runs twice"
        }
        if case .line = settings.command { return [] }
        let names = space.names
        let used = Set(settings.templates.flatMap { $0.names(among: names) })
        for name in names where !used.contains(name) {
            warnings.append(
                "\(file): no placeholder uses the parameter '\(name)'; the command finds it in "
                    + "$FURROW_PARAMS"
            )
        }
        // Among other jobs it may well be meant; alone it hardly is.
        if space.count == 1 {
            for parameter in space.fixed where parameter.value.kind == .json {
                guard used.contains(parameter.name) else { continue }
                warnings.append(
                    "\(file): the value of '\(parameter.name)' in the only job is a whole list; for a "
                        + "job for each of its values write {grid: \(parameter.value.shortText)}"
                )
            }
        }
        return warnings
    }

    func check(
        _ mapping: ConfigurationValue,
        _ valid: [String],
        _ place: String
    ) throws {
        for entry in mapping.entries ?? [] where !valid.contains(entry.key) {
            throw error(
                entry.keyPosition,
                "unknown key '\(entry.key)' in \(place)",
                NearestName.remedy(for: entry.key, among: valid)
            )
        }
    }
}

extension ParameterValue {
    /// A list, if it is short.
    fileprivate var shortText: String { bytes.count <= 40 ? text : "[…]" }
}
