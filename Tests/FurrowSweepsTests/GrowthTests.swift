import FurrowConfiguration
import FurrowRuns
import FurrowSystem
import TestSupport
import Testing

@testable import FurrowSweeps

/// No cost of reading and using a sweep grows with the square of its size.
@Suite struct SweepGrowthTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let command = "command: [echo, '{a}']\n"

    /// Parts of a sweep file that can be long.
    private static let parts: [String: @Sendable (Int) -> String] = [
        "values": { "parameters: {a: {grid: \(list($0, { "\($0)" }))}}" },
        "texts": { "parameters: {a: {grid: \(list($0, { "'x\($0)'" }))}}" },
        "a mark in a long line": { count in
            "parameters: {a: {grid: [\"\u{FEFF}\", \(list(count) { "\"x\($0)\"" }.dropFirst())}}"
        },
        "parameters": { count in
            "parameters:\n  a: 1\n" + (0..<count).map { "  p\($0): \($0)\n" }.joined()
        },
        "zips": { count in
            let values = list(count, { "\($0)" })
            return "parameters: {zip: {a: \(values), b: \(values)}}"
        },
        "includes": { count in
            "parameters: {a: {range: {stop: \(count)}}}\ninclude:\n"
                + (0..<count).map { "- {a: \(-$0 - 1), b: \($0)}\n" }.joined()
        },
        "includes of a point": { count in
            "parameters: {a: {range: {stop: \(count)}}}\ninclude:\n"
                + (0..<count).map { "- {a: \($0), b: \($0)}\n" }.joined()
        },
        "excludes": { count in
            "parameters: {a: {range: {stop: \(2 * count)}}}\nexclude:\n"
                + (0..<count).map { "- {a: \($0)}\n" }.joined()
        },
        "only": { count in
            let terms = (0..<count / 8).map { "a == \($0)" }.joined(separator: " or ")
            return "parameters: {a: {range: {stop: 3}}}\nonly: \(terms)"
        },
        "samples": { "parameters: {a: {random: {uniform: [0, 1]}, samples: \($0)}}" },
        "environment": { count in
            "parameters: {a: 1}\nenv:\n"
                + (0..<count).map { "  V\($0): \"{a}\"\n" }.joined()
        },
        "metrics": { count in
            "parameters: {a: 1}\nresults:\n"
                + (0..<count).map { "  m\($0): {number: m\($0)}\n" }.joined()
        },
    ]

    private static func list(_ count: Int, _ text: (Int) -> String) -> String {
        "[" + (0..<count).map(text).joined(separator: ", ") + "]"
    }

    @Test(arguments: parts.keys.sorted())
    func aSweepFile(part: String) throws {
        let text = try #require(Self.parts[part])
        let factor = try Growth.factor(
            from: 250,
            { try scratch.write(Self.command + text($0), to: "\(part)-\($0).yaml") },
            { path in
                for stage in try Sweep(contentsOf: path).stages {
                    _ = (stage.count, stage.space.names, stage.space.repetitions)
                    for (number, parameters) in stage.jobs(shuffledBy: nil) {
                        // Where jobs are many, they have few parameters.
                        let context = CommandContext(parameters: parameters, job: number + 1)
                        _ = stage.settings.command.arguments(context)
                        _ = stage.space.index(of: parameters)
                    }
                }
            }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func stages() throws {
        let factor = try Growth.factor(
            from: 50,
            { count in
                let stages = (0..<count).map { "- {name: s\($0), command: [a]}\n" }.joined()
                return try scratch.write("name: s\nstages:\n\(stages)", to: "stages-\(count).yaml")
            },
            { _ = try Sweep(contentsOf: $0) }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    /// Names alone, and in groups.
    @Test(arguments: ["p", "p."])
    func aCommandOfManyParameters(prefix: String) throws {
        let factor = try Growth.factor(
            from: 250,
            { count in (0..<count).map { "\(prefix)\(prefix == "p" ? "" : "a")\($0)=1" } },
            { parameters in
                let command = parameters.map { "{\($0.prefix { $0 != "=" })}" }
                let sweep = try Sweep(
                    parameters: parameters,
                    tasks: nil,
                    command: command,
                    name: nil
                )
                for (number, parameters) in sweep.stages[0].jobs(shuffledBy: nil) {
                    let context = CommandContext(parameters: parameters, job: number + 1)
                    _ = sweep.stages[0].settings.command.arguments(context)
                    _ = parameters.json
                }
            }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    /// Texts of one line, and of many.
    @Test(arguments: [
        "x{a}", "{{", "$(", "`", "'\"", "${x", "<<E\n", "\\", "# {a}\n", "case x in a) ;; ",
    ])
    func aTemplate(piece: String) throws {
        let context = CommandContext(
            parameters: Parameters([Parameter("a", ParameterValue(Array("v".utf8)))]),
            job: 1
        )
        let factor = try Growth.factor(
            from: 2000,
            { String(repeating: piece, count: $0) },
            { text in
                let template = Template(text)
                _ = (template.render(context), template.isConstant)
                do throws(TemplateError) {
                    let command = CommandTemplate.shell(try CommandTemplate.ShellTemplate(text))
                    _ = (command.arguments(context), command.commandLine(context))
                } catch {
                    // What is wrong is told in time as well.
                }
            }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func bracesThatAreNotClosed() throws {
        let factor = try Growth.factor(
            from: 2000,
            { String(repeating: "{x ", count: $0) + "}" },
            { _ = Template($0).isConstant }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test(arguments: ["echo x\n", "#DISBATCH PREFIX a\n", "\n", "# c\n"])
    func aTaskList(line: String) throws {
        let factor = try Growth.factor(
            from: 2000,
            { Array(String(repeating: line, count: $0).utf8) },
            { bytes in
                _ = try TaskFile(bytes, file: "t").tasks
                _ = NullSeparated.values(of: bytes)
            }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test(arguments: ["1,2\n", "\"x, \"\"y\"\"\",2\n", "\"\n\",\n"])
    func aTable(line: String) throws {
        let factor = try Growth.factor(
            from: 2000,
            { Array(("a,b\n" + String(repeating: line, count: $0)).utf8) },
            { _ = try CSVRows($0, separatedBy: UInt8(ascii: ",")) }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func aTableOfManyColumns() throws {
        let factor = try Growth.factor(
            from: 1000,
            { count in
                let names = (0..<count).map { "c\($0)" }.joined(separator: ",")
                let path = try scratch.write("\(names)\n\(names)\n", to: "c\(count).csv")
                let yaml = "command: [echo, '{t.c0}']\nparameters: {t: {file: '\(path)'}}\n"
                return try scratch.write(yaml, to: "c\(count).yaml")
            },
            { _ = try Sweep(contentsOf: $0).stages[0].count }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test(arguments: ["a == 1 or ", "not a == 2 and ", "a == 'x' and "])
    func anExpression(piece: String) throws {
        let factor = try Growth.factor(
            from: 250,
            { String(repeating: piece, count: $0) + "a == 2" },
            { text in
                guard let expression = try? WhereExpression(text) else { return }
                _ = try expression.predicate(for: ["a"])([.integer(1)])
            }
        )
        #expect(factor < Growth.mostWithoutSquare)
    }

    private func table(_ count: Int) -> ResultsTable {
        ResultsTable(
            columns: ["job", "m", "a"],
            rows: (0..<count).map { [.integer($0 + 1), .text("m\($0 / 2)"), .integer($0)] }
        )
    }

    @Test func resultsInGroups() throws {
        let factor = try Growth.factor(from: 1000, table) { table in
            _ = try table.grouped(by: ["m"], measuring: ["a"], Statistic.allCases)
        }
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test(arguments: ResultsFormat.allCases)
    func resultsInAForm(format: ResultsFormat) throws {
        let factor = try Growth.factor(from: 500, table) { table in
            table.write(as: format) { _ in }
        }
        #expect(factor < Growth.mostWithoutSquare)
    }

    @Test func twoRunsSideBySide() throws {
        func side(_ count: Int) -> ResultsComparison.Side {
            ResultsComparison.Side(
                table: table(count),
                parameters: ["m"],
                metrics: ["a"],
                state: "job"
            )
        }
        let factor = try Growth.factor(from: 500, side) { side in
            _ = try ResultsComparison(side, side)
        }
        #expect(factor < Growth.mostWithoutSquare)
    }
}
