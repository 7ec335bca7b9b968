package import FurrowSystem

/// The live view of a run as lines for a terminal.
package struct LiveScreen {
    /// The order of the workers.
    package enum Order: Sendable, CaseIterable {
        case worker, longest, job

        var name: String {
            switch self {
            case .worker: "worker"
            case .longest: "time"
            case .job: "job"
            }
        }

        /// The one after it.
        package var next: Order {
            switch self {
            case .worker: .longest
            case .longest: .job
            case .job: .worker
            }
        }
    }

    private let abilities: TerminalAbilities
    package var order = Order.worker
    /// The selected line of the workers.
    package var selected = 0

    /// - Parameter abilities: what the terminal can show.
    package init(_ abilities: TerminalAbilities) { self.abilities = abilities }

    /// The workers in order.
    package func places(of run: LiveRun) -> [LiveRun.Place] {
        switch order {
        case .worker: run.places
        case .longest:
            run.places.sorted {
                ($0.job == nil ? -1 : $0.seconds) > ($1.job == nil ? -1 : $1.seconds)
            }
        case .job: run.places.sorted { ($0.job ?? .max) < ($1.job ?? .max) }
        }
    }

    /// One line, for where nothing can be redrawn.
    package static func line(of run: LiveRun) -> String {
        var parts = [
            run.total.map { "\(run.succeeded + run.failed)/\($0) jobs" }
                ?? "\(run.succeeded + run.failed) jobs"
        ]
        if run.failed > 0 { parts.append("\(run.failed) failed") }
        parts.append("\(run.places.count { $0.job != nil }) running")
        parts += rate(of: run)
        return "\(run.stage): \(parts.joined(separator: ", ")) (\(run.state))"
    }

    private static func rate(of run: LiveRun) -> [String] {
        var parts: [String] = []
        if let rate = run.rate { parts.append("\(rounded(rate, rate < 10 ? 2 : 0)) jobs/s") }
        if let left = run.secondsLeft { parts.append("\(Quantity.time(seconds: left)) left") }
        return parts
    }

    /// All lines, none wider than the terminal, and at most as many as it has.
    package mutating func lines(of run: LiveRun, columns: Int, rows: Int) -> [String] {
        selected = min(max(0, selected), max(0, run.places.count - 1))
        var lines = [
            styled("\(run.stage): \(run.state)  \(run.directory)", "1", columns),
            progress(of: run, columns),
        ]
        lines += run.reasons.prefix(3).map { plain($0, columns) }
        var below: [String] = []
        if !run.best.isEmpty {
            below.append("")
            below += run.best.prefix(4).map { plain($0, columns) }
        }
        if !run.failures.isEmpty {
            below.append("")
            below += run.failures.prefix(4).map { styled($0, "31", columns) }
        }
        let keys = "q quit  s sort by \(order.next.name)  up/down select  enter output"
        let room = max(1, rows - lines.count - below.count - 3)
        lines.append("")
        lines += workers(of: run, columns, room)
        lines += below
        return Array(lines.prefix(max(1, rows - 1))) + [styled(keys, "2", columns)]
    }

    private func progress(of run: LiveRun, _ columns: Int) -> String {
        let done = run.succeeded + run.failed
        var parts = [run.total.map { "\(done)/\($0)" } ?? "\(done)"]
        if run.failed > 0 { parts.append("\(run.failed) failed") }
        parts += Self.rate(of: run)
        let text = parts.joined(separator: ", ")
        let width = min(30, columns - text.count - 2)
        guard let total = run.total, total > 0, width > 4 else { return plain(text, columns) }
        return abilities.bar(filled: width * min(done, total) / total, of: width) + " " + text
    }

    private func workers(of run: LiveRun, _ columns: Int, _ room: Int) -> [String] {
        let places = places(of: run)
        // The selected one is always in view.
        let first = max(0, min(selected - room / 2, places.count - room))
        let nameWidth = places.map(\.worker.displayWidth).max() ?? 0
        let hostWidth = min(24, places.map(\.host.displayWidth).max() ?? 0)
        return places.enumerated().dropFirst(first).prefix(room).map { number, place in
            let what =
                place.job.map { "job \($0) for \(Quantity.time(seconds: place.seconds))" } ?? "-"
            let line =
                "\(place.worker.padded(to: nameWidth))  \(place.host.padded(to: hostWidth))  \(what)"
            let mark = number == selected ? "> " : "  "
            return number == selected
                ? styled(mark + line, "7", columns) : plain(mark + line, columns)
        }
    }

    private func plain(_ text: String, _ columns: Int) -> String {
        var text = text.withoutControls
        if !abilities.isUnicode {
            text = String(text.map { $0.isASCII ? $0 : "?" })
        }
        return text.fitted(to: columns)
    }

    private func styled(_ text: String, _ style: String, _ columns: Int) -> String {
        let text = plain(text, columns)
        return abilities.hasColours ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text
    }
}
