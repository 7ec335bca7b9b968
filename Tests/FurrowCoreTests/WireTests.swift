import Foundation
import Testing

@testable import FurrowCore

private func roundTrip<T: Codable>(_ value: T) throws -> T {
    var bytes: [UInt8] = [1, 2, 3]
    try WireEncoder().encode(value, into: &bytes)
    #expect(bytes.prefix(3) == [1, 2, 3])
    return try bytes[3...].withUnsafeBytes { try WireDecoder().decode(T.self, from: $0) }
}

private struct Record: Codable, Equatable {
    enum Kind: Codable, Equatable {
        case plain
        case sized(Int, name: String)
    }
    var kinds: [Kind] = [.plain, .sized(3, name: "x")]
    var texts = ["", "é", "e\u{301}", "\0", "👩‍👩‍👧‍👦"]
    var table: [String: [Double?]] = ["a": [nil, 1], "": []]
    var numbers: [Int: UInt64] = [-1: .max]
    var bulk: [Double] = [1, -0.0, .infinity]
    var data = Data([0, 255])
    var date = Date(timeIntervalSince1970: 1.5)
    var twice: Int?? = .some(3)
    var url = URL(fileURLWithPath: "/x y")
    var small: (UInt8) = 255
    var flag = true
    var float: Float = 0.1
    var wide: [Int128] = [.min, 0, .max]
    var wideUnsigned: [String: UInt128] = ["x": .max]
    var widest = UInt128.max
}

/// Encodes and decodes its fields in different orders, one of them only sometimes.
private struct Reordered: Codable, Equatable {
    enum Key: String, CodingKey { case a, b, c }
    var a = 1
    var b: String?
    var c = [2, 3]

    init(b: String?) { self.b = b }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        c = try values.decode([Int].self, forKey: .c)
        b = values.contains(.b) ? try values.decode(String.self, forKey: .b) : nil
        a = try values.decode(Int.self, forKey: .a)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(a, forKey: .a)
        if let b { try values.encode(b, forKey: .b) }
        try values.encode(c, forKey: .c)
    }
}

/// Writes to a container inside after it has gone on writing to the one around it.
private struct Interleaved: Codable, Equatable {
    enum Key: String, CodingKey { case list, number }
    var list = [1, 2]
    var number = 3

    init() {}

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        var inner = try values.nestedUnkeyedContainer(forKey: .list)
        list = []
        while !inner.isAtEnd { list.append(try inner.decode(Int.self)) }
        number = try values.decode(Int.self, forKey: .number)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        var inner = values.nestedUnkeyedContainer(forKey: .list)
        try inner.encode(list[0])
        try values.encode(number, forKey: .number)
        try inner.encode(list[1])
    }
}

private class Base: Codable {
    var base = 1
}

private final class Derived: Base {
    var derived = 2

    override init() { super.init() }

    required init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        derived = try values.decode(Int.self, forKey: .derived)
        try super.init(from: try values.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(derived, forKey: .derived)
        try super.encode(to: values.superEncoder())
    }

    enum Key: String, CodingKey { case derived }
}

@Suite struct PlainArrayTests {
    private struct Point: Codable, Equatable {
        var x: Double
        var y: Float
        var flag: Bool?
        var range: Range<Int>
    }

    private struct Other: Codable, Equatable {
        var y: Double
        var x: Float
        var flag: Bool?
        var range: Range<Int>
    }

    private struct Holder<Element: Codable & Equatable>: Codable, Equatable {
        var elements: [Element]
        var name = "n"
        var nested: [[Element]]
    }

    private static func points(_ count: Int) -> [Point] {
        (0..<count).map {
            Point(x: Double($0), y: 0.1, flag: $0 % 3 == 0 ? nil : $0 % 2 == 0, range: 0..<$0)
        }
    }

    @Test(arguments: [0, 1, 63, 64, 1000])
    func arraysOfPlainStructsTravelAsTheyAre(count: Int) throws {
        let points = Self.points(count)
        #expect(try roundTrip(points) == points)
        let holder = Holder(elements: points, nested: [points, []])
        #expect(try roundTrip(holder) == holder)
        var bytes: [UInt8] = []
        try WireEncoder().encode(points, into: &bytes)
        let isBulk = bytes.count < count * MemoryLayout<Point>.stride + 40
        #expect(isBulk == (count >= 64) || count == 0)
    }

