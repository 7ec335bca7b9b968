import ArgumentParser
import Furrow
import FurrowCommands
import FurrowViews

/// `furrow report`
struct Report: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a report of a run, one page for a browser, during and after the run.",
        discussion: """
            Every run writes its report at its end, as report.html in its directory. The page \
            needs no network and no other file: copy it from the cluster, or send it.

            Example: furrow report digits
            """
    )

    @OptionGroup var named: RunArgument

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Write to this file (default: report.html in the run's directory).",
            valueName: "file"
        )
    )
    var output: String?

    func run() throws {
        let path = try RunViews.report(of: try named.directory()).write(to: output)
        print("Report: \(path)")
    }
}
