import FurrowRuns
import FurrowSystem

/// How rank 0 shows a stage's progress.
public enum ProgressStyle: Sendable, Hashable {
    /// A bar this many columns wide, redrawn in place.
    case bar(columns: Int)
    /// A line at most every ten seconds.
    case plain
    /// Nothing.
    case none
}

/// The progress display of one stage, on rank 0's standard output.
struct Progress: Sendable {
    /// Short enough for a smooth bar, long enough for a short log, and at no cost to dealing.
    private static let barInterval = Duration.milliseconds(100)
    private static let plainInterval = Duration.seconds(10)

    private let style: ProgressStyle
    private let isLaunched = LaunchEnvironment(processEnvironment()) != nil
    private let stage: String
    var total: Int?
    private let start = MonotonicTime.now
    private var last: MonotonicTime
    private var shown: Set<String> = []
    private var bar = ""

    init(_ style: ProgressStyle, stage: String, total: Int?) {
        self.style = style
        self.stage = stage
        self.total = total
        last = start
    }

    /// Shows the counts, if an update is due.
    mutating func update(_ counts: StageFailure.Counts) {
        let interval: Duration
        switch style {
        case .bar: interval = Self.barInterval
        case .plain: interval = Self.plainInterval
        case .none: return
        }
        let now = MonotonicTime.now
        guard now - last >= interval else { return }
        last = now
        draw(counts, after: now - start)
    }

    /// Shows a text above the display, in one piece.
    mutating func show(_ text: [UInt8]) {
        guard !text.isEmpty else { return }
        let line = text.last == UInt8(ascii: "\n") ? text : text + [UInt8(ascii: "\n")]
        if bar.isEmpty {
            try? OpenFile.standardOutput.write(line)
        } else {
            try? OpenFile.standardOutput.write(
                Array("\r\u{1B}[K".utf8) + line + Array(bar.utf8)
            )
        }
    }

    /// Shows a warning above the display, on standard error.
    func warn(_ text: String) { complain("Warning: \(text)") }

    /// Shows a line above the display, on standard error.
    func complain(_ line: String) {
        if !bar.isEmpty { OpenFile.standardOutput.say("\r\u{1B}[K") }
        StandardError.write(line)
        if !bar.isEmpty { OpenFile.standardOutput.say(bar) }
    }

    /// Shows failures above the display; of similar ones only the first.
    mutating func show(_ failures: [JobFailure]) {
        if style == .none { return }
        for failure in failures where failure.state != .cancelled {
            if shown.insert(failure.message).inserted { show(Array("\(failure)\n".utf8)) }
        }
    }

    /// Shows the counts a last time.
    mutating func finish(_ counts: StageFailure.Counts) {
        draw(counts, after: .now - start)
        if case .bar = style { OpenFile.standardOutput.say("\n") }
        bar = ""
    }

    private mutating func draw(_ counts: StageFailure.Counts, after elapsed: Duration) {
        let seconds = elapsed.seconds
        switch style {
        case .bar(let columns):
            // The terminal may have another width by now.
            let now = Terminal.behindStandardOutput(isLaunched: isLaunched)?.columns
            let columns = now ?? columns
            let bar = Self.bar(stage, counts, total: total, seconds: seconds, columns: columns)
            self.bar = bar
            OpenFile.standardOutput.say("\r\(bar)\u{1B}[K")
        case .plain:
            let line = "\(stage): \(Self.status(counts, total: total, seconds: seconds))\n"
            OpenFile.standardOutput.say(line)
        case .none:
            break
        }
    }

    /// For example `12/40 jobs, 1 failed, 3.2/s, 9 s left`.
    static func status(_ counts: StageFailure.Counts, total: Int?, seconds: Double) -> String {
        let done = counts.shown
        var parts = [total.map { "\(done)/\($0) jobs" } ?? "\(done) jobs"]
        parts += counts.unsuccessfulParts
        // Jobs done before took no time of this run.
        let fresh = done - counts.kept
        if fresh > 0, seconds > 0 {
            let rate = Double(fresh) / seconds
            parts.append("\(rate < 10 ? rounded(rate, 1) : rounded(rate, 0))/s")
            // When a stage was stopped, the number of jobs not run is known only at its end.
            if let total, counts.done + counts.notRun < total {
                parts.append("\(Quantity.time(seconds: Double(total - counts.done) / rate)) left")
            } else {
                parts.append(Quantity.time(seconds: seconds))
            }
        }
        return parts.joined(separator: ", ")
    }

    /// A bar and the status, in one line of the terminal.
    static func bar(
        _ stage: String,
        _ counts: StageFailure.Counts,
        total: Int?,
        seconds: Double,
        columns: Int,
        abilities: TerminalAbilities = TerminalAbilities()
    ) -> String {
        let status = status(counts, total: total, seconds: seconds)
        let width = min(30, columns - stage.displayWidth - status.count - 6)
        guard let total, width >= 5 else {
            return "\(stage) \(status)".fitted(to: max(columns - 1, 1))
        }
        let done = counts.shown
        let filled = total == 0 ? width : width * min(done, total) / total
        return "\(stage) \(abilities.bar(filled: filled, of: width)) \(status)"
    }
}

extension StageFailure.Counts {
    /// The jobs shown as done: those cancelled or abandoned run again when the run is resumed.
    fileprivate var shown: Int { succeeded + failed + kept }
}
