import ArgumentParser
import Furrow
import FurrowCommands

/// `furrow status`
struct Status: AsyncParsableCommand, LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the progress of a run, during and after it.",
        discussion: "Example: furrow status digits"
    )

    @OptionGroup var named: RunArgument

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        var report = try StatusReport(of: try named.directory())
        await report.askSlurm()
        print(json ? try report.json : report.text)
    }
}
