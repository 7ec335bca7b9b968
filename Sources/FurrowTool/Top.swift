import ArgumentParser
import Furrow
import FurrowCommands
import FurrowViews

/// `furrow top`
struct Top: LocalCommand, AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch a run in the terminal, until it ends.",
        discussion: """
            Works on any host that sees the run's directory; rank 0 is not asked. Where there is \
            no terminal it prints a line every ten seconds.

            Examples: furrow top, furrow top digits --best -auroc
            """
    )

    @OptionGroup var named: RunArgument

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Show the jobs with the smallest values of a result; -COLUMN the largest.",
            valueName: "column"
        )
    )
    var best: String?

    func run() async throws {
        var reader = try LiveReader(of: try named.directory(), metric: best)
        let abilities = TerminalAbilities()
        guard let terminal = InteractiveTerminal(abilities) else {
            return try await printLines(&reader)
        }
        terminal.enter()
        defer { terminal.leave() }
        var screen = LiveScreen(abilities)
        var shown = try reader.read()
        var nextLook = ContinuousClock.now + .seconds(1)
        while true {
            let size = terminal.size
            terminal.draw(screen.lines(of: shown, columns: size.columns, rows: size.rows))
            switch terminal.key(waiting: 250) {
            case .interrupt, .character("q"): return
            case .character("s"): screen.order = screen.order.next
            case .up, .character("k"): screen.selected -= 1
            case .down, .character("j"): screen.selected += 1
            case .enter, .character("o"):
                let places = screen.places(of: shown)
                guard places.indices.contains(screen.selected) else { break }
                if let job = places[screen.selected].job {
                    try await showOutput(of: job, in: shown, terminal)
                }
            case .character, nil: break
            }
            guard ContinuousClock.now >= nextLook else { continue }
            let start = ContinuousClock.now
            shown = try reader.read()
            // Reading a long journal takes a while.
            nextLook = .now + max(.seconds(1), (.now - start) * 10)
        }
    }

    private func showOutput(
        of job: Int,
        in run: LiveRun,
        _ terminal: InteractiveTerminal
    ) async throws {
        terminal.leave()
        defer { terminal.enter() }
        print("Output of job \(job):")
        do {
            var log = try JobLog(of: job, in: run.directory, stage: run.stage, kind: .out)
            try await log.write(following: false)
        } catch let error as UsageError {
            print("\(error)")
        }
        print("Press Enter to go back.")
        _ = readLine()
    }

    private func printLines(_ reader: inout LiveReader) async throws {
        var reasons: [String] = []
        while true {
            let run = try reader.read()
            print(LiveScreen.line(of: run))
            // Said once, until they change.
            if run.reasons != reasons { for reason in run.reasons { print("  \(reason)") } }
            reasons = run.reasons
            guard run.isRunning else { return }
            try await Task.sleep(for: .seconds(10))
        }
    }
}
