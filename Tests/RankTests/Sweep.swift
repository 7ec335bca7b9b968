import Foundation
import TestSupport
import Testing

/// A folder in which sweeps are run with `furrow`.
struct SweepScratch: Sendable {
    let scratch: Scratch
    var url: URL { scratch.url }

    init() throws { scratch = try Scratch() }

    /// Writes a sweep file and runs it.
    func run(
        _ yaml: String,
        ranks: Int?,
        _ arguments: [String] = [],
        limit: Double = Execution.patience,
        environment: [String: String] = [:],
        whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> MPIRun.Outcome {
        try scratch.write(yaml, to: "sweep.yaml")
        return try furrow(
            ["run", "sweep.yaml"] + arguments,
            ranks: ranks,
            limit: limit,
            environment: environment,
            whileRunning: whileRunning
        )
    }

    func furrow(
        _ arguments: [String],
        ranks: Int? = nil,
        under launcher: Launcher = .standard,
        limit: Double = Execution.patience,
        environment: [String: String] = [:],
        descriptors: Int? = nil,
        whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> MPIRun.Outcome {
        let run = try MPIRun.run(
            "furrow",
            arguments,
            ranks: ranks,
            under: launcher,
            limit: limit,
            in: url,
            environment: environment,
            descriptors: descriptors,
            whileRunning: whileRunning
        )
        #expect(!run.timedOut, "furrow \(arguments) at \(ranks ?? 1) ranks hangs")
        return run
    }

    /// What a command of the login node says.
    func says(_ arguments: String...) throws -> String {
        let run = try furrow(arguments)
        #expect(run.status == 0, "furrow \(arguments): \(run.errors)")
        return run.output
    }

    /// The rows of the newest run's results, by column.
    func results(_ arguments: String...) throws -> [[String: String]] {
        let run = try furrow(["results", "--format", "json"] + arguments)
        #expect(run.status == 0, "\(run.errors)")
        let rows = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
        return try #require(rows).map { row in
            row.compactMapValues { $0 is NSNull ? nil : "\($0)" }
        }
    }

    /// The commands in the newest run's log.
    func commands() throws -> [String] {
        let path = try url.appendingPathComponent(newest()).path + "/joblog.tsv"
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
            .compactMap { $0.split(separator: "\t").last.map { String($0) } }
    }

    /// Every line of the newest run's journals.
    func journal(_ directory: String? = nil) throws -> [JournalLine] {
        let folder = try url.appendingPathComponent(directory ?? newest()).path + "/journal"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return try names.filter { $0.hasSuffix(".jsonl") }.flatMap { name in
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            // A killed writer may have left its last line torn.
            return text.split(separator: "\n").compactMap {
                try? JSONDecoder().decode(JournalLine.self, from: Data($0.utf8))
            }
        }
    }

    /// What each job of the newest run has written to its standard output, by its number: as its
    /// worker's file has it, at the place that the journal names.
    func outputs() throws -> [Int: String] {
        let folder = "\(try newest())/output"
        let lines = try journal()
        return try lines.reduce(into: [:]) { outputs, line in
            let place = try #require(line.result?.out)
            let file = "\(folder)/worker-\(String(format: "%04d", line.rank)).out"
            let bytes = try scratch.bytes(file).dropFirst(place.offset).prefix(place.length)
            outputs[line.job] = String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Whether there is a run whose record is written.
    var hasRun: Bool {
        // Its folder may have been made, and nothing in it yet.
        guard let name = try? scratch.contents("runs").first else { return false }
        return scratch.has("runs/\(name)/latest/run.json")
    }

    /// The newest run's directory, from the folder of this sweep.
    func newest() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: url.appendingPathComponent("runs").path
        )
        #expect(names.count == 1, "runs of one name")
        return "runs/\(try #require(names.first))/latest"
    }
}

/// What the tests look at in a journal's line.
struct JournalLine: Decodable {
    struct Result: Decodable { var out: Place? }
    struct Place: Decodable { var offset, length: Int }

    var id: String
    var job: Int
    var attempt: Int
    var state: String
    var start: Double
    var duration: Double
    var rank: Int
    var result: Result?
}

/// A text in JSON, which is YAML too.
func json(_ text: String) throws -> String {
    let data = try JSONSerialization.data(withJSONObject: text, options: .fragmentsAllowed)
    return String(decoding: data, as: UTF8.self)
}

/// A number that no other command line has.
func mark() -> String { "77\(UInt32.random(in: 100_000...999_999))" }

/// Waits for something that another process does.
///
/// - Parameter interval: between two looks, in seconds.
func wait(
    _ seconds: Double = 60,
    every interval: Double = 0.01,
    for condition: () throws -> Bool
) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        try #require(ContinuousClock.now < end, "waited \(seconds) s in vain")
        usleep(UInt32(interval * 1e6))
    }
}
