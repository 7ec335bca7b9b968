import FurrowConfiguration
import Testing

private struct Job: Decodable, Equatable {
    enum Model: String, Decodable, CaseIterable {
        case gaussian, knn, pca
        case isolationForest = "isolation_forest"
    }
    struct ModelPart: Decodable, Equatable {
        var classPath: Model

        enum CodingKeys: String, CodingKey { case classPath = "class_path" }
    }
    struct Arguments: Decodable, Equatable {
        var category: Int
    }
    struct DataPart: Decodable, Equatable {
        var classPath: String
        var initArgs: Arguments

        enum CodingKeys: String, CodingKey {
            case classPath = "class_path"
            case initArgs = "init_args"
        }
    }
    struct Benchmark: Decodable, Equatable {
        var seed: Int
        var model: ModelPart
        var data: DataPart
    }
    var benchmark: Benchmark
}

@Suite struct DecoderValueTests {
    @Test func decodesEveryPointOfTheExample() throws {
        let grid = try Grid(parse(exampleText), file: "t.yaml")
        let jobs = try grid.map {
            try ConfigurationDecoder(file: "t.yaml").decode(Job.self, from: $0)
        }
        #expect(jobs.count == 40)
        #expect(
            jobs[31]
                == Job(
                    benchmark: .init(
                        seed: 42,
                        model: .init(classPath: .isolationForest),
                        data: .init(classPath: "digits", initArgs: .init(category: 1))
                    )
                )
        )
    }

    @Test func decodesWholeNumbersOfEveryWidth() throws {
        func check<I: FixedWidthInteger & Decodable>(_ type: I.Type) throws {
            #expect(try decode(Box<I>.self, "v: \(I.max)").v == I.max)
            #expect(try decode([String: I].self, "v: \(I.min)")["v"] == I.min)
            #expect(try decode(Box<[I]>.self, "v: [0x1f, 0o17, +7, 010]").v == [31, 15, 7, 10])
            let range = "must be a whole number from \(I.min) to \(I.max)"
            #expect(
                decodeMessage(Box<I>.self, "v: \(I.max)0")
                    == "t.yaml:1:4: 'v' \(range), but is '\(I.max)0'"
            )
            #expect(
                decodeMessage(Box<[I]>.self, "v: [\(I.min), -\(I.max)0]")
                    == "t.yaml:1:\(7 + "\(I.min)".count): 'v[1]' \(range), but is '-\(I.max)0'"
            )
        }
        try check(Int.self)
        try check(Int8.self)
        try check(Int16.self)
        try check(Int32.self)
        try check(Int64.self)
        try check(UInt.self)
        try check(UInt8.self)
        try check(UInt16.self)
        try check(UInt32.self)
        try check(UInt64.self)
        try check(Int128.self)
        try check(UInt128.self)
    }

    @Test func decodesNumbers() throws {
        let texts = "[0.10, 1e3, -.5, 7, 0x10, .inf, -.INF, 1.]"
        let expected: [Double] = [0.1, 1000, -0.5, 7, 16, .infinity, -.infinity, 1]
        #expect(try decode(Box<[Double]>.self, "v: \(texts)").v == expected)
        #expect(try decode(Box<[Float]>.self, "v: \(texts)").v == expected.map(Float.init))
        #expect(try decode(Box<Double>.self, "v: .nan").v.isNaN)
        #expect(try decode(Box<Float>.self, "v: 0.25").v == 0.25)
        #expect(
            decodeMessage(Box<Double>.self, "v: 1e999").hasPrefix(
                "t.yaml:1:4: 'v' must be a number from -1.79"
            )
        )
        #expect(
            decodeMessage(Box<Float>.self, "v: 1e39").hasPrefix(
                "t.yaml:1:4: 'v' must be a number from -3.4"
            )
        )
    }

    @Test func decodesBooleansAndText() throws {
        #expect(try decode(Box<[Bool]>.self, "v: [true, FALSE, True]").v == [true, false, true])
        #expect(try decode(Box<Bool>.self, "v: false").v == false)
        #expect(
            try decode(Box<[String]>.self, "v: [abc, 42, 0.10, \"007\", yes, true, '', 'null']").v
                == ["abc", "42", "0.10", "007", "yes", "true", "", "null"]
        )
        #expect(try decode(Box<String>.self, "v: 0.10").v == "0.10")
    }

    @Test func decodesOptionals() throws {
        struct Fields: Decodable, Equatable {
            var a: Int?
            var b: String?
            var c: [Int?]
            var d: Box2?
            struct Box2: Decodable, Equatable { var x: Int }
        }
        #expect(
            try decode(Fields.self, "a: ~\nb:\nc: [1, null, ~]\nd: null")
                == Fields(a: nil, b: nil, c: [1, nil, nil], d: nil)
        )
        #expect(try decode(Fields.self, "c: []") == Fields(a: nil, b: nil, c: [], d: nil))
        #expect(
            try decode(Fields.self, "a: 1\nb: null \nc: []\nd: {x: 1}")
                == Fields(a: 1, b: nil, c: [], d: .init(x: 1))
        )
    }

    @Test func decodesDictionariesOfAnySize() throws {
        #expect(try decode(Box<[String: Int]>.self, "v: {a: 1, b: 2}").v == ["a": 1, "b": 2])
        #expect(try decode(Box<[Int: String]>.self, "v: {\"1\": x}").v == [1: "x"])
        let many = (0..<5000).map { "k\($0): \($0)" }.joined(separator: "\n")
        let decoded = try decode([String: Int].self, many)
        #expect(decoded.count == 5000)
        #expect(decoded["k4999"] == 4999)
    }

    @Test func decodesEnumerationsWithPayload() throws {
        enum Choice: Decodable, Equatable {
            case fixed(value: Int)
            case spread(from: Int, to: Int)
        }
        #expect(try decode(Box<Choice>.self, "v: {fixed: {value: 3}}").v == .fixed(value: 3))
        #expect(
            try decode(Box<Choice>.self, "v: {spread: {from: 1, to: 2}}").v
                == .spread(from: 1, to: 2)
        )
        #expect(
            decodeMessage(Box<Choice>.self, "v: {fixed: {value: 3}, extra: 1}")
                == "t.yaml:1:24: unknown key 'extra' in 'v'; valid: fixed"
        )
        #expect(
            decodeMessage(Box<Choice>.self, "v: {fixed: {valeu: 3}}")
                == "t.yaml:1:13: missing key 'value' in 'v.fixed'; found 'valeu'"
        )
    }

    @Test func opensContainersPieceByPiece() throws {
        struct Parts: Decodable {
            enum Key: String, CodingKey { case list, map, inner, after }
            var numbers: [Int] = []
            var text = ""
            var after = ""
            init(from decoder: any Decoder) throws {
                let top = try decoder.container(keyedBy: Key.self)
                var list = try top.nestedUnkeyedContainer(forKey: .list)
                #expect(list.count == 5)
                numbers.append(try list.decode(Int.self))
                #expect(try list.decodeNil() == false)
                var inner = try list.nestedUnkeyedContainer()
                numbers.append(try inner.decode(Int.self))
                #expect(inner.isAtEnd)
                #expect(try list.decodeNil())
                let map = try list.nestedContainer(keyedBy: Key.self)
                numbers.append(try map.decode(Int.self, forKey: .inner))
                #expect(map.codingPath.map(\.stringValue) == ["list", "[3]"])
                #expect(map.codingPath.map(\.intValue) == [nil, 3])
                numbers.append(try Int(from: list.superDecoder()))
                let nested = try top.nestedContainer(keyedBy: Key.self, forKey: .map)
                text = try nested.decode(String.self, forKey: .inner)
                after = try String(from: top.superDecoder(forKey: .after))
            }
        }
        let parts = try decode(
            Parts.self,
            "list: [1, [2], ~, {inner: 3}, 4]\nmap: {inner: x}\nafter: y"
        )
        #expect(parts.numbers == [1, 2, 3, 4])
        #expect(parts.text == "x")
        #expect(parts.after == "y")
        #expect(
            decodeMessage(
                Parts.self,
                "list: [1, [2], ~, {inner: 3, x: 1}, 4]\nmap: {inner: x}\nafter: y"
            )
                == "t.yaml:1:30: unknown key 'x' in 'list[3]'; valid: inner"
        )
        #expect(
            decodeMessage(
                Parts.self,
                "list: [1, [2], ~, {inner: 3}, 4]\nmap: {inner: x, iner: 2}\nafter: y"
            )
                == "t.yaml:2:17: unknown key 'iner' in 'map'; did you mean 'inner'? (valid: inner)"
        )
    }

    @Test func superclassesShareOrHaveTheirOwnMapping() throws {
        class Base: Decodable { var a = 0 }
        final class Sharing: Base {
            var b = 0
            enum Key: String, CodingKey { case b }
            required init(from decoder: any Decoder) throws {
                try super.init(from: decoder)
                b = try decoder.container(keyedBy: Key.self).decode(Int.self, forKey: .b)
            }
        }
        final class Separate: Base {
            var b = 0
            enum Key: String, CodingKey { case b }
            required init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Key.self)
                b = try container.decode(Int.self, forKey: .b)
                try super.init(from: container.superDecoder())
            }
        }
        let sharing = try decode(Sharing.self, "a: 1\nb: 2")
        #expect([sharing.a, sharing.b] == [1, 2])
        #expect(
            decodeMessage(Sharing.self, "a: 1\nb: 2\nc: 3")
                == "t.yaml:3:1: unknown key 'c'; valid: a, b"
        )
        let separate = try decode(Separate.self, "b: 2\nsuper: {a: 1}")
        #expect([separate.a, separate.b] == [1, 2])
        #expect(decodeMessage(Separate.self, "b: 2") == "t.yaml:1:1: missing key 'super'")
    }
}
