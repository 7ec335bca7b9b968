import FurrowSystem
import Testing

@testable import FurrowViews

@Suite struct LiveScreenTests {
    private var run: LiveRun {
        var run = LiveRun(directory: "/runs/数字/1", state: "running", stage: "数字")
        run.total = 40
        run.succeeded = 18
        run.failed = 2
        run.rate = 3.21
        run.secondsLeft = 6
        run.places = (0..<30).map {
            LiveRun.Place(
                worker: "task \($0)",
                host: "n\($0)",
                job: $0 == 1 ? nil : 30 - $0,
                seconds: Double($0)
            )
        }
        run.reasons = ["all 30 workers are busy"]
        run.failures = ["job 3 failed: no\u{1B}[2J such file"]
        run.best = ["job 4: auroc 0.9"]
        return run
    }

    @Test(arguments: [1, 5, 20, 40, 80, 200], [2, 5, 10, 24, 60])
    func itFitsTheTerminal(columns: Int, rows: Int) {
        for environment in [
            ["TERM": "xterm", "NO_COLOR": "1", "LANG": "C.UTF-8"],
            ["TERM": "vt100", "NO_COLOR": "1", "LANG": "C"],
        ] {
            var screen = LiveScreen(TerminalAbilities(environment))
            let lines = screen.lines(of: run, columns: columns, rows: rows)
            #expect(lines.count <= rows, "\(lines)")
            #expect(lines.allSatisfy { $0.displayWidth <= columns }, "\(lines)")
            #expect(!lines.joined().contains("\u{1B}"))
            if environment["LANG"] == "C" { #expect(lines.joined().allSatisfy { $0.isASCII }) }
        }
    }

    @Test func itHasWhatPeopleLookFor() {
        var screen = LiveScreen(TerminalAbilities(["TERM": "xterm", "LANG": "C.UTF-8"]))
        let text = screen.lines(of: run, columns: 100, rows: 40).joined(separator: "\n")
        for part in [
            "20/40, 2 failed, 3.21 jobs/s, 6.0 s left", "all 30 workers are busy",
            "job 3 failed: no [2J such file", "job 4: auroc 0.9", "task 2", "job 28 for 2.0 s",
            "q quit", "███",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }

    @Test func workersHaveAnOrderAndOneIsSelected() {
        var screen = LiveScreen(TerminalAbilities(["TERM": "xterm", "NO_COLOR": "1", "LANG": "C"]))
        screen.order = .longest
        #expect(screen.places(of: run).first?.worker == "task 29")
        #expect(screen.places(of: run).last?.worker == "task 1")
        screen.order = .job
        #expect(screen.places(of: run).first?.job == 1)
        screen.order = .worker
        screen.selected = 25
        let lines = screen.lines(of: run, columns: 80, rows: 16)
        #expect(lines.contains { $0.hasPrefix("> task 25") })
        screen.selected = 99
        _ = screen.lines(of: run, columns: 80, rows: 16)
        #expect(screen.selected == 29)
    }

    @Test func withoutATerminalItIsALine() {
        #expect(
            LiveScreen.line(of: run)
                == "数字: 20/40 jobs, 2 failed, 29 running, 3.21 jobs/s, 6.0 s left (running)"
        )
    }
}
