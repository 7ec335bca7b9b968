import Testing

@testable import FurrowConfiguration

/// Types with an `init(from:)` of their own: what it accepts is never left out.
@Suite struct CustomShapeTests {
    private enum Key: String, CodingKey { case a, b }

    private static func shape(_ type: any Decodable.Type) -> ConfigurationShape {
        ConfigurationShape(of: type)
    }

    private static func mapping(
        _ properties: (String, ConfigurationShape, isRequired: Bool)...
    ) -> ConfigurationShape {
        .mapping(
            properties.map { .init(name: $0.0, shape: $0.1, isRequired: $0.isRequired) },
            rest: nil
        )
    }

    private struct Checked: Decodable {
        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            let number = try values.decode(Double.self, forKey: .a)
            guard number < 10 else { throw Problem() }
            _ = try values.decodeIfPresent(Bool.self, forKey: .b) ?? true
        }
    }

    private struct Lenient: Decodable {
        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            _ = (try? values.decode(Bool.self, forKey: .a)) ?? false
            _ = values.contains(.b) ? try values.decode(Bool.self, forKey: .b) : true
        }
    }

    private struct Problem: Error {}

    @Test func checksDefaultsAndLeniencyAreUnderstood() {
        #expect(
            Self.shape(Checked.self)
                == Self.mapping(
                    ("a", .number, isRequired: true),
                    ("b", .optional(.boolean), isRequired: false)
                )
        )
        #expect(
            Self.shape(Lenient.self)
                == Self.mapping(
                    ("a", .anything, isRequired: false),
                    ("b", .boolean, isRequired: false)
                )
        )
    }

    private struct Rejecting: Decodable {
        init(from decoder: any Decoder) throws {
            guard try decoder.singleValueContainer().decode(String.self) == "open sesame" else {
                throw Problem()
            }
        }
    }

    @Test func whatNeedsARightValueIsAnything() {
        struct Outer: Decodable {
            var x: Bool
            var a: Rejecting
            var b: Bool
        }
        #expect(Self.shape(Rejecting.self) == .anything)
        #expect(
            Self.shape(Outer.self)
                == Self.mapping(
                    ("x", .boolean, isRequired: true),
                    ("a", .anything, isRequired: true),
                    ("b", .anything, isRequired: false)
                )
        )
    }

    /// A list that leaves out what it cannot decode, and so never comes to its end.
    @Test(.timeLimit(.minutes(1))) func anEndlessLoopIsEnded() {
        struct Lossy: Decodable {
            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                while !list.isAtEnd { _ = try? list.decode(Rejecting.self) }
            }
        }
        #expect(Self.shape(Lossy.self) == .list(.anything))
    }

    private struct First: Decodable { var x: Bool }
    private struct Second: Decodable { var y: Bool }

    /// Ask for other things if the answers are others.
    private enum Changing {
        enum Kind: String, Codable { case first, second }

        struct Tagged: Decodable {
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Key.self)
                switch try values.decode(Kind.self, forKey: .a) {
                case .first: break
                case .second: _ = try Second(from: decoder)
                }
            }
        }
        struct Switched: Decodable {
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Key.self)
                if try values.decode(Bool.self, forKey: .a) {
                    _ = try values.decode(Bool.self, forKey: .b)
                } else {
                    _ = try values.decode(String.self, forKey: .b)
                }
            }
        }
        struct Either: Decodable {
            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if (try? value.decode(First.self)) == nil { _ = try value.decode(Second.self) }
            }
        }
        struct OneOrMore: Decodable {
            init(from decoder: any Decoder) throws {
                if var list = try? decoder.unkeyedContainer() {
                    while !list.isAtEnd { _ = try list.decode(Bool.self) }
                } else {
                    _ = try Bool(from: decoder)
                }
            }
        }
        struct Triple: Decodable {
            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                _ = try list.decode(Bool.self)
                if !list.isAtEnd { _ = try list.decode(String.self) }
            }
        }
        enum Named: Decodable {
            case a, b
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Key.self)
                self = values.contains(.a) ? .a : .b
            }
        }
    }

    @Test func whatAsksForOtherThingsIsAnything() {
        let types: [any Decodable.Type] = [
            Changing.Tagged.self, Changing.Switched.self, Changing.Either.self,
            Changing.OneOrMore.self, Changing.Triple.self, Changing.Named.self,
        ]
        for type in types { #expect(Self.shape(type) == .anything, "\(type)") }
    }

    @Test func keysThatWereNotAskedForAreAnything() {
        struct Text: Decodable {
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Key.self)
                if try values.decode(String.self, forKey: .a) == "more" {
                    _ = try values.decode(Bool.self, forKey: .b)
                }
            }
        }
        #expect(
            Self.shape(Text.self)
                == Self.mapping(
                    ("a", .text, isRequired: true),
                    ("b", .anything, isRequired: false)
                )
        )
    }

    @Test func keysOfAnyNameMayBeThere() {
        struct AnyKey: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
        struct Open: Decodable {
            init(from decoder: any Decoder) throws {
                _ = try decoder.container(keyedBy: AnyKey.self)
                    .decode(Bool.self, forKey: AnyKey(stringValue: "a"))
            }
        }
        #expect(
            Self.shape(Open.self)
                == .mapping(
                    [.init(name: "a", shape: .boolean, isRequired: true)],
                    rest: .anything
                )
        )
    }

    @Test func aValueNobodyLooksIntoIsAnything() {
        struct Nothing: Decodable { init(from decoder: any Decoder) {} }
        struct Empty: Decodable {
            enum None: CodingKey {}
            init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: None.self) }
        }
        #expect(Self.shape(Nothing.self) == .anything)
        #expect(Self.shape(Empty.self) == .mapping([], rest: nil))
    }

    @Test func nestedContainersAreMappings() {
        struct Flat: Decodable {
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Key.self)
                let inner = try values.nestedContainer(keyedBy: Key.self, forKey: .a)
                _ = try inner.decode(Bool.self, forKey: .b)
                var list = try inner.nestedUnkeyedContainer(forKey: .a)
                while !list.isAtEnd { _ = try list.decode(String.self) }
            }
        }
        #expect(
            Self.shape(Flat.self)
                == Self.mapping(
                    (
                        "a",
                        Self.mapping(
                            ("a", .list(.text), isRequired: true),
                            ("b", .boolean, isRequired: true)
                        ), isRequired: true
                    ),
                    ("b", .anything, isRequired: false)
                )
        )
    }

    @Test func whatGoesOnForEverIsAnything() {
        final class Chain: Decodable {
            var next: Chain?
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Key.self)
                if values.contains(.a) {
                    next = try Chain(from: values.superDecoder(forKey: .a))
                }
            }
        }
        #expect(Self.shape(Chain.self) == .anything)
        #expect(Self.shape(Nest<Int>.self) != .mapping([], rest: nil))
    }

    @Test func anEnumerationMayDoWithoutACase() {
        enum Choice: Decodable {
            case none
            case some(Int)
            enum Word: CodingKey { case some }
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Word.self)
                guard let key = values.allKeys.first else {
                    self = .none
                    return
                }
                self = .some(try values.decode(Int.self, forKey: key))
            }
        }
        #expect(Self.shape(Choice.self) == .anything)
    }
}

/// Each has another one of a further type in it, if there is a value.
private struct Nest<Value>: Decodable {
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        _ = try values.decodeIfPresent(Nest<[Value]>.self, forKey: .a)
    }

    private enum Key: CodingKey { case a }
}
