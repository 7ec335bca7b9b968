import ArgumentParser
import Furrow
import FurrowCommands

/// `furrow runs`
struct Runs: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the runs with their state and counts, the newest last.",
        discussion: "Example: furrow runs --runs-dir /scratch/me/runs"
    )

    @OptionGroup var runs: RunsDirectoryOption

    func run() throws {
        var table = TextTable(columns: ["run", "state", "done", "failed", "left", "started"])
        for directory in try RunFinder.all(under: runs.runsDir) {
            let name = directory.split(separator: "/").suffix(2).joined(separator: "/")
            table.append([name] + StatusReport.row(of: directory))
        }
        print(table.text, terminator: "")
    }
}
