import ArgumentParser
import Furrow
import FurrowCommands

/// `furrow explain`
struct Explain: AsyncParsableCommand, LocalCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say why nothing, or not this job, runs.",
        discussion: "Examples: furrow explain, furrow explain digits 12"
    )

    @Argument(
        help: ArgumentHelp(
            "The run, if it is not the newest, and a job's number, from 1.",
            valueName: "[run] [job]"
        )
    )
    var arguments: [String] = []

    @OptionGroup var runs: RunsDirectoryOption

    @Option(help: ArgumentHelp("The job's stage (default: the last).", valueName: "name"))
    var stage: String?

    func validate() throws {
        guard arguments.count <= 2, arguments.count < 2 || number(arguments[1]) != nil else {
            throw ValidationError("expected a run, a job's number, from 1, or both")
        }
    }

    private func number(_ text: String) -> Int? {
        Int(text).flatMap { $0 > 0 ? $0 : nil }
    }

    func run() async throws {
        let job = arguments.last.flatMap(number)
        let run = job == nil || arguments.count == 2 ? arguments.first : nil
        let directory = try RunFinder.find(run, under: runs.runsDir)
        var explanation = try RunExplanation(of: directory)
        await explanation.askSlurm()
        print(try job.map { try explanation.text(of: $0, stage: stage) } ?? explanation.text)
    }
}
