import Foundation
import FurrowRuns
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowViews

/// Why jobs wait.
@Suite struct SituationTests {
    private func running(
        _ busy: Int,
        of workers: Int = 3,
        total: Int? = 10,
        done: Int = 2
    ) -> RunSituation {
        var situation = RunSituation(state: "running", directory: "d")
        situation.workers = workers
        situation.now = 1000
        var counts = StageFailure.Counts()
        counts.succeeded = done
        var last = RunState(
            stage: "s",
            total: total,
            counts: counts,
            running: (0..<busy).map { .init(taskID: $0, job: $0 + 1, since: 990) }
        )
        last.updated = 999
        situation.last = last
        return situation
    }

    @Test func allWorkersAreBusy() {
        #expect(
            running(3).reasons == ["all 3 workers are busy: 5 jobs wait for a free one"]
        )
    }

    @Test func theLastJobsRun() {
        #expect(
            running(2, total: 4).reasons
                == ["no job of stage 's' is left to start: the last 2 run"]
        )
        #expect(
            running(0, total: 2).reasons
                == ["all jobs of stage 's' have ended: results are gathered and saved"]
        )
    }

    @Test func theTimeLimitIsTooNear() {
        var situation = running(1)
        situation.last?.limit = 1030
        situation.last?.jobSeconds = 60
        #expect(situation.reasons[0].hasPrefix("2 workers have no job: the time limit is too near"))
    }

    @Test func theGeneratorIsSlow() {
        var situation = running(1, total: nil)
        situation.last?.made = 3
        #expect(
            situation.reasons == [
                "2 workers have no job: the generator has made no further job yet"
            ]
        )
    }

    @Test func aStoppedStageStartsNothing() {
        var situation = running(1)
        situation.last?.isStopping = true
        #expect(situation.reasons == ["the stage stops: no new job starts, and 1 still run"])
    }

    @Test func aSilentRank0IsNamed() {
        var situation = running(3)
        situation.last?.updated = 900
        #expect(situation.reasons[0].hasPrefix("rank 0 has written nothing for 100 s"))
    }

    @Test func aWorkerThatWasTakenOutIsNamedAndNotMissed() {
        var situation = running(2)
        situation.removed = [RemovedWorker(stage: "s", taskID: 2, host: "n", reason: "no disk")]
        #expect(
            situation.reasons == [
                "all 2 workers are busy: 6 jobs wait for a free one",
                "task 2 on n was taken out: no disk",
            ]
        )
        situation.state = "succeeded"
        #expect(situation.reasons == ["task 2 on n was taken out: no disk"])
    }

    @Test func laterStagesWait() {
        var situation = running(3)
        situation.waitingStages = ["rank"]
        #expect(
            situation.reasons.last
                == "stage 'rank' begins when all jobs of stage 's' have succeeded"
        )
    }

    @Test func whatEndedSaysHowToGoOn() {
        var situation = RunSituation(state: "succeeded", directory: "a b")
        #expect(situation.reasons == [])
        situation.state = "failed"
        situation.onFailure = "abort"
        situation.left = 4
        #expect(
            situation.reasons == [
                "the run failed, and 4 jobs have not succeeded",
                "with --on-failure abort no job starts after a failure; --on-failure continue runs all",
                "'furrow run --resume 'a b'' runs them",
            ]
        )
        situation.state = "killed"
        #expect(situation.reasons.first == "the run was killed, and 4 jobs have not succeeded")
        situation.state = "interrupted"
        situation.isTyped = true
        #expect(
            situation.reasons == [
                "a signal or the time limit ended the run early, and 4 jobs have not succeeded",
                "the program, started again with --run-dir 'a b' --resume, runs them",
            ]
        )
        situation.status = 1
        #expect(situation.reasons[0].hasPrefix("the death of a rank ended the run early"))
        situation.state = "submitted"
        situation.slurm = "PENDING (Resources)"
        #expect(situation.reasons == ["the run has not started: SLURM says PENDING (Resources)"])
    }

    @Test func aJobTellsOfItsAttempts() throws {
        let run = try MadeUpRun()
        try run.write(state: .failed, total: 3)
        try run.write([
            .init(job: 1, start: 101, seconds: 1, state: .failed),
            .init(job: 1, start: 103, seconds: 2, state: .failed, attempt: 2),
            .init(job: 2, start: 106, seconds: 2),
        ])
        let (reader, stages) = try run.reader()
        let facts = try RunFacts(reader, stages.map { (stage: $0.0, plan: $0.1) })
        var situation = RunSituation(state: "failed", directory: "d")
        situation.left = 2
        let jobs = JobSituation(facts, situation)
        let stage = stages[0].0
        #expect(
            try jobs.reasons(of: 1, in: stage) == [
                "it failed as task 0 on n after 1.0 s",
                "attempt 2 failed as task 0 on n after 2.0 s",
                "it is not tried again in this start; a resumed run runs it again",
            ]
        )
        #expect(try jobs.reasons(of: 2, in: stage) == ["it succeeded as task 0 on n after 2.0 s"])
        #expect(try jobs.reasons(of: 3, in: stage).first == "it has not started")
        #expect(throws: UsageError.self) { try jobs.reasons(of: 4, in: stage) }
    }

    @Test func attemptsAtAJobThatIsGoneAreNotAnotherJobs() throws {
        let run = try MadeUpRun()
        try run.write(state: .failed, total: 2)
        try run.write([
            .init(job: 1, start: 101, seconds: 1, state: .failed),
            .init(job: 1, start: 103, seconds: 1, state: .failed, attempt: 2),
            .init(job: 2, start: 105, seconds: 1),
        ])
        // The first job was removed, and the second has its number.
        var (reader, stages) = try run.reader()
        let stage = stages[0].0
        var changes = StageChanges(of: stage)
        let ids = reader.index.entries.reduce(into: [:]) { $0[$1.value.job] = $1.key }
        changes.removed = [try #require(ids[1])]
        changes.numbers = [try #require(ids[2]): 1]
        try changes.write(in: run.path)
        (reader, stages) = try run.reader()
        let facts = try RunFacts(reader, stages.map { (stage: $0.0, plan: $0.1) })
        #expect(facts.attempts.map(\.job) == [1, 1, 1])
        #expect(facts.attempts.map(\.isFormer) == [true, true, false])
        let jobs = JobSituation(facts, RunSituation(state: "failed", directory: "d"))
        #expect(
            try jobs.reasons(of: 1, in: stage) == [
                "it succeeded as task 0 on n after 1.0 s",
                "not shown: 2 attempts under this number at a job that was changed or removed since",
            ]
        )
        #expect(try jobs.reasons(of: 2, in: stage).first == "it has not started")
        let path = try RunTrace(of: reader, stages.map { (stage: $0.0, plan: $0.1) }).write()
        let trace = try String(contentsOfFile: path, encoding: .utf8)
        for name in ["former job 1", "former job 1 (attempt 2)", "job 1"] {
            #expect(trace.components(separatedBy: "\"name\":\"\(name)\"").count == 2, "\(name)")
        }
        #expect(trace.components(separatedBy: #""former":true"#).count == 3)
        #expect(!trace.contains("job 2"))
    }
}
