import Foundation
import FurrowConfiguration
import Testing

private enum Model: String, Decodable, CaseIterable {
    case gaussian, knn, pca
    case isolationForest = "isolation_forest"
}

private enum Level: Int, Decodable, CaseIterable {
    case low = 1
    case high = 2
}

private enum Unlisted: String, Decodable { case one }

@Suite struct DecoderErrorTests {
    private struct Benchmark: Decodable {
        struct Data: Decodable {
            var path: String
            var category: Int
        }
        var seed: Int
        var model: String
        var data: Data
    }
    private struct Root: Decodable { var benchmark: Benchmark }

    @Test func wrongTypesNameThePathAndThePlace() {
        let yaml = "benchmark:\n  seed: abc\n  model: m\n  data: {path: d, category: 1}"
        #expect(
            decodeMessage(Root.self, yaml)
                == "t.yaml:2:9: 'benchmark.seed' must be a whole number, but is 'abc'"
        )
    }

    @Test func theErrorHoldsItsPartsSeparately() throws {
        let error = #expect(throws: ConfigurationError.self) {
            _ = try decode(Box<Int>.self, "v: \"7\"")
        }
        #expect(
            error
                == ConfigurationError(
                    file: "t.yaml",
                    line: 1,
                    column: 4,
                    problem: "'v' must be a whole number, but is the text \"7\"",
                    remedy: "remove the quotes"
                )
        )
    }

    @Test(arguments: [
        ("v: [1]", "t.yaml:1:4: 'v' must be a whole number, but is a list"),
        ("v: {a: 1}", "t.yaml:1:4: 'v' must be a whole number, but is a mapping"),
        (
            "v: {gird: [1, 2]}",
            "t.yaml:1:4: 'v' must be a whole number, but is a mapping; did you mean 'grid'?"
        ),
        (
            "v: {range: [0, 5]}",
            "t.yaml:1:4: 'v' must be a whole number, but is a mapping; "
                + "for example {range: {start: 0, stop: 5}}"
        ),
        ("v: {range: {stop: 5}}", "t.yaml:1:4: 'v' must be a whole number, but is a mapping"),
        ("v: {grid: [1]}", "t.yaml:1:4: 'v' must be a whole number, but is a mapping"),
        ("v:", "t.yaml:1:3: 'v' must be a whole number, but is empty (null)"),
        ("v: ~", "t.yaml:1:4: 'v' must be a whole number, but is null"),
        ("v: 3.0", "t.yaml:1:4: 'v' must be a whole number, but is '3.0'; write 3"),
        ("v: 1e3", "t.yaml:1:4: 'v' must be a whole number, but is '1e3'; write 1000"),
        ("v: 3.5", "t.yaml:1:4: 'v' must be a whole number, but is '3.5'"),
        ("v: 1_000", "t.yaml:1:4: 'v' must be a whole number, but is '1_000'; write 1000"),
        ("v: true", "t.yaml:1:4: 'v' must be a whole number, but is 'true'"),
        ("v: 'x'", "t.yaml:1:4: 'v' must be a whole number, but is the text \"x\""),
    ])
    func explainsWhatIsNoWholeNumber(yaml: String, expected: String) {
        #expect(decodeMessage(Box<Int>.self, yaml) == expected)
    }

    @Test func explainsOtherWrongTypes() {
        #expect(
            decodeMessage(Box<Bool>.self, "v: yes")
                == "t.yaml:1:4: 'v' must be true or false, but is 'yes'; write true"
        )
        #expect(
            decodeMessage(Box<Bool>.self, "v: Off")
                == "t.yaml:1:4: 'v' must be true or false, but is 'Off'; write false"
        )
        #expect(
            decodeMessage(Box<Bool>.self, "v: \"true\"")
                == "t.yaml:1:4: 'v' must be true or false, but is the text \"true\"; write true"
        )
        #expect(
            decodeMessage(Box<Double>.self, "v: '0.5'")
                == "t.yaml:1:4: 'v' must be a number, but is the text \"0.5\"; remove the quotes"
        )
        #expect(
            decodeMessage(Box<String>.self, "v:")
                == "t.yaml:1:3: 'v' must be text, but is empty (null)"
        )
        #expect(
            decodeMessage(Box<String>.self, "v: null")
                == "t.yaml:1:4: 'v' must be text, but is null; write it in quotes, \"null\", if it is text"
        )
        #expect(
            decodeMessage(Box<[Int]>.self, "v: 1") == "t.yaml:1:4: 'v' must be a list, but is '1'"
        )
        #expect(
            decodeMessage(Box<[Int]>.self, "v: [1, x]")
                == "t.yaml:1:8: 'v[1]' must be a whole number, but is 'x'"
        )
        #expect(
            decodeMessage(Box<Box<Int>>.self, "v: [1]")
                == "t.yaml:1:4: 'v' must be a mapping, but is a list"
        )
        #expect(
            decodeMessage(Box<[Box<Int>]>.self, "v: [{v: 1}, {v: x}]")
                == "t.yaml:1:17: 'v[1].v' must be a whole number, but is 'x'"
        )
        #expect(
            decodeMessage([Int].self, "v: 1")
                == "t.yaml:1:1: the configuration must be a list, but is a mapping"
        )
        let long = String(repeating: "x", count: 100)
        #expect(
            decodeMessage(Box<Int>.self, "v: \(long)")
                == "t.yaml:1:4: 'v' must be a whole number, but is '\(long.prefix(60))…'"
        )
    }

    @Test func missingKeysPointAtTheirMappingOrAMistypedKey() {
        #expect(
            decodeMessage(
                Root.self,
                "benchmark:\n  seed: 1\n  model: m\n  data:\n    path: d"
            )
                == "t.yaml:5:5: missing key 'category' in 'benchmark.data'"
        )
        #expect(
            decodeMessage(
                Root.self,
                "benchmark:\n  seed: 1\n  model: m\n  data:\n    path: d\n    catgory: 1"
            )
                == "t.yaml:6:5: missing key 'category' in 'benchmark.data'; found 'catgory'"
        )
        #expect(decodeMessage(Root.self, "{}") == "t.yaml:1:1: missing key 'benchmark'")
        // A key already used is not offered.
        struct Two: Decodable {
            var data: Int
            var date: Int
        }
        #expect(decodeMessage(Two.self, "data: 1") == "t.yaml:1:1: missing key 'date'")
    }

    @Test func aPathNamesWhereTheValueStands() {
        #expect(
            decodeMessage(Box<Int>.self, "v: x", at: ["benchmark", "[2]"])
                == "t.yaml:1:4: 'benchmark[2].v' must be a whole number, but is 'x'"
        )
        #expect(
            decodeMessage(Box<Int>.self, "w: x", at: ["benchmark"])
                == "t.yaml:1:1: missing key 'v' in 'benchmark'"
        )
        #expect(
            decodeMessage(Box<Int>.self, "v: 1\nw: x", at: ["benchmark"])
                == "t.yaml:2:1: unknown key 'w' in 'benchmark'; valid: v"
        )
    }

    @Test func enumerationsListTheirValues() {
        let valid = "valid: gaussian, knn, pca, isolation_forest"
        #expect(
            decodeMessage(Box<Box<Model>>.self, "v:\n  v: gausian")
                == "t.yaml:2:6: 'v.v' is 'gausian', not a valid value; did you mean 'gaussian'? (\(valid))"
        )
        #expect(
            decodeMessage(Box<[Model]>.self, "v: [knn, zebra]")
                == "t.yaml:1:10: 'v[1]' is 'zebra', not a valid value; \(valid)"
        )
        #expect(
            decodeMessage(Box<Model?>.self, "v: KNN")
                == "t.yaml:1:4: 'v' is 'KNN', not a valid value; did you mean 'knn'? (\(valid))"
        )
        #expect(
            decodeMessage(Box<Level>.self, "v: 5")
                == "t.yaml:1:4: 'v' is '5', not a valid value; valid: 1, 2"
        )
        #expect(
            decodeMessage(Box<Model>.self, "v: [knn]")
                == "t.yaml:1:4: 'v' must be text, but is a list"
        )
        #expect(
            decodeMessage(Box<Unlisted>.self, "v: two")
                == "t.yaml:1:4: 'v' is 'two', not a valid value; valid: one"
        )
    }

    @Test func errorsOfTheTypeItselfBecomeTheProblem() {
        struct Even: Decodable {
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if try container.decode(Int.self) % 2 == 0 { return }
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "the number must be even."
                )
            }
        }
        #expect(decodeMessage(Box<Even>.self, "v: 2") == "no error")
        #expect(
            decodeMessage(Box<[Even]>.self, "v: [2, 3]")
                == "t.yaml:1:8: 'v[1]': the number must be even"
        )
    }

    @Test func theCodingPathOfAnErrorIsFollowedAsDeepAsItLeads() {
        struct Deep: Decodable {
            struct Key: CodingKey {
                var stringValue: String
                var intValue: Int?
                init(_ name: String) { stringValue = name }
                init(stringValue: String) { self.init(stringValue) }
                init(intValue: Int) {
                    stringValue = "Index \(intValue)"
                    self.intValue = intValue
                }
            }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Key.self)
                let path = try container.decode([String].self, forKey: Key("path"))
                let base = path.first == "top" ? [] : decoder.codingPath
                let keys = path.map { name in Int(name).map(Key.init(intValue:)) ?? Key(name) }
                throw DecodingError.dataCorrupted(
                    .init(codingPath: base + keys, debugDescription: "bad")
                )
            }
        }
        let tail = "  list:\n  - 1\n  - x: 2"
        func check(_ path: String) -> String {
            decodeMessage(Box<Deep>.self, "v:\n  path: \(path)\n\(tail)")
        }
        #expect(check("[]") == "t.yaml:2:3: 'v': bad")
        #expect(check("[list]") == "t.yaml:4:3: 'v.list': bad")
        #expect(check("[list, 0]") == "t.yaml:4:5: 'v.list[0]': bad")
        #expect(check("[list, 1, x]") == "t.yaml:5:8: 'v.list[1].x': bad")
        #expect(check("[list, 1, y, z]") == "t.yaml:5:5: 'v.list[1]': bad")
        #expect(check("[list, 7]") == "t.yaml:4:3: 'v.list': bad")
        #expect(check("[top, list]") == "t.yaml:2:3: 'v': bad")
    }

    @Test func everyOtherErrorIsShownToo() {
        struct Plain: Error, CustomStringConvertible { var description: String { "plain words" } }
        struct Localized: LocalizedError { var errorDescription: String? { "localized words" } }
        struct Thrower: Decodable {
            init(from decoder: any Decoder) throws {
                switch try decoder.singleValueContainer().decode(String.self) {
                case "plain": throw Plain()
                case "localized": throw Localized()
                case "missing":
                    throw DecodingError.keyNotFound(
                        Box<Int>.Key.v,
                        .init(codingPath: [], debugDescription: "")
                    )
                case "type":
                    throw DecodingError.typeMismatch(
                        Int.self,
                        .init(codingPath: decoder.codingPath, debugDescription: "typed")
                    )
                case "under":
                    throw DecodingError.dataCorrupted(
                        .init(codingPath: [], debugDescription: "", underlyingError: Plain())
                    )
                default: throw ConfigurationError(file: "other", problem: "own")
                }
            }
        }
        func check(_ word: String) -> String { decodeMessage(Box<Thrower>.self, "v: \(word)") }
        #expect(check("plain") == "t.yaml:1:4: 'v': plain words")
        #expect(check("localized") == "t.yaml:1:4: 'v': localized words")
        #expect(check("missing") == "t.yaml:1:4: missing key 'v' in 'v'")
        #expect(check("type") == "t.yaml:1:4: 'v': typed")
        #expect(check("under") == "t.yaml:1:4: 'v': plain words")
        #expect(check("own") == "other: own")
    }

    @Test func aListThatIsTooShortIsNamed() {
        struct Pair: Decodable {
            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                _ = try list.decode(Int.self)
                _ = try list.decode(Int.self)
            }
        }
        #expect(decodeMessage(Box<Pair>.self, "v: [1, 2]") == "no error")
        #expect(
            decodeMessage(Box<Pair>.self, "v: [1]")
                == "t.yaml:1:4: 'v' must have more than 1 value"
        )
        #expect(
            decodeMessage(Box<Pair>.self, "v: []")
                == "t.yaml:1:4: 'v' must have more than 0 values"
        )
    }
}

extension Box {
    enum Key: String, CodingKey { case v }
}
