import ArgumentParser
import Furrow
import FurrowCommands

/// `furrow runs`
struct Runs: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the runs with their state and counts, the newest last.",
        discussion: "Example: furrow runs --runs-dir /scratch/me/runs"
    )

    @Option(help: ArgumentHelp("Where runs are kept.", valueName: "directory"))
    var runsDir = "runs"

    func run() throws {
        var table = TextTable(columns: ["run", "state", "done", "failed", "left", "started"])
        for directory in RunFinder.all(under: runsDir) {
            let name = directory.split(separator: "/").suffix(2).joined(separator: "/")
            table.append([name] + StatusReport.row(of: directory))
        }
        print(table.text, terminator: "")
    }
}
