import Testing

@testable import FurrowSystem

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("", "", 0), ("", "ab", 2), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "ab", 1),
        ("abc", "acb", 1), ("ca", "abc", 3), ("kitten", "sitting", 3), ("Model", "model", 1),
    ])
    func distanceIsTheRestrictedOne(first: String, second: String, expected: Int) {
        #expect(NearestName.distance(Array(first), Array(second)) == expected)
        #expect(NearestName.distance(Array(second), Array(first)) == expected)
    }

    @Test(arguments: [
        ("modle", "model"), ("MODEL", "model"), ("sed", "seed"), ("catgory", "category"),
        ("cat", "category"), ("category_name", "category"), ("isolation_forrest", "isolation"),
    ])
    func findsTheNearest(name: String, expected: String) {
        let valid = ["seed", "model", "data", "category", "isolation"]
        #expect(NearestName.nearest(to: name, among: valid) == expected)
    }

    @Test(arguments: ["colour", "xyz", "", "m", "mxxel"])
    func findsNothingWhenNoneIsClose(name: String) {
        #expect(NearestName.nearest(to: name, among: ["seed", "model", "category"]) == nil)
    }

    @Test func shortNamesAreNotReplacedAsAWhole() {
        #expect(NearestName.nearest(to: "x", among: ["y"]) == nil)
        #expect(NearestName.nearest(to: "x", among: ["X"]) == "X")
    }

    @Test func distanceWinsOverPrefixAndTheAlphabetDecidesTies() {
        #expect(NearestName.nearest(to: "seed", among: ["seed_of_all", "seeds"]) == "seeds")
        #expect(NearestName.nearest(to: "bat", among: ["hat", "cat"]) == "cat")
    }

    @Test func longNamesAreComparedQuickly() {
        let long = String(repeating: "a", count: 1_000_000)
        #expect(NearestName.nearest(to: long, among: [long + "b", "model"]) == long + "b")
    }

    @Test func theRemedyNamesTheNearestAndAllThatAreValid() {
        let valid = ["data", "model"]
        #expect(
            NearestName.remedy(for: "modle", among: valid)
                == "did you mean 'model'? (valid: data, model)"
        )
        #expect(NearestName.remedy(for: "x", among: valid) == "valid: data, model")
        #expect(
            NearestName.remedy(for: "modle", among: valid, note: "{{ is a brace")
                == "did you mean 'model'? (valid: data, model; {{ is a brace)"
        )
        #expect(NearestName.remedy(for: "x", among: []) == "no name is valid here")
        #expect(NearestName.remedy(for: "x", among: [], none: "no keys") == "no keys")
    }
}
