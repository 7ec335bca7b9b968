import Foundation
import Testing

@testable import FurrowConfiguration

private typealias Shape = ConfigurationShape

private func shape(_ type: any Decodable.Type) -> Shape { Shape(of: type) }

private func required(_ name: String, _ shape: Shape) -> Shape.Property {
    Shape.Property(name: name, shape: shape, isRequired: true)
}

private func possible(_ name: String, _ shape: Shape) -> Shape.Property {
    Shape.Property(name: name, shape: shape, isRequired: false)
}

private let byte = Shape.integer(least: "0", most: "255")

@Suite struct ShapeTests {
    @Test func singleValues() {
        #expect(shape(Bool.self) == .boolean)
        #expect(shape(UInt8.self) == byte)
        #expect(shape(Int.self) == .integer(least: "\(Int.min)", most: "\(Int.max)"))
        #expect(shape(Double.self) == .number && shape(Float.self) == .number)
        #expect(shape(String.self) == .text && shape(UUID.self) == .text)
        #expect(shape(Double?.self) == .optional(.number))
    }

    @Test func typesOfFoundation() {
        func form(_ type: any Decodable.Type) -> (String, Shape)? {
            if case .word(let form, or: let other) = shape(type) { (form, other) } else { nil }
        }
        #expect(form(Date.self)?.0.hasPrefix("a date") == true)
        #expect(form(Date.self)?.1 == .number)
        #expect(form(Data.self)?.1 == .list(byte))
        #expect(form(Duration.self)?.0.hasPrefix("a duration") == true)
        #expect(form(URL.self)?.0.hasPrefix("a URL") == true)
        #expect(form(Decimal.self)?.0 == "a number")
    }

    @Test func listsAndDictionaries() {
        #expect(shape([UInt8].self) == .list(byte))
        #expect(shape([String?].self) == .list(.optional(.text)))
        #expect(shape(Set<String>.self) == .list(.text))
        #expect(shape(ClosedRange<Double>.self) == .list(.number))
        #expect(shape([String: [Bool]].self) == .mapping([], rest: .list(.boolean)))
        #expect(shape([Int: Bool].self) == .mapping([], rest: .boolean))
    }

    private enum Word: String, Codable {
        case small
        case large = "LARGE"
    }
    private enum Level: Int, Codable {
        case low = 1
        case high = 2
    }
    private enum Only: String, Codable { case one }

    @Test func wordsAreTheRawValues() {
        #expect(
            shape(Word.self)
                == .words([
                    ConfigurationScalar(quoted: "small"), ConfigurationScalar(quoted: "LARGE"),
                ])
        )
        #expect(
            shape(Level.self)
                == .words([ConfigurationScalar(plain: "1"), ConfigurationScalar(plain: "2")])
        )
        #expect(shape(Only.self) == .words([ConfigurationScalar(quoted: "one")]))
    }

    private struct Model: Codable {
        struct Inner: Codable {
            var on: Bool
            enum CodingKeys: String, CodingKey { case on = "is_on" }
        }
        var id: UUID
        var name: String?
        var word: Word
        var inner: Inner
        var list: [Inner]
        var left: Int { 3 }
    }

    @Test func propertiesAreKeys() {
        let inner = Shape.mapping([required("is_on", .boolean)], rest: nil)
        #expect(
            shape(Model.self)
                == .mapping(
                    [
                        required("id", .text), possible("name", .optional(.text)),
                        required("word", shape(Word.self)), required("inner", inner),
                        required("list", .list(inner)),
                    ],
                    rest: nil
                )
        )
    }

    private final class Tree: Codable {
        var left: Tree?
        var right: Tree?
        var children: [Tree]
        var size: Bool
    }

    @Test func aTypeInsideItselfIsAnything() {
        #expect(
            shape(Tree.self)
                == .mapping(
                    [
                        possible("left", .anything), possible("right", .anything),
                        required("children", .list(.anything)), required("size", .boolean),
                    ],
                    rest: nil
                )
        )
    }

    private enum Noise: Codable {
        struct Range: Codable { var low: Bool }
        case off
        case fixed(Bool)
        case ranged(Range)
        case named(level: Bool, String?)
        case tags([String: Bool])
        indirect case inside(Noise)
    }

    @Test func casesHaveValues() throws {
        guard case .choice(let cases) = shape(Noise.self) else {
            Issue.record("\(shape(Noise.self))")
            return
        }
        let range = Shape.mapping([required("low", .boolean)], rest: nil)
        #expect(
            cases.map(\.name) == ["off", "fixed", "ranged", "named", "tags", "inside"]
        )
        #expect(
            cases.map(\.values) == [
                [], [required("_0", .boolean)], [required("_0", range)],
                [required("level", .boolean), possible("_1", .optional(.text))],
                [required("_0", .mapping([], rest: .boolean))], nil,
            ]
        )
        #expect(cases.map(\.isWord) == [true, false, false, false, true, true])
        #expect(cases[1].unnamed == .boolean && cases[3].unnamed == nil)
    }

    private class Base: Codable { var a = true }
    private final class Derived: Base {
        var b: Bool
        enum CodingKeys: CodingKey { case b }
        required init(from decoder: any Decoder) throws {
            b = try decoder.container(keyedBy: CodingKeys.self).decode(Bool.self, forKey: .b)
            try super.init(from: decoder)
        }
    }

    @Test func aSuperclassAddsItsKeys() {
        #expect(
            shape(Derived.self)
                == .mapping([required("b", .boolean), required("a", .boolean)], rest: nil)
        )
    }
}
