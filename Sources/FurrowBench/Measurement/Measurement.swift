import ArgumentParser
import Foundation

/// The result of one case: its main figure, and further ones.
struct Measurement: Codable, Sendable {
    struct Detail: Codable, Sendable {
        var name: String
        var figure: Double
        var unit: String
    }

    var name: String
    var figure: Double
    var unit: String
    var details: [Detail] = []

    init(_ name: String, _ figure: Double, _ unit: String) {
        self.name = name
        self.figure = figure
        self.unit = unit
    }

    func with(_ name: String, _ figure: Double, _ unit: String) -> Measurement {
        var copy = self
        copy.details.append(Detail(name: name, figure: figure, unit: unit))
        return copy
    }

    /// `case: figure unit (name figure unit, …)`
    var line: String {
        let head = "\(name): \(readable(figure)) \(unit)"
        guard !details.isEmpty else { return head }
        let rest = details.map { "\($0.name) \(readable($0.figure)) \($0.unit)" }
        return "\(head) (\(rest.joined(separator: ", ")))"
    }

    private enum CodingKeys: String, CodingKey {
        case name = "case"
        case figure, unit, details
    }
}

/// A figure with three significant digits, or all digits before the decimal point.
func readable(_ figure: Double) -> String {
    guard figure.isFinite, figure != 0 else { return "\(figure)" }
    let digits = max(0, 2 - Int(log10(abs(figure)).rounded(.down)))
    return String(format: "%.\(min(digits, 9))f", figure)
}

/// How a case prints its result.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false

    func print(_ measurement: Measurement) throws {
        guard json else { return Swift.print(measurement.line) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        Swift.print(String(decoding: try encoder.encode(measurement), as: UTF8.self))
    }
}

/// A benchmark that did not do what it should: its time means nothing.
struct WrongResult: Error, CustomStringConvertible {
    let description: String

    /// - Throws: this error, if the condition is false.
    static func unless(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
        if !condition { throw WrongResult(description: "wrong result: \(problem())") }
    }
}
