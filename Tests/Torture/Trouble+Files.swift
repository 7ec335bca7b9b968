import Foundation
import FurrowSystem
import TestSupport

extension Trouble {
    /// The journal of a killed run is torn, or has other bytes in it.
    static let journals = Trouble("journals") { trial in
        for _ in 0..<Int.random(in: 1...3, using: &trial.random) {
            try trial.killed()
            try trial.damageJournal()
        }
    }

    /// Files and folders of the run's directory go, while it runs or after it was killed.
    static let folders = Trouble("folders") { trial in
        let name =
            [
                "output", "output/running", "journal", "lock", "state.json", "results.csv",
            ].randomElement(using: &trial.random) ?? "output"
        func remove() throws {
            guard let directory = trial.sweep.directory else { return }
            let path = "\(trial.sweep.scratch.path)/\(directory)/\(name)"
            // While it runs, files come and go meanwhile, and it may not be there yet.
            try? FileManager.default.removeItem(atPath: path)
        }
        if name == "journal" { trial.doubtful = Set(1...trial.sweep.jobs) }
        trial.isOutputAtRisk = name == "output"
        if Bool.random(using: &trial.random) {
            try trial.killed()
            try remove()
        } else {
            // What goes when the run has just ended is missing, and that is nobody's fault.
            try trial.start([0, 1, 65, 70], ranks: trial.ranks, isReadable: false) { _ in
                usleep(UInt32.random(in: 0...900_000, using: &trial.random))
                try remove()
            }
        }
    }

    /// Every call for a file takes some milliseconds.
    static let slowFolders = Trouble("slow-folders") { trial in
        let delay = Int.random(in: 500...10_000, using: &trial.random)
        let environment = trial.calls.slow(in: trial.sweep.scratch.path, microseconds: delay)
        try trial.start([0], ranks: trial.ranks, environment: environment)
    }

    /// The run's disk has no space left, or no room for another file; later it has.
    static let fullDisks = Trouble(
        "full-disks",
        obstacle: { SmallDisk.canBeMade ? nil : "only root may mount a disk" },
        run: fillDisk
    )

    @Sendable private static func fillDisk(
        _ seed: UInt64,
        _ setting: TrialSetting
    ) throws {
        let scratch = try Scratch(with: "disk")
        var random = SeededRandom(seed: seed)
        let isSmall = Bool.random(using: &random)
        let disk = try SmallDisk(
            at: scratch.path + "/disk",
            bytes: isSmall ? Int.random(in: 5...60, using: &random) * 4096 : 16 << 20,
            files: isSmall ? 10_000 : Int.random(in: 4...30, using: &random)
        )
        defer { disk.unmount() }
        let trial = try Trial(seed: seed, setting, in: scratch, runs: "disk/runs")
        let run = try trial.start([0, 1, 65, 70], ranks: trial.ranks)
        if run.status != 0, !run.errors.contains("No space left on device") {
            throw Violation("it does not say what is missing: \(run.errors)")
        }
        try disk.grow(to: 16 << 20)
        try trial.finish()
    }

    /// The power of the run's disk fails.
    static let power = Trouble("power", obstacle: { LoopDisk.obstacle }, run: takePower)

    @Sendable private static func takePower(
        _ seed: UInt64,
        _ setting: TrialSetting
    ) throws {
        let scratch = try Scratch()
        var random = SeededRandom(seed: seed)
        guard let fileSystem = LoopDisk.fileSystems.randomElement(using: &random) else {
            throw Violation("there is no disk")
        }
        let disk = try LoopDisk(fileSystem, in: scratch)
        let trial = try Trial(seed: seed, setting, in: scratch, runs: "disk/runs")
        trial.isOutputAtRisk = true
        try trial.start(ranks: trial.ranks, isReadable: false) { _ in
            usleep(UInt32.random(in: 200_000...1_500_000, using: &trial.random))
            try disk.fail()
        }
        try disk.unmount()
        try disk.mount()
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/disk/runs",
            withIntermediateDirectories: true
        )
        try trial.finish()
        try disk.unmount()
    }
}

extension Trial {
    /// Changes one of the run's journals. Jobs whose lines it touches may run again.
    func damageJournal() throws {
        guard let directory = sweep.directory else { return }
        let folder = directory + "/journal"
        guard sweep.scratch.has(folder),
            let name = try sweep.scratch.contents(folder).randomElement(using: &random)
        else { return }
        let file = "\(folder)/\(name)"
        let old = try sweep.scratch.bytes(file)
        var new = old
        switch Int.random(in: 0..<5, using: &random) {
        case 0: new.removeLast(min(new.count, Int.random(in: 1...600, using: &random)))
        case 1: new += [UInt8](repeating: 0, count: Int.random(in: 1...4096, using: &random))
        case 2: new += (0..<80).map { _ in UInt8.random(in: 1...255, using: &random) } + [10]
        case 3: new = []
        default:
            guard let place = new.indices.randomElement(using: &random) else { return }
            new[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        try sweep.scratch.write(new, to: file)
        let lines = (Set(old.split(separator: 10)), Set(new.split(separator: 10)))
        for line in lines.0.symmetricDifference(lines.1) {
            if let job = Self.job(of: line) { doubtful.insert(job) }
        }
    }

    /// The job that a line says it is of.
    private static func job(of line: ArraySlice<UInt8>) -> Int? {
        let text = String(decoding: line, as: UTF8.self)
        return text.firstMatch(of: /"job":([0-9]+)/).flatMap { Int($0.1) }
    }
}
