import ArgumentParser
import Furrow
import FurrowCommands

/// `furrow status`
struct Status: LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how a run stands, while it runs and after.",
        discussion: "Example: furrow status digits"
    )

    @OptionGroup var named: RunArgument

    @Flag(help: "As JSON.")
    var json = false

    func run() throws {
        var report = try StatusReport(of: try named.directory())
        report.askSlurm()
        print(json ? try report.json : report.text)
    }
}
