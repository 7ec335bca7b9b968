import Testing

@testable import FurrowRuns

@Suite struct StageFailureTests {
    private func failure(
        _ index: Int,
        _ state: JobFailure.State = .failed,
        attempt: Int = 1,
        message: String? = nil
    ) -> JobFailure {
        JobFailure(
            index: index,
            parameters: "{}",
            taskID: index == 0 ? nil : 1,
            rank: 2,
            host: "node7",
            device: nil,
            attempt: attempt,
            state: state,
            message: message ?? "broken \(index)"
        )
    }

    @Test(arguments: [
        (StageFailure.Cause.jobs, Int32(1)), (.usage, 64), (.input, 65), (.generator, 70),
        (.collect, 70), (.save, 70), (.journal, 70), (.interrupted, 75),
    ])
    func eachCauseHasItsExitStatus(cause: StageFailure.Cause, status: Int32) {
        #expect(StageFailure(stage: "s", cause: cause).exitStatus == status)
    }

    @Test func jobsAreCountedAndTheFirstTenShown() {
        var counts = StageFailure.Counts()
        counts.succeeded = 5
        counts.failed = 12
        counts.cancelled = 1
        counts.abandoned = 1
        counts.notRun = 9
        let failures = [failure(0), failure(1, .cancelled)] + (2..<14).map { failure($0) }
        let text = StageFailure(stage: "train", cause: .jobs, counts: counts, failures: failures)
            .description
        let lines = text.split(separator: "\n")
        let summary = "12 failed, 5 succeeded, 1 cancelled, 1 abandoned, 9 not run"
        #expect(lines[0] == "stage 'train' failed: \(summary)")
        #expect(lines[1] == "  job 1 {} failed (serial, node7): broken 0")
        #expect(lines[2] == "  job 3 {} failed (rank 2, task 1, node7): broken 2")
        #expect(lines.count == 12)
        #expect(lines[11] == "  … and 3 more")
    }

    @Test func aLaterAttemptIsNamed() {
        #expect(
            failure(2, attempt: 3).description
                == "job 3 {} failed at attempt 3 (rank 2, task 1, node7): broken 2"
        )
    }

    @Test func failuresThatAreAlikeAreSaidOnce() {
        var counts = StageFailure.Counts()
        counts.failed = 50
        let failures = (0..<48).map { failure($0, message: "no such program") }
        let others = [failure(48), failure(49)]
        let text = StageFailure(
            stage: "s",
            cause: .jobs,
            counts: counts,
            failures: failures + others
        ).description
        let lines = text.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[1].hasSuffix("no such program  (and 47 more like it)"))
        #expect(lines[3].hasSuffix("broken 49"))
    }

    @Test func usersErrorsAreTheMessageAlone() {
        for cause in [StageFailure.Cause.input, .usage] {
            #expect("\(StageFailure(stage: "s", cause: cause, message: "no file"))" == "no file")
        }
    }

    @Test func aStepIsNamedWithItsError() {
        var failure = StageFailure(stage: "s", cause: .collect, message: "too few")
        #expect("\(failure)" == "stage 's' failed in its collect: too few")
        var counts = StageFailure.Counts()
        counts.succeeded = 3
        failure = StageFailure(stage: "s", cause: .save, message: "disk full", counts: counts)
        let lines = "\(failure)".split(separator: "\n")
        #expect(lines[0] == "stage 's' failed in its save: disk full")
        #expect(lines[1] == "  jobs: 0 failed, 3 succeeded")
    }
}
