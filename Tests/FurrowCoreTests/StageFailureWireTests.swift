import FurrowRuns
import Testing

@testable import FurrowCore

@Suite struct StageFailureWireTests {
    @Test func itTravelsToTheOtherRanks() throws {
        let failure = JobFailure(
            index: 3,
            parameters: "{}",
            taskID: 1,
            rank: 2,
            host: "node7",
            device: nil,
            attempt: 1,
            state: .failed,
            message: "broken"
        )
        let sent = StageFailure(stage: "s", cause: .jobs, message: "m", failures: [failure])
        #expect(try StageFailure(encoded: try sent.encoded()) == sent)
        #expect(try StageFailure(encoded: []) == nil)
    }
}
