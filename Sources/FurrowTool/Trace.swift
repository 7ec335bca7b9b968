import ArgumentParser
import Furrow
import FurrowCommands
import FurrowViews

/// `furrow trace`
struct Trace: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a trace of a run for Perfetto or chrome://tracing.",
        discussion: """
            Hosts are processes, workers are threads, and attempts at jobs are slices with their \
            parameters. Open the file at https://ui.perfetto.dev, which keeps it in the browser.

            Example: furrow trace digits
            """
    )

    @OptionGroup var named: RunArgument

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Write to this file (default: trace.json in the run's directory).",
            valueName: "file"
        )
    )
    var output: String?

    func run() throws {
        let path = try RunViews.trace(of: try named.directory()).write(to: output)
        print("Trace: \(path)")
    }
}
