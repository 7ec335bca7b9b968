import ArgumentParser
import Furrow

/// The arguments that name a run.
struct RunArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A run: its directory, NAME for the newest of that name, or NAME/TIME; the newest, if "
                + "not given.",
            valueName: "run"
        )
    )
    var run: String?

    @OptionGroup var runs: RunsDirectoryOption

    func directory() throws -> String { try RunFinder.find(run, under: runs.runsDir) }
}
