import Foundation
import Furrow
import TestSupport
import Testing

extension RankTests {
    /// What the README and the book say is so.
    @Suite struct Readme {
        static let hasPython = (try? Subprocess.run(["python3", "-c", ""], limit: 60)) != nil

        @Test(
            .enabled(if: hasPython, "python3 is not installed"),
            .timeLimit(.minutes(5)),
            arguments: Book.all
        )
        func whatStandsInABlockRuns(page: Book) throws {
            try page.run()
        }

        @Test(arguments: Book.all)
        func everyBlockIsOfAKindThatIsTested(page: Book) throws {
            for block in page.blocks {
                #expect(
                    ["console", "python", "sh", "swift", "text", "yaml"].contains(block.language),
                    "\(page.testDescription): a block of '\(block.language)'"
                )
            }
            #expect(!page.text.isEmpty)
        }

        /// The sources of the examples, without the spaces in front of their lines.
        static let examples: [String] = ["Periods", "Pendulum", "Ensemble", "TiledEnsemble"].flatMap
        {
            name -> [String] in
            let folder = Book.root.appendingPathComponent("Sources/Examples/\(name)")
            let files = try? FileManager.default.contentsOfDirectory(
                at: folder,
                includingPropertiesForKeys: nil
            )
            return (files ?? []).filter { $0.pathExtension == "swift" }.compactMap {
                (try? String(contentsOf: $0, encoding: .utf8)).map(flush)
            }
        }

        static func flush(_ text: String) -> String {
            text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.drop { $0 == " " } }.joined(separator: "\n")
        }

        @Test(arguments: Book.all)
        func swiftInABlockIsPartOfAnExample(page: Book) throws {
            for block in page.blocks where block.language == "swift" {
                #expect(
                    Self.examples.contains { $0.contains(Self.flush(block.text)) },
                    "\(page.testDescription): no example has\n\(block.text)"
                )
            }
        }

        @Test func theProgramInTheReadmeIsAWholeOne() throws {
            let built = try String(
                contentsOf: Book.root.appendingPathComponent(
                    "Sources/Examples/Periods/Program.swift"
                ),
                encoding: .utf8
            )
            let program = try Book.readme.block("swift").text
            #expect(program == built)
            #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count <= 20)
        }

        @Test func theReadmeIsShortAndHasTheTwoCommands() throws {
            let lines = Book.readme.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 151)
            #expect(try Book.readme.block("console").text.contains("$ make demo "))
            #expect(try Book.readme.block("console").text.contains("$ make test "))
        }

        // MARK: Commands that are shown

        /// Each subcommand's help, by its name.
        static let help: [String: String] = {
            let names = [
                "run", "submit", "plan", "status", "results", "logs", "runs", "devices", "schema",
                "init", "help", "report", "trace", "explain", "compare", "top",
            ]
            return Dictionary(
                uniqueKeysWithValues: names.map { name in
                    let run = try? MPIRun.run("furrow", [name, "--help"], ranks: nil)
                    return (name, run?.output ?? "")
                }
            )
        }()

        @Test(arguments: Book.all)
        func everyOptionThatIsShownExists(page: Book) throws {
            for match in page.text.matches(of: /furrow ([a-z]+)\b([^`\n|]*)/) {
                guard let help = Self.help[String(match.1)] else { continue }
                var words = match.2.split(separator: " ")
                // Behind -- stands a command, or what `furrow submit` hands to `furrow run`.
                let end = words.firstIndex(of: "--") ?? words.endIndex
                if match.1 == "submit" {
                    for word in words[end...].dropFirst() where word.hasPrefix("--") {
                        #expect(Self.help["run"]?.contains(" \(word) ") == true, "\(match.0)")
                    }
                }
                words = Array(words[..<end])
                for word in words {
                    guard let option = word.firstMatch(of: /^--[a-z][a-z-]*/)?.0 else { continue }
                    #expect(
                        help.contains("  \(option)"),
                        "\(page.testDescription): \(match.0)"
                    )
                }
            }
        }

        @Test(arguments: Book.all)
        func everyCommandLineInAConsoleNamesWhatExists(page: Book) throws {
            let makefile = try String(
                contentsOf: Book.root.appendingPathComponent("Makefile"),
                encoding: .utf8
            )
            for block in page.blocks where block.language == "console" {
                for line in block.text.split(separator: "\n") {
                    #expect(line.hasPrefix("$ "), "\(page.testDescription): \(line)")
                    if let target = line.firstMatch(of: /^\$ make ([a-z-]+)/)?.1 {
                        #expect(makefile.contains("\n\(target):"), "\(line)")
                    }
                    for script in line.matches(of: /slurm\/[a-z-]+\.sbatch/) {
                        let path = Book.root.appendingPathComponent(String(script.0)).path
                        #expect(FileManager.default.fileExists(atPath: path), "\(line)")
                    }
                }
            }
        }

        // MARK: Links

        @Test(arguments: Book.all)
        func everyLinkLeadsToAFile(page: Book) throws {
            let articles = page.text.matches(of: /[(<]doc:([A-Za-z]+)/).map {
                Book.catalogue.appendingPathComponent("\($0.1).md")
            }
            // GitHub's own pages stand two folders above the README.
            let files = page.text.matches(of: /\]\(([^):#]+)\)/).map(\.1)
                .filter { !$0.hasPrefix("../../") }
                .map { link in
                    let folder = page.file.deletingLastPathComponent()
                    // DocC finds pictures by their names.
                    return link.wholeMatch(of: /[a-z-]+/) == nil
                        ? folder.appendingPathComponent(String(link))
                        : folder.appendingPathComponent("Images/\(link).png")
                }
            for file in articles + files {
                #expect(
                    FileManager.default.fileExists(atPath: file.path),
                    "\(page.testDescription): \(file.path)"
                )
            }
        }
    }
}
