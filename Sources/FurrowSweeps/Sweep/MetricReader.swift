import Foundation
import FurrowConfiguration

/// Reads the `results` of a stage.
struct MetricReader {
    let error: ConfigurationError.InFile

    func rules(_ results: ConfigurationValue?) throws -> [MetricRule] {
        guard let results, !results.isEmpty else { return [] }
        guard let entries = results.entries else {
            throw error(results, "'results' must be a mapping", "write 'metric: {regex: …}'")
        }
        return try entries.map { entry in
            let settings = AxisSettings(
                kind: "results.\(entry.key)",
                value: entry.value,
                entries: entry.value.entries ?? []
            )
            try settings.check(["regex", "json", "key", "required"], error)
            var rule = MetricRule(name: entry.key, source: try source(settings, entry.key))
            if let required = settings["required"] {
                guard let scalar = required.scalar, scalar.kind == .boolean else {
                    throw error(required, "'required' must be true or false")
                }
                rule.isRequired = scalar.text.lowercased() == "true"
            }
            return rule
        }
    }

    private func source(_ settings: AxisSettings, _ name: String) throws -> MetricRule.Source {
        switch (settings["regex"], settings["json"]) {
        case (let regex?, nil):
            guard settings["key"] == nil else {
                throw error(settings.value, "'key' needs 'json', not 'regex'")
            }
            return .pattern(try pattern(regex))
        case (nil, let json?):
            guard json.scalar?.text == "last-line" else {
                throw error(json, "'json' must be 'last-line'")
            }
            return .lastLine(key: settings["key"]?.scalar?.text ?? name)
        default:
            throw error(
                settings.value,
                "the metric '\(name)' has \(settings["regex"] == nil ? "no source" : "two sources")",
                "write {regex: '…'} or {json: last-line}"
            )
        }
    }

    private func pattern(_ value: ConfigurationValue) throws -> String {
        guard let text = value.scalar?.text else { throw error(value, "'regex' must be text") }
        let expression: NSRegularExpression
        do {
            expression = try NSRegularExpression(pattern: text)
        } catch {
            throw self.error(value, "'\(text)' is not a valid regular expression")
        }
        guard expression.numberOfCaptureGroups == 1 else {
            throw error(
                value,
                "'\(text)' has \(expression.numberOfCaptureGroups) groups",
                "put only the value in (…), and use (?:…) for other groups"
            )
        }
        return text
    }
}
