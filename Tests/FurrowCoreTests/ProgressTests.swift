import FurrowRuns
import FurrowSystem
import Testing

@testable import FurrowCore

@Suite struct ProgressTests {
    private func counts(succeeded: Int, failed: Int = 0) -> StageFailure.Counts {
        var counts = StageFailure.Counts()
        counts.succeeded = succeeded
        counts.failed = failed
        return counts
    }

    @Test func theStatusSaysHowFastAndHowLong() {
        func status(_ counts: StageFailure.Counts, _ total: Int?, _ seconds: Double) -> String {
            Progress.status(counts, total: total, seconds: seconds)
        }
        #expect(status(counts(succeeded: 0), nil, 0) == "0 jobs")
        #expect(status(counts(succeeded: 0), 40, 3) == "0/40 jobs")
        let some = counts(succeeded: 11, failed: 1)
        #expect(status(some, 40, 4) == "12/40 jobs, 1 failed, 3.0/s, 9.3 s left")
        #expect(status(some, nil, 4) == "12 jobs, 1 failed, 3.0/s, 4.0 s")
        #expect(status(counts(succeeded: 40), 40, 4) == "40/40 jobs, 10/s, 4.0 s")
        #expect(status(counts(succeeded: 10), 310, 100) == "10/310 jobs, 0.1/s, 50 min left")
        #expect(status(counts(succeeded: 10), 10, 9000) == "10/10 jobs, 0.0/s, 2.5 h")
        var stopped = counts(succeeded: 10)
        stopped.notRun = 30
        #expect(status(stopped, 40, 4) == "10/40 jobs, 2.5/s, 4.0 s")
    }

    @Test func cancelledAndAbandonedJobsAreNotDone() {
        var all = counts(succeeded: 1, failed: 2)
        all.cancelled = 3
        all.abandoned = 4
        all.notRun = 5
        #expect(
            Progress.status(all, total: 15, seconds: 0)
                == "3/15 jobs, 2 failed, 3 cancelled, 4 abandoned"
        )
        // Neither do they count as left: they do not run again in this run.
        all.notRun = 0
        #expect(
            Progress.status(all, total: 15, seconds: 3)
                == "3/15 jobs, 2 failed, 3 cancelled, 4 abandoned, 1.0/s, 5.0 s left"
        )
    }

    @Test(arguments: [1, 2, 10, 20, 30, 40, 60, 80, 200], [nil, 0, 7, 1000])
    func aBarFitsItsLine(columns: Int, total: Int?) {
        for done in [0, 3, 7] {
            let bar = Progress.bar(
                "benchmark",
                counts(succeeded: done, failed: 1),
                total: total,
                seconds: 2,
                columns: columns
            )
            #expect(bar.count <= max(columns - 1, 1))
            #expect(!bar.contains("\n"))
        }
    }

    @Test func aBarIsPlainWhereTheLocaleIs() {
        let bar = Progress.bar(
            "s",
            counts(succeeded: 1),
            total: 2,
            seconds: 0,
            columns: 80,
            abilities: TerminalAbilities(["LANG": "C"])
        )
        #expect(bar.allSatisfy { $0.isASCII } && bar.contains("###"))
    }

    @Test func aNameOfWideCharactersFits() {
        for columns in 10...60 {
            let bar = Progress.bar(
                "数字の学習",
                counts(succeeded: 3),
                total: 7,
                seconds: 2,
                columns: columns
            )
            #expect(bar.displayWidth <= columns - 1)
        }
    }

    @Test func aBarFillsAsJobsEnd() {
        func cells(_ done: Int, of total: Int) -> (full: Int, empty: Int) {
            let bar = Progress.bar(
                "s",
                counts(succeeded: done),
                total: total,
                seconds: 0,
                columns: 80,
                abilities: TerminalAbilities(["LANG": "en_US.UTF-8"])
            )
            return (bar.count { $0 == "█" }, bar.count { $0 == "░" })
        }
        #expect(cells(0, of: 40) == (0, 30))
        #expect(cells(20, of: 40) == (15, 15))
        #expect(cells(39, of: 40) == (29, 1))
        #expect(cells(40, of: 40) == (30, 0))
        #expect(cells(50, of: 40) == (30, 0))
        #expect(cells(0, of: 0) == (30, 0))
    }

}
