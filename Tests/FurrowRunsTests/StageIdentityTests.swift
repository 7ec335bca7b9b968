import Testing

@testable import FurrowRuns

private struct Point {}

private enum Alike {
    struct Point {}
}

@Suite struct StageIdentityTests {
    @Test func stagesOfOneNameAreTold() {
        let first = StageIdentity("point", of: Point.self)
        #expect(first.key != StageIdentity("point", of: Point.self, occurrence: 2).key)
        #expect(first.key != StageIdentity("point", of: Alike.Point.self).key)
        #expect(first.key != StageIdentity("other", of: Point.self).key)
        #expect(first.key == StageIdentity("point", of: Point.self, occurrence: 1).key)
    }

    @Test func aTypesKeyIsTheSameInEveryProcess() {
        // Both are private, and have an address in the name that the runtime gives them.
        #expect(String(reflecting: Point.self).contains("$"))
        #expect(StageIdentity("point", of: Point.self).key == "point\0FurrowRunsTests.Point\01")
        #expect(
            StageIdentity("point", of: [Alike.Point].self, occurrence: 3).key
                == "point\0Swift.Array<FurrowRunsTests.Alike.Point>\03"
        )
    }
}
