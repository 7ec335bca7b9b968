import Foundation
import FurrowSystem
import TestSupport

/// What does not hold.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The launcher itself hangs, and reacts to no signal.
struct LauncherHang: Error, CustomStringConvertible { let description: String }

/// A folder for the launcher's own files, which are not meant to be in trouble.
///
/// They are named after its process: two launchers of one number, in containers that share /tmp or
/// /dev/shm, would take each other's, and hang or crash. A short path, because sockets are in it.
private final class LauncherFolder {
    let path: String

    init() throws {
        var name = Array("/dev/shm/torture-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw Violation("no folder for the launcher") }
        path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A sweep in a folder of its own: each job writes down that it begins, sleeps, and writes its
/// number and its value to its output.
struct TortureSweep {
    let scratch: Scratch
    let values: [String]
    /// Where its runs are, from its folder.
    let runs: String
    private let launcher: Launcher
    private let launcherFolder: LauncherFolder
    var jobs: Int { values.count }

    /// Signs that shells, YAML, JSON, CSV, terminals and templates have their own ideas about.
    private static let signs = [
        " ", "'", "\"", "\\", "$(x)", "`", ";", "|", "&", "<", "*", "?", "~", "#", "%n", "{v}",
        "{{",
        "\t", "é", "日本", "\u{1F600}", "\u{7F}", "\u{85}", ",", ":", "-", "null", "1e5",
        "\u{1B}[31m", "=", "!", "@",
    ]

    /// - Parameters:
    ///   - launcher: what starts its ranks.
    ///   - runs: where its runs are, from its folder.
    init(
        _ random: inout SeededRandom,
        in scratch: Scratch,
        under launcher: Launcher = .standard,
        runs: String = "runs"
    ) throws {
        self.scratch = scratch
        self.launcher = launcher
        self.runs = runs
        launcherFolder = try LauncherFolder()
        values = (1...Int.random(in: 6...20, using: &random)).map { number in
            let length = Int.random(in: 0...4, using: &random)
            let signs = (0..<length).compactMap { _ in Self.signs.randomElement(using: &random) }
            // Different ones: none may be missing.
            return signs.joined() + "\(number)"
        }
        let pauses = ["0", "0.01", "0.1"]
        // Output that finds no room is the command's failure, and only it can know.
        let script = """
            set -e
            echo "$FURROW_JOB" >> "$BEGUN"
            sleep \(pauses.randomElement(using: &random) ?? "0")
            printf 'out of %s: %s' "$FURROW_JOB" "$1"
            echo "err of $FURROW_JOB" >&2
            printf '{"number": %s}' "$FURROW_JOB" > "$FURROW_RESULT"
            """
        let list = values.map(JSONString.encode).joined(separator: ", ")
        try scratch.write(
            """
            name: torture
            command: [sh, "-c", \(JSONString.encode(script)), sh, "{v}"]
            parameters: {v: {grid: [\(list)]}}
            """,
            to: "sweep.yaml"
        )
        try scratch.write("", to: "begun")
        for folder in ["scratch", runs] {
            try FileManager.default.createDirectory(
                atPath: scratch.path + "/" + folder,
                withIntermediateDirectories: true
            )
        }
    }

    /// The run's directory, from its folder; `nil` where there is no run, or none that had begun.
    var directory: String? {
        // Not by the link `latest`: a run does without one that cannot be made.
        let names = (try? scratch.contents("\(runs)/torture")) ?? []
        return names.filter { $0 != "latest" }.sorted().map { "\(runs)/torture/\($0)" }
            .last { scratch.has($0 + "/run.json") }
    }

    /// Starts `furrow`.
    ///
    /// - Parameter ranks: without mpirun, if `nil`.
    func furrow(
        _ arguments: [String],
        ranks: Int? = nil,
        environment extra: [String: String] = [:],
        limit: Double = 60,
        whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> Execution.Outcome {
        var environment = [
            "OMPI_MCA_orte_tmpdir_base": launcherFolder.path,
            "OMPI_MCA_btl_vader_backing_directory": launcherFolder.path,
            "OMPI_MCA_shmem_mmap_backing_file_base_dir": launcherFolder.path,
            "OMPI_MCA_opal_warn_on_missing_libcuda": "0",
            "BEGUN": scratch.path + "/begun", "TMPDIR": scratch.path + "/scratch",
        ]
        for variables in [Launcher.permissions, launcher.environment, extra] {
            environment.merge(variables) { $1 }
        }
        let start = ranks.map { launcher.command(ranks: $0) } ?? []
        let program = launcher.programs.appendingPathComponent("furrow").path
        return try Execution.run(
            start + [program] + arguments,
            in: scratch.url,
            environment: environment,
            limit: limit,
            whileRunning: whileRunning
        )
    }

    /// How often each job began, by its own word.
    func begun() throws -> [Int: Int] {
        let numbers = try scratch.text("begun").split(separator: "\n").compactMap { Int($0) }
        return Dictionary(numbers.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// The jobs whose success is in a whole line of a journal.
    func recorded() throws -> Set<Int> {
        guard let directory, scratch.has(directory + "/journal") else { return [] }
        struct Line: Decodable { var job: Int, state: String }
        let names = try scratch.contents(directory + "/journal")
        return try names.reduce(into: []) { jobs, name in
            let bytes = try scratch.bytes("\(directory)/journal/\(name)")
            guard let end = bytes.lastIndex(of: 10) else { return }
            for text in bytes[..<end].split(separator: 10) {
                let line = try? JSONDecoder().decode(Line.self, from: Data(text))
                if let line, line.state == "succeeded" { jobs.insert(line.job) }
            }
        }
    }
}
