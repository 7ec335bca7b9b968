import ArgumentParser
import Furrow
import FurrowCommands

/// `furrow logs`
struct Logs: LocalCommand, AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a job has written.",
        discussion: "Examples: furrow logs 12 --stderr, furrow logs digits 12 --follow"
    )

    @Argument(
        help: ArgumentHelp(
            "The run, if it is not the newest, and the job's number, from 1.",
            valueName: "[run] job"
        )
    )
    var arguments: [String]

    @OptionGroup var runs: RunsDirectoryOption

    @Flag(help: "Its standard error, not its standard output.")
    var stderr = false

    @Flag(help: "Go on as long as the job runs.")
    var follow = false

    @Option(help: ArgumentHelp("The stage (default: the last).", valueName: "name"))
    var stage: String?

    func validate() throws {
        guard 1...2 ~= arguments.count, let job = arguments.last.flatMap({ Int($0) }), job > 0
        else {
            throw ValidationError("expected a job's number, from 1, after a run or alone")
        }
    }

    func run() async throws {
        let directory = try RunFinder.find(
            arguments.count == 2 ? arguments[0] : nil,
            under: runs.runsDir
        )
        guard let job = arguments.last.flatMap({ Int($0) }) else { return }
        var log = try JobLog(of: job, in: directory, stage: stage, kind: stderr ? .err : .out)
        try await log.write(following: follow)
    }
}