    @Test func othersTravelByTheirFields() throws {
        let texts = (0..<100).map { ["t": "\($0)"] }
        #expect(try roundTrip(texts) == texts)
        let kinds = (0..<100).map { $0 % 2 == 0 ? Record.Kind.plain : .sized($0, name: "x") }
        #expect(try roundTrip(kinds) == kinds)
    }

    /// A journal of an older program has them.
    @Test func elementsOfAnotherLayoutAreRefused() throws {
        var bytes: [UInt8] = []
        try WireEncoder().encode(Self.points(100), into: &bytes)
        #expect(throws: DecodingError.self) {
            try bytes.withUnsafeBytes { try WireDecoder().decode([Other].self, from: $0) }
        }
        #expect(throws: DecodingError.self) {
            try bytes.withUnsafeBytes { try WireDecoder().decode([Double].self, from: $0) }
        }
    }
}

@Suite struct WireTests {
    @Test func everyKindOfValueSurvives() throws {
        #expect(try roundTrip(Record()) == Record())
        #expect(try roundTrip(Record()).texts[2].utf8.elementsEqual("e\u{301}".utf8))
        #expect(try roundTrip(Reordered(b: nil)) == Reordered(b: nil))
        #expect(try roundTrip(Reordered(b: "x")) == Reordered(b: "x"))
        #expect(try roundTrip(Interleaved()) == Interleaved())
        #expect(
            try roundTrip([[Interleaved(), Interleaved()]]) == [[Interleaved(), Interleaved()]]
        )
    }

    @Test func inheritanceSurvives() throws {
        let value = Derived()
        (value.base, value.derived) = (7, 8)
        let copy = try roundTrip(value)
        #expect(copy.base == 7 && copy.derived == 8)
    }

    @Test func floatingPointSurvivesToTheBit() throws {
        let patterns: [UInt64] = [0x7FF8_0000_0000_0001, 0xFFF0_0000_0000_0000, 1 << 63, 1]
        for pattern in patterns {
            #expect(try roundTrip(Double(bitPattern: pattern)).bitPattern == pattern)
        }
    }

    @Test func integersOfEveryWidthKeepTheirExtremes() throws {
        func check<T: FixedWidthInteger & Codable>(_ type: T.Type) throws {
            #expect(try roundTrip([T.min, T.max]) == [T.min, T.max])
            #expect(try roundTrip(T.max) == T.max)
        }
        try check(Int8.self)
        try check(UInt16.self)
        try check(Int32.self)
        try check(UInt64.self)
        try check(Int.self)
    }

    @Test func aWrongTypeThrows() throws {
        var bytes: [UInt8] = []
        try WireEncoder().encode([1.0, 2.0], into: &bytes)
        #expect(throws: DecodingError.self) {
            try bytes.withUnsafeBytes { try WireDecoder().decode([Float].self, from: $0) }
        }
        bytes = []
        try WireEncoder().encode(300, into: &bytes)
        #expect(throws: DecodingError.self) {
            try bytes.withUnsafeBytes { try WireDecoder().decode(UInt8.self, from: $0) }
        }
    }

    @Test func damagedBytesNeverTrap() throws {
        var bytes: [UInt8] = []
        try WireEncoder().encode(Record(), into: &bytes)
        let decoder = WireDecoder()
        for count in 0..<bytes.count {
            #expect(throws: DecodingError.self) {
                try bytes[..<count].withUnsafeBytes { try decoder.decode(Record.self, from: $0) }
            }
        }
        var state: UInt64 = 1
        for _ in 0..<20_000 {
            var damaged = bytes
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                damaged[Int(state >> 33) % damaged.count] = UInt8(truncatingIfNeeded: state >> 20)
            }
            // Some damage is a value still; none may bring the process down.
            _ = try? damaged.withUnsafeBytes { try decoder.decode(Record.self, from: $0) }
        }
        #expect(try bytes.withUnsafeBytes { try decoder.decode(Record.self, from: $0) } == Record())
    }

    @Test func anErrorLeavesTheBufferAsItWas() {
        struct Bad: Encodable {
            func encode(to encoder: any Encoder) throws {
                var values = encoder.unkeyedContainer()
                try values.encode(1)
                throw CancellationError()
            }
        }
        var bytes: [UInt8] = [9]
        #expect(throws: CancellationError.self) { try WireEncoder().encode([Bad()], into: &bytes) }
        #expect(bytes == [9])
    }

    /// Keeps the coders that it is given, and fails to be encoded when it is not to be.
    private final class Keeper: Codable {
        var text: String
        var mayTravel = true
        private var kept: [Any] = []

        private enum Key: CodingKey { case text, more }

        init(_ text: String) { self.text = text }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            text = try values.decode(String.self, forKey: .text)
            kept = [decoder, values, try values.superDecoder(forKey: .more)]
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: Key.self)
            try values.encode(text, forKey: .text)
            kept = [encoder, values, values.superEncoder(forKey: .more)]
            if !mayTravel { throw CancellationError() }
        }
    }

    @Test func oneCoderServesManyValues() throws {
        let (encoder, decoder) = (WireEncoder(), WireDecoder())
        func check<T: Codable & Equatable>(_ value: T) throws {
            var (bytes, alone): ([UInt8], [UInt8]) = ([7], [7])
            try encoder.encode(value, into: &bytes)
            try WireEncoder().encode(value, into: &alone)
            // Sets and dictionaries have no order of their own.
            #expect(bytes.count == alone.count)
            #expect(
                try bytes[1...].withUnsafeBytes { try decoder.decode(T.self, from: $0) } == value
            )
        }
        for round in 0..<5 {
            try check(Record())
            try check([1, 2])
            try check(Reordered(b: nil))
            try check(Reordered(b: "b"))
            try check(String(repeating: "long ", count: 100_000))
            try check(["a": [Reordered(b: "b")]])
            try check(Interleaved())
            let keeper = Keeper("\(round)")
            for mayTravel in [true, false, true] {
                keeper.mayTravel = mayTravel
                var bytes: [UInt8] = []
                guard (try? encoder.encode(keeper, into: &bytes)) != nil else {
                    #expect(!mayTravel && bytes.isEmpty)
                    continue
                }
                let read = try bytes.withUnsafeBytes { try decoder.decode(Keeper.self, from: $0) }
                #expect(read.text == keeper.text)
                try check([keeper.text])
            }
        }
    }

    /// Travels as its bytes though nobody said so, padding and all.
    private struct Flat: Job, Equatable {
        var number: Int? { nil }
        var flag: Bool
        var value: Double
        var small: Int8
        func run(_ context: JobContext) -> Int? { nil }
    }

    private struct Deep: Job {
        var text: String
        func run(_ context: JobContext) -> [Int] { [] }
    }

    @Test func whatIsBitwiseCopyableTravelsAsItsBytes() throws {
        #expect(Flat.coding.stride == MemoryLayout<Flat>.stride)
        #expect(Flat.outputCoding.stride == 16)
        #expect(Deep.coding.stride == nil)
        #expect(Deep.outputCoding.stride == nil)
        let value = Flat(flag: true, value: -0.0, small: -5)
        var bytes: [UInt8] = []
        try Flat.coding.makeEncoder()(value, &bytes)
        #expect(bytes.count == 24)
        #expect(try bytes.withUnsafeBytes { try Flat.coding.makeDecoder()($0) } == value)
        #expect(throws: DecodingError.self) {
            try bytes.dropLast().withUnsafeBytes { try Flat.coding.makeDecoder()($0) }
        }
        // At an odd place in memory.
        let odd = [0] + bytes + bytes
        let all = [Flat](unsafeUninitializedCapacity: 3) { memory, initialized in
            memory.initializeElement(at: 0, to: value)
            let rest = UnsafeMutableBufferPointer(rebasing: memory[1...])
            initialized = odd.withUnsafeBytes {
                1 + Flat.coding.decodeAll(.init(rebasing: $0[1...]), rest)
            }
        }
        #expect(all == [value, value, value])
    }
}
