import Foundation
import Testing

@testable import FurrowConfiguration

private func decode<T: Decodable>(_ type: T.Type, _ yaml: String) throws -> T {
    let configuration = try Configuration(parsing: "value: \(yaml)", file: "test.yaml")
    return try ConfigurationDecoder(file: "test.yaml").decode(
        type,
        from: try #require(configuration.root["value"]),
        at: ["value"]
    )
}

@Suite struct WordTests {
    private enum Noise: Codable, Equatable {
        enum Shape: String, Codable { case round, flat }
        struct Range: Codable, Equatable {
            var low: Int
            var high: Int
        }
        case off
        case fixed(Double)
        case ranged(Range)
        case named(level: Int, Bool?)
        case shaped(Shape)
        indirect case inside(Noise)
    }

    @Test func typesOfFoundationAreWords() throws {
        #expect(try decode(URL.self, "https://example.com/a?b=1").host() == "example.com")
        #expect(try decode(Decimal.self, "0.1") == Decimal(string: "0.1"))
        #expect(try decode([Data].self, "[SGVsbG8=]") == [Data("Hello".utf8)])
        #expect(try decode(Data.self, "[1, 2]") == Data([1, 2]))
        #expect(try decode(Duration.self, "90s") == .seconds(90))
        #expect(try decode([String: Duration].self, "{a: 1.5m}") == ["a": .seconds(90)])
        #expect(try decode(Duration?.self, "null") == nil)
        let id = UUID()
        #expect(try decode(UUID.self, id.uuidString) == id)
    }

    @Test(arguments: [
        ("2026-01-31", 1_769_817_600.0), ("2026-01-31T12:00:00Z", 1_769_860_800),
        ("2026-01-31T12:00:00.5Z", 1_769_860_800.5), ("2026-01-31T12:00:00+01:00", 1_769_857_200),
        ("2026-01-31T12:00:00", 1_769_860_800),
    ])
    func datesAreWrittenAsInISO8601(text: String, seconds: Double) throws {
        #expect(try decode(Date.self, text).timeIntervalSince1970 == seconds)
        #expect(try decode(Date.self, "1.5") == Date(timeIntervalSinceReferenceDate: 1.5))
    }

    @Test func casesAreWordsAndSingleValuesNeedNoName() throws {
        #expect(try decode(Noise.self, "off") == .off)
        #expect(try decode(Noise.self, "{off: {}}") == .off)
        #expect(try decode(Noise.self, "{fixed: 3}") == .fixed(3))
        #expect(try decode(Noise.self, "{fixed: {_0: 3}}") == .fixed(3))
        #expect(
            try decode(Noise.self, "{ranged: {low: 1, high: 2}}")
                == .ranged(.init(low: 1, high: 2))
        )
        #expect(try decode(Noise.self, "{named: {level: 2, _1: true}}") == .named(level: 2, true))
        #expect(try decode(Noise.self, "{shaped: flat}") == .shaped(.flat))
        #expect(try decode([Noise].self, "[off, {inside: off}]") == [.off, .inside(.off)])
        #expect(try decode(Noise.self, "{inside: {fixed: 0.5}}") == .inside(.fixed(0.5)))
    }

    @Test(arguments: [
        ("url", "''", "a URL"), ("decimal", "many", "a number"), ("date", "today", "a date"),
        ("date", "2026-13-40", "a date"), ("data", "'***'", "Base64"),
        ("duration", "soon", "a duration"), ("noise", "{ranged: {low: 1, hihg: 2}}", "hi"),
        ("noise", "{ranged: {low: 1, high: 2, more: 3}}", "unknown key 'more'"),
        ("noise", "loud", "mapping"), ("noise", "{fixed: [1]}", "a number"),
    ])
    func aWrongWordIsNamedWithItsPlace(kind: String, yaml: String, words: String) throws {
        struct All: Decodable {
            var url: URL?
            var decimal: Decimal?
            var date: Date?
            var data: Data?
            var duration: Duration?
            var noise: Noise?
        }
        let error = #expect(throws: ConfigurationError.self) {
            try decode(All.self, "{\(kind): \(yaml)}")
        }
        let text = try #require(error?.description)
        #expect(text.contains(words), "\(text)")
        #expect(text.contains("test.yaml:1:"), "\(text)")
    }
}
