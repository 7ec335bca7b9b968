import Testing

@testable import Furrow

@Suite struct LaunchTests {
    @Test(arguments: [
        (["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4"], "Open MPI's mpirun"),
        (["PMI_RANK": "2", "PMI_SIZE": "4"], "the mpiexec of MPICH or Intel MPI"),
        (["SLURM_PROCID": "2", "SLURM_STEP_NUM_TASKS": "4"], "srun"),
    ])
    func everyLauncherIsKnown(environment: [String: String], name: String) {
        let launch = LaunchEnvironment(environment)
        #expect(launch?.rank == 2)
        #expect(launch?.size == 4)
        #expect(launch?.launcher == name)
    }

    @Test func whatIsStartedAloneHasNoLauncher() {
        #expect(LaunchEnvironment([:]) == nil)
        #expect(LaunchEnvironment(["PMI_RANK": "0"]) == nil)
        #expect(LaunchEnvironment(["PMI_RANK": "x", "PMI_SIZE": "2"]) == nil)
        // A batch script's own environment, without srun.
        #expect(LaunchEnvironment(["SLURM_PROCID": "0", "SLURM_NTASKS": "8"]) == nil)
    }

    @Test func aForeignLauncherIsNamedAndWhatToDo() throws {
        let launch = try #require(LaunchEnvironment(["PMI_RANK": "0", "PMI_SIZE": "4"]))
        let message = try #require(launch.mismatch(worldSize: 1, library: "Open MPI 4.1"))
        #expect(message.contains("the mpiexec of MPICH or Intel MPI started 4 processes"))
        #expect(message.contains("(Open MPI 4.1)"))
        #expect(message.contains("mpirun"))
        #expect(launch.mismatch(worldSize: 4, library: "") == nil)
        let alone = try #require(LaunchEnvironment(["PMI_RANK": "0", "PMI_SIZE": "1"]))
        #expect(alone.mismatch(worldSize: 1, library: "") == nil)
    }

    @Test(arguments: [
        ("10", Duration.seconds(10)), ("10s", .seconds(10)), ("1.5m", .seconds(90)),
        ("2h", .seconds(7200)), ("200ms", .milliseconds(200)), ("0", .zero), (".5s", .seconds(0.5)),
    ])
    func aTimeIsRead(text: String, duration: Duration) {
        #expect(TimeLimit(argument: text)?.duration == duration)
    }

    @Test(arguments: ["", "s", "-1", "10 s", "10d", "1e3", "1:30", "1.2.3", "inf", "nan", "½"])
    func anythingElseIsNoTime(text: String) {
        #expect(TimeLimit(argument: text) == nil)
    }

    @Test func aTimeBeyondAllBoundsIsRefused() {
        #expect(TimeLimit(argument: String(repeating: "9", count: 400)) == nil)
        #expect(TimeLimit(argument: "999999999h") == nil)
    }

    @Test func aTimeIsShownInSeconds() {
        #expect(TimeLimit(.seconds(10)).defaultValueDescription == "10s")
        #expect(TimeLimit(.milliseconds(1500)).defaultValueDescription == "1.5s")
    }

    @Test(arguments: [
        ("TrainModel", "train-model"), ("Area", "area"), ("AreaUnderROC", "area-under-roc"),
        ("already_small", "already_small"), ("Job2Run", "job2-run"), ("", ""),
    ])
    func wordsAreJoinedByHyphens(type: String, name: String) {
        #expect(hyphenated(type) == name)
    }
}

@Suite struct StageFailureTests {
    private func failure(
        _ index: Int,
        _ state: JobFailure.State = .failed,
        message: String? = nil
    ) -> JobFailure {
        JobFailure(
            index: index,
            parameters: "{}",
            taskID: index == 0 ? nil : 1,
            rank: 2,
            host: "node7",
            device: nil,
            attempt: 1,
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
        #expect(lines[1].hasSuffix("no such program  (and 47 more alike)"))
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

    @Test func itTravelsToTheOtherRanks() throws {
        let sent = StageFailure(stage: "s", cause: .jobs, message: "m", failures: [failure(3)])
        #expect(try StageFailure(encoded: try sent.encoded()) == sent)
        #expect(try StageFailure(encoded: []) == nil)
    }
}
