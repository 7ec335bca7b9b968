import Foundation
import FurrowSystem
import TestSupport

/// What trials have in common.
struct TrialSetting: Sendable {
    /// How many ranks parallel starts have.
    let ranks: Int
    /// What starts them.
    let launcher: Launcher
    /// Lets calls fail.
    let calls: FaultyCalls
}

/// A sweep that is started and resumed under some trouble, and then without.
final class Trial {
    /// Everything random in it.
    var random: SeededRandom
    let sweep: TortureSweep
    /// The ranks of its first start; one process without mpirun, if `nil`.
    let ranks: Int?
    let calls: FaultyCalls
    /// Jobs whose record was damaged: those may run again.
    var doubtful: Set<Int> = []
    /// Jobs whose output may be gone.
    var isOutputAtRisk = false

    /// How long a start may take, trouble or not.
    private static let limit = 100.0

    /// - Parameters:
    ///   - seed: of everything random in it.
    ///   - setting: what it has in common with others.
    ///   - isParallel: whether its first start is parallel; five of six are, unless told otherwise.
    ///   - scratch: its folder; a new one, unless told otherwise.
    ///   - runs: where its runs are, from its folder.
    init(
        seed: UInt64,
        _ setting: TrialSetting,
        isParallel: Bool? = nil,
        in scratch: Scratch? = nil,
        runs: String = "runs"
    ) throws {
        random = SeededRandom(seed: seed)
        calls = setting.calls
        let isSerial = Int.random(in: 0..<6, using: &random) == 0
        ranks = isParallel ?? !isSerial ? setting.ranks : nil
        sweep = try TortureSweep(
            &random,
            in: scratch ?? Scratch(),
            under: setting.launcher,
            runs: runs
        )
    }

    private var runsDirectory: [String] { ["--runs-dir", sweep.runs, "--progress", "none"] }

