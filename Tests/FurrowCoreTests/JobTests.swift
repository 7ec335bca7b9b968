import Testing

@testable import FurrowCore

@Suite struct JobTests {
    @Test(arguments: [
        ("TrainModel", "train-model"), ("Area", "area"), ("AreaUnderROC", "area-under-roc"),
        ("already_small", "already_small"), ("Job2Run", "job2-run"), ("", ""),
    ])
    func wordsAreJoinedByHyphens(type: String, name: String) {
        #expect(hyphenated(type) == name)
    }
}
