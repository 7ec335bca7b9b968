import Foundation
import Furrow
import TestSupport
import Testing

/// A page that users read: the README, or an article of the book.
struct Book: Sendable, CustomTestStringConvertible {
    /// A fenced block.
    struct Block: Sendable {
        let language: String
        let text: String

        /// The name in the comment of its first line, `# train.py`: the block is that file.
        var file: String? {
            guard let line = text.split(separator: "\n").first,
                let match = line.wholeMatch(of: /(?:#|\/\/) (\S+\.\w+)/)
            else { return nil }
            return String(match.1)
        }
    }

    /// The root of the package.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let catalogue = root.appendingPathComponent("Sources/Furrow/Furrow.docc")
    static let readme = Book(root.appendingPathComponent("README.md"))

    /// The README, what contributors read, then the articles by name.
    static let all: [Book] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: catalogue.path)
        let articles = (files ?? []).filter { $0.hasSuffix(".md") }.sorted()
        let guides = [
            ".github/CONTRIBUTING.md", ".github/SECURITY.md", "Sources/Examples/README.md",
        ].map { Book(root.appendingPathComponent($0)) }
        return [readme] + guides + articles.map { Book(catalogue.appendingPathComponent($0)) }
    }()

    let file: URL
    let text: String
    let blocks: [Block]

    private init(_ file: URL) {
        self.file = file
        text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        // Pieces between fences: prose and code by turns.
        blocks = text.components(separatedBy: "\n```").enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { _, piece in
                let end = piece.firstIndex(of: "\n") ?? piece.endIndex
                return Block(
                    language: String(piece[..<end]),
                    text: piece[end...].dropFirst() + "\n"
                )
            }
    }

    var testDescription: String { file.lastPathComponent }

    /// The first block of a language.
    func block(_ language: String) throws -> Block {
        try #require(blocks.first { $0.language == language })
    }

    /// Runs all that can be run of it, from top to bottom, in one folder that has the files of all
    /// pages: `sh` blocks by the shell, sweeps without mpirun.
    func run() throws {
        let scratch = try Scratch()
        for block in (Self.all.flatMap(\.blocks) + blocks) {
            if let file = block.file { try scratch.write(block.text, to: file) }
        }
        let programs = scratch.url.appendingPathComponent("programs")
        try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
        for program in ["Periods", "Pendulum", "Ensemble"] {
            try FileManager.default.createSymbolicLink(
                at: programs.appendingPathComponent(program.lowercased()),
                withDestinationURL: MPIRun.programs.appendingPathComponent(program)
            )
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let environment =
            ["-C", scratch.url.path, "PATH=\(programs.path):\(MPIRun.programs.path):\(path)"]
            + MPIRun.environment.map { "\($0)=\($1)" }
        for (number, block) in blocks.enumerated() {
            let script: String
            if block.language == "sh" {
                // Two workers do what eight do.
                script = block.text.replacing("mpirun -q -n 9", with: "mpirun -q -n 3")
            } else if block.language == "yaml", block.file == nil {
                try scratch.write(block.text, to: "block-\(number).yaml")
                script = "furrow run block-\(number).yaml"
            } else {
                continue
            }
            do {
                _ = try Subprocess.run(environment + ["sh", "-e", "-c", script], limit: 120)
            } catch {
                Issue.record("\(testDescription):\n\(block.text)\n\(error)")
            }
        }
    }
}