    /// Starts the run, or resumes it where there is one.
    ///
    /// - Parameters:
    ///   - statuses: the right ones; any, if `nil`.
    ///   - options: further options.
    ///   - isReadable: whether the run's directory can be read afterwards.
    @discardableResult
    func start(
        _ statuses: Set<Int32>? = nil,
        ranks: Int?,
        _ options: [String] = [],
        environment: [String: String] = [:],
        isReadable: Bool = true,
        whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> Execution.Outcome {
        let recorded = try sweep.recorded().subtracting(doubtful)
        let before = try sweep.begun()
        let start = sweep.directory == nil ? ["sweep.yaml"] : ["--resume"]
        let run = try sweep.furrow(
            ["run"] + start + runsDirectory + options,
            ranks: ranks,
            environment: environment,
            limit: Self.limit,
            whileRunning: whileRunning
        )
        let told = "status \(run.status), \(run.errors.suffix(2000))"
        if run.timedOut {
            // Two seconds after a SIGTERM mpirun has killed its ranks and left, whatever they do,
            // stopped ones included: if it is still there, it hangs itself.
            let left = run.left.joined(separator: ", ")
            guard ranks != nil, run.status == SIGKILL else {
                throw Violation("it hangs: \(left); \(told)")
            }
            try expectNothingLeft()
            throw LauncherHang(description: "mpirun hangs: \(left); \(told)")
        }
        if let statuses, !statuses.contains(run.status) { throw Violation(told) }
        for trap in ["Fatal error", "Illegal instruction", "signal 4", "signal 11", "Crash"] {
            if run.errors.contains(trap) { throw Violation("it traps: \(told)") }
        }
        try expectNothingLeft()
        let after = try sweep.begun()
        for job in recorded.sorted() where after[job] != before[job] {
            throw Violation("job \(job) had succeeded, and ran again: \(told)")
        }
        if run.status == 0, isReadable {
            do {
                try expectTables()
            } catch let error as Violation {
                throw Violation("status 0, but \(error): \(run.errors)")
            }
        }
        return run
    }

    /// A start that is killed at some time, the launcher and all.
    func killed(environment: [String: String] = [:]) throws {
        let delay = Double.random(in: 0.05...0.8, using: &random)
        try start(ranks: ranks, environment: environment) { process in
            usleep(UInt32(delay * 1e6))
            try killAtOnce(startedProcesses().map(\.process))
            kill(process.processIdentifier, SIGKILL)
        }
    }

    /// Resumes the run without trouble: everything is there then.
    func finish() throws {
        let ranks = [nil, 2, 3].randomElement(using: &random) ?? nil
        let run = try start(ranks: ranks)
        guard run.status == 0 else {
            throw Violation("it cannot be resumed: status \(run.status), \(run.errors)")
        }
        for job in [1, sweep.jobs / 2, sweep.jobs] { try expectOutput(of: job) }
        try expectNoScratch()
    }

    // MARK: What holds at any time

    /// No process is left behind; those that have to be killed may take a moment.
    private func expectNothingLeft() throws {
        let end = ContinuousClock.now + .seconds(15)
        var left = try startedProcesses()
        while !left.isEmpty {
            guard ContinuousClock.now < end else {
                for one in left { kill(one.process, SIGKILL) }
                throw Violation("left behind: \(left.map(\.name))")
            }
            usleep(20_000)
            left = try startedProcesses()
        }
    }

    /// Nothing of a worker's own is left in the temporary folder, after a run that ended well.
    private func expectNoScratch() throws {
        guard let directory = sweep.directory else { return }
        for name in ["lock", "output/running"] where sweep.scratch.has("\(directory)/\(name)") {
            throw Violation("\(name) is left")
        }
    }

    /// Every job is in both tables once, with its value.
    private func expectTables() throws {
        guard let directory = sweep.directory else { throw Violation("there is no run") }
        let rows = try sweep.furrow(
            ["results", "--runs-dir", sweep.runs, "--format", "json"]
        )
        struct Row: Decodable { var job: Int, v: JSONText, state: String, number: Int? }
        guard rows.status == 0 else { throw Violation("'results' says \(rows.errors)") }
        let decoded = try JSONDecoder().decode([Row].self, from: Data(rows.output.utf8))
        guard decoded.map(\.job) == Array(1...sweep.jobs) else {
            throw Violation("'results' has jobs \(decoded.map(\.job)) of \(sweep.jobs)")
        }
        for row in decoded {
            let right = row.state == "succeeded" && row.v.text == sweep.values[row.job - 1]
            let isNumber = row.number == row.job || doubtful.contains(row.job)
            guard right, isNumber else { throw Violation("'results' has \(row)") }
        }
        let table = try sweep.scratch.text("\(directory)/results.csv")
        let jobs = table.split(separator: "\n").dropFirst().compactMap {
            Int($0.prefix { $0 != "," })
        }
        guard jobs == Array(1...sweep.jobs) else { throw Violation("results.csv has \(jobs)") }
        let log = try sweep.scratch.text("\(directory)/joblog.tsv")
        let numbers = log.split(separator: "\n").dropFirst().compactMap {
            Int($0.prefix { $0 != "\t" })
        }
        guard numbers.sorted() == Array(1...sweep.jobs) else {
            throw Violation("joblog.tsv has \(numbers)")
        }
    }

    /// `logs` shows the job's own output, or says that it is gone.
    private func expectOutput(of job: Int) throws {
        let log = try sweep.furrow(["logs", "\(job)", "--runs-dir", sweep.runs])
        let own = "out of \(job): \(sweep.values[job - 1])"
        if log.status == 0, log.output == own { return }
        let mayBeGone = isOutputAtRisk || doubtful.contains(job)
        if mayBeGone, log.output.isEmpty || log.status != 0, log.errors.contains("gone") { return }
        throw Violation(
            "'logs \(job)' shows '\(log.output)', not '\(own)': \(log.status) \(log.errors)"
        )
    }
}

/// A value as JSON has it, a text or a number.
struct JSONText: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            text = "\(number)"
        } else {
            text = try container.decode(String.self)
        }
    }
}
