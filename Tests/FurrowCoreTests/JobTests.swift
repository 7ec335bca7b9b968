import Foundation
import Testing

@testable import FurrowCore

@Suite struct JobTests {
    @Test(arguments: [
        ("TrainModel", "train-model"), ("Area", "area"), ("AreaUnderROC", "area-under-roc"),
        ("already_small", "already_small"), ("Job2Run", "job2-run"), ("", ""),
        ("Apply<Dictionary<String, Int>>", "apply-dictionary-string-int"),
        ("Apply<(Int, x: Array<HTTPBody>)>", "apply-int-x-array-httpbody"),
    ])
    func wordsAreJoinedByHyphens(type: String, name: String) {
        #expect(hyphenated(type) == name)
    }

    private struct Bag: Job {
        struct Inner: Codable, Sendable {
            var numbers: Set<Int>
            var table: [UUID: Int] = [:]
            var names: [String: Int] = [:]
        }
        var inner: Inner
        func run(_ context: JobContext) -> Int { 0 }
    }

    /// Equal collections have their elements in different places if they were made differently.
    @Test func equalParametersHaveOneFormHoweverTheyAreStored() throws {
        let ids = (0..<40).map { _ in UUID() }
        var (small, large) = (Bag.Inner(numbers: []), Bag.Inner(numbers: []))
        large.numbers.reserveCapacity(5000)
        large.table.reserveCapacity(5000)
        large.names.reserveCapacity(5000)
        for number in 0..<40 {
            small.numbers.insert(number)
            small.table[ids[number]] = number
            small.names["\(number)"] = number
        }
        for number in (0..<40).reversed() {
            large.numbers.insert(number)
            large.table[ids[number]] = number
            large.names["\(number)"] = number
        }
        #expect(Array(small.numbers) != Array(large.numbers))
        let form = try Bag(inner: small).canonicalParameters()
        #expect(form == (try Bag(inner: large).canonicalParameters()))
        large.table[ids[7]] = 8
        #expect(form != (try Bag(inner: large).canonicalParameters()))
        large.table[ids[7]] = 7
        large.numbers.remove(3)
        #expect(form != (try Bag(inner: large).canonicalParameters()))
    }

    /// The form of version 0.1.
    @Test func parametersWithAnOrderAreJSON() throws {
        let bag = Bag(inner: .init(numbers: [1], names: ["b": 1, "a": 2]))
        #expect(
            String(decoding: try bag.canonicalParameters(), as: UTF8.self)
                == #"{"inner":{"names":{"a":2,"b":1},"numbers":[1],"table":[]}}"#
        )
    }
}
