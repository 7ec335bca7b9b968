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
            try settings.check(MetricKey.allCases.map(\.rawValue), error)
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
        let given = ["regex", "number", "json"].filter { settings[$0] != nil }
        guard given.count == 1 else {
            throw error(
                settings.value,
                "the metric '\(name)' has \(given.isEmpty ? "no source" : "two sources")",
                "write {number: WORD}, {regex: '…'} or {json: last-line}"
            )
        }
        guard settings["key"] == nil || given == ["json"] else {
            throw error(settings.value, "'key' needs 'json', not '\(given[0])'")
        }
        if let regex = settings["regex"] { return .pattern(try pattern(regex)) }
        if let number = settings["number"] { return .pattern(try pattern(ofNumberAfter: number)) }
        guard let json = settings["json"], json.scalar?.text == "last-line" else {
            throw error(settings["json"] ?? settings.value, "'json' must be 'last-line'")
        }
        return .lastLine(key: settings["key"]?.scalar?.text ?? name)
    }

    /// A number in any usual form, also NaN and infinity; without a full stop that ends a sentence.
    /// It may have a unit. The beginning of a longer one, such as `1,234`, `1_000`, `0x10` and
    /// `1.2.3`, is none.
    private static let number =
        #"([+-]?(?:(?:[0-9]++(?:\.[0-9]++|\.(?=[eE][+-]?[0-9])|\.(?![0-9A-Za-z.#]))?+|\.[0-9]++)"#
        + #"(?:[eE][+-]?[0-9]++)?+(?!_[0-9]|[xX][0-9A-Fa-f]|\.[0-9#]|,[0-9]{3}(?![0-9]))"#
        + #"|(?i:nan|inf(?:inity)?)\b))"#
    /// What sets the colour in a terminal.
    private static let colour = #"\u001B\[[0-9;]{0,20}m"#
    /// What may stand between a word and its number: spaces, marks, colours; then perhaps a bracket
    /// or a call such as `tensor(`.
    private static let between = #"(?:[\s:=|>"')\]]|"# + colour + ")"

    private func pattern(ofNumberAfter value: ConfigurationValue) throws -> String {
        let text = value.scalar?.text.trimmingCharacters(in: .whitespaces)
        guard let word = text, !word.isEmpty, value.scalar?.kind != .null else {
            throw error(value, "'number' must be the word before the number")
        }
        func isLetter(_ character: Character?) -> Bool {
            character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
        }
        let start = isLetter(word.first) ? "(?:(?<![\\p{L}\\p{N}_])|(?<=\(Self.colour)))" : ""
        let gap = isLetter(word.last) ? "\(Self.between)+" : "\(Self.between)*"
        return start + NSRegularExpression.escapedPattern(for: word) + gap
            + #"(?:(?:[A-Za-z_][\w.]*)?[(\[]+\s*)?"# + Self.number
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
