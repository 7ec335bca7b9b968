import ArgumentParser

/// The option that names the directory of all runs.
package struct RunsDirectoryOption: ParsableArguments {
    @Option(help: ArgumentHelp("Where runs are kept.", valueName: "directory"))
    package var runsDir = "runs"

    package init() {}
}
