import FurrowConfiguration
import Testing

@Suite struct UnknownKeyTests {
    private struct Settings: Decodable {
        var data: Int?
        var model: String?
        var seed: Int
    }

    @Test func unknownKeysNameTheNearestValidOne() {
        let yaml = "v:\n  seed: 1\n  modle: x"
        #expect(
            decodeMessage(Box<Settings>.self, yaml)
                == "t.yaml:3:3: unknown key 'modle' in 'v'; did you mean 'model'? "
                + "(valid: data, model, seed)"
        )
        #expect(
            decodeMessage(Settings.self, "seed: 1\nzebra: x")
                == "t.yaml:2:1: unknown key 'zebra'; valid: data, model, seed"
        )
    }

    @Test func theFirstInTheFileIsReported() {
        struct Two: Decodable {
            var b: Box<Int>
            var a: Box<Int>
        }
        let yaml = "a: {v: 1, x: 1}\nb: {v: 1, y: 1}\nz: 1"
        #expect(
            decodeMessage(Two.self, yaml) == "t.yaml:1:11: unknown key 'x' in 'a'; valid: v"
        )
        #expect(
            decodeMessage(Two.self, "z: 1\n" + yaml.dropLast(5))
                == "t.yaml:1:1: unknown key 'z'; valid: a, b"
        )
    }

    @Test func unknownKeysInListsAndDictionariesAreFound() {
        #expect(
            decodeMessage(Box<[Box<Int>]>.self, "v: [{v: 1}, {v: 1, w: 2}]")
                == "t.yaml:1:20: unknown key 'w' in 'v[1]'; valid: v"
        )
        #expect(
            decodeMessage([String: Box<Int>].self, "p: {v: 1}\nq: {v: 1, w: 2}")
                == "t.yaml:2:11: unknown key 'w' in 'q'; valid: v"
        )
        #expect(
            decodeMessage(Box<Box<Int>?>.self, "v: {v: 1, w: 2}")
                == "t.yaml:1:11: unknown key 'w' in 'v'; valid: v"
        )
    }

    @Test func aMappingWithoutAnyFieldTakesNoKeys() {
        struct Nothing: Decodable {
            enum Key: CodingKey {}
            init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Key.self) }
        }
        #expect(decodeMessage(Box<Nothing>.self, "v: {}") == "no error")
        #expect(
            decodeMessage(Box<Nothing>.self, "v: {a: 1}")
                == "t.yaml:1:5: unknown key 'a' in 'v'; no keys are valid here"
        )
    }

    @Test func aMappingNobodyLooksIntoIsNotJudged() {
        struct Anything: Decodable { init(from decoder: any Decoder) {} }
        #expect(decodeMessage(Box<Anything>.self, "v: {a: {b: 1}}") == "no error")
    }

    @Test func askingWhetherAKeyIsThereIsEnough() {
        struct Asking: Decodable {
            enum Key: String, CodingKey { case a, b }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Key.self)
                _ = container.contains(.a)
                _ = try container.decodeNil(forKey: .b)
            }
        }
        #expect(decodeMessage(Asking.self, "a: 1\nb: 2") == "no error")
        #expect(
            decodeMessage(Asking.self, "b: 2\nc: 3") == "t.yaml:2:1: unknown key 'c'; valid: a, b"
        )
    }

    @Test func allKeysCountsTheKeysItLists() {
        struct Listing: Decodable {
            enum Key: String, CodingKey { case a, b }
            init(from decoder: any Decoder) throws {
                #expect(try decoder.container(keyedBy: Key.self).allKeys == [.a])
            }
        }
        #expect(decodeMessage(Listing.self, "a: 1") == "no error")
        #expect(
            decodeMessage(Listing.self, "a: 1\nc: 1") == "t.yaml:2:1: unknown key 'c'; valid: a"
        )
    }

    private struct First: Decodable {
        var shared: Int
        var x: Int
        var inner: Box<Int>?
    }
    private struct Second: Decodable {
        var shared: Int
        var y: Int?
    }

    @Test func aFailedAttemptDoesNotCount() {
        struct Either: Decodable {
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if (try? container.decode(First.self)) == nil {
                    _ = try container.decode(Second.self)
                }
            }
        }
        #expect(decodeMessage(Box<Either>.self, "v: {shared: 1, x: 2}") == "no error")
        #expect(decodeMessage(Box<Either>.self, "v: {shared: 1, y: 2}") == "no error")
        #expect(
            decodeMessage(Box<Either>.self, "v: {shared: 1, x: no}")
                == "t.yaml:1:16: unknown key 'x' in 'v'; valid: shared, y"
        )
    }

    @Test func severalSuccessfulAttemptsAddUp() {
        struct Both: Decodable {
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                _ = try container.decode(First.self)
                _ = try container.decode(Second.self)
            }
        }
        #expect(
            decodeMessage(Box<Both>.self, "v: {shared: 1, x: 2, y: 3, inner: {v: 1}}") == "no error"
        )
        #expect(
            decodeMessage(Box<Both>.self, "v: {shared: 1, x: 2, z: 3}")
                == "t.yaml:1:22: unknown key 'z' in 'v'; valid: inner, shared, x, y"
        )
        #expect(
            decodeMessage(Box<Both>.self, "v: {shared: 1, x: 2, inner: {v: 1, w: 1}}")
                == "t.yaml:1:36: unknown key 'w' in 'v.inner'; valid: v"
        )
    }

    @Test func largeMappingsAreCheckedToo() {
        let yaml = (0..<40).map { "k\($0): 1" }.joined(separator: "\n") + "\nseed: 1"
        #expect(
            decodeMessage(Settings.self, yaml)
                == "t.yaml:1:1: unknown key 'k0'; valid: data, model, seed"
        )
    }

    @Test func aDecoderKeptAfterwardsStillWorks() throws {
        struct Keeper: Decodable {
            let decoder: any Decoder
            init(from decoder: any Decoder) { self.decoder = decoder }
        }
        let kept = try decode(Box<Keeper>.self, "v: {v: 3}").v.decoder
        #expect(try Box<Int>(from: kept).v == 3)
        #expect(kept.codingPath.map(\.stringValue) == ["v"])
    }
}
