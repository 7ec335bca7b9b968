import Foundation
import TestSupport
import Testing

extension RankTests {
    /// What one command does to its worker harms no other command.
    @Suite struct SweepFaults {
        @Test(arguments: [nil, 3])
        func aCommandThatKillsItsSupervisorFailsAlone(ranks: Int?) throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let script =
                "if [ {n} = 3 ]; then setsid sleep \(mark) & kill -9 $PPID; sleep \(mark); fi"
            let run = try sweep.furrow(
                [
                    "run", "--on-failure", "continue", "--param", "n=1..60", "--", "sh", "-c",
                    "echo {n}; " + script,
                ],
                ranks: ranks
            )
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("1 failed, 59 succeeded"), "\(run.errors)")
            #expect(run.errors.contains("the process that starts commands was killed"))
            #expect(try sweep.results().filter { $0["state"] == "failed" }.map { $0["n"] } == ["3"])
            #expect(try processes(running: "sleep", mark).isEmpty)
            for job in [2, 3, 4, 60] { #expect(try sweep.says("logs", "\(job)") == "\(job)\n") }
        }

        @Test(arguments: [nil, 2])
        func aCommandThatLeavesAPipeForAResultFailsAlone(ranks: Int?) throws {
            let sweep = try SweepScratch()
            let script = """
                case {n} in 2) mkfifo $FURROW_RESULT;; 3) rm -rf ${{FURROW_RESULT%/*}};; \
                4) mkdir $FURROW_RESULT;; *) echo '{{"x": {n}}}' > $FURROW_RESULT;; esac
                """
            let run = try sweep.furrow(
                [
                    "run", "--on-failure", "continue", "--param", "n=1..6", "--", "sh", "-c",
                    script,
                ],
                ranks: ranks
            )
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("2 failed, 4 succeeded"), "\(run.errors)")
            #expect(run.errors.contains("$FURROW_RESULT must be a file"), "\(run.errors)")
            #expect(try sweep.results().map { $0["x"] } == ["1", nil, nil, nil, "5", "6"])
        }

        /// `kill -STOP` of the supervisor stands for a command in a file system that hangs.
        @Test func aDrainEndsThoughACommandCannotBeKilled() throws {
            let sweep = try SweepScratch()
            let mark = mark()
            let run = try sweep.furrow(
                [
                    "run", "--grace", "500ms", "--param", "n=1..4", "--", "sh", "-c",
                    "kill -STOP $PPID; sleep \(mark)",
                ],
                ranks: 2
            ) { mpirun in
                try wait { try processes(running: "sleep", mark).count == 1 }
                kill(mpirun.processIdentifier, SIGUSR1)
            }
            #expect(run.status == 75, "\(run.errors)")
            #expect(run.errors.contains("abandoned"), "\(run.errors)")
            #expect(try processes(with: mark).isEmpty)
        }
    }
}
