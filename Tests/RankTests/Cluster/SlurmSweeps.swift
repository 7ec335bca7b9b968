import Foundation
import TestSupport
import Testing

/// What the tests submit, and what they expect of it.
extension SlurmCluster {
    static let launchers = ["mpirun", "srun"]

    /// A sweep on real data.
    static let digits = """
        name: digits
        command: [anomaly-benchmark, detect, --model, gaussian, --category, "{category}"]
        parameters: {category: {grid: [0, 1, 2, 3]}}
        results: {auroc: {regex: 'AUROC ([0-9.]+)', required: true}}
        """

    static let digitsColumns = "category,auroc"

    /// What a run of the digits without mpirun finds.
    static let serialDigits = Result {
        let cluster = try SlurmCluster()
        try cluster.write(digits)
        try cluster.run("furrow", "run", "sweep.yaml", "--run-dir", "serial")
        return try cluster.results("serial", digitsColumns)
    }

    /// A sweep of commands of a second that say where they run.
    static func marks(_ jobs: Int, seconds: Double = 1) -> String {
        """
        name: marks
        command: "echo at $SLURMD_NODENAME:$CUDA_VISIBLE_DEVICES; sleep \(seconds) # {n}"
        parameters: {n: {range: {start: 0, stop: \(jobs)}}}
        results: {place: {regex: 'at (.*)'}}
        """
    }

    /// Writes a file into the folder in which jobs are submitted.
    func write(_ text: String, to name: String = "sweep.yaml") throws {
        try sweep.scratch.write(text, to: name)
    }

    /// Every job succeeded, and none of them twice.
    func expectAllOnce(_ jobs: Int, _ job: String) throws {
        let successes = try successes(directory(of: job))
        #expect(successes.keys.sorted() == Array(1...jobs), "\(log(job))")
        let twice = successes.filter { $0.value > 1 }.keys.sorted()
        #expect(twice.isEmpty, "\(twice) ran again after they had succeeded")
    }
}
