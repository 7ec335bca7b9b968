import ArgumentParser

/// The option that names the directory of all runs.
package struct RunsDirectoryOption: ParsableArguments {
    @Option(help: ArgumentHelp("Where runs are kept.", valueName: "directory"))
    package var runsDir = "runs"

    package init() {}

    package func validate() throws {
        if runsDir.isEmpty {
            throw ValidationError(
                "--runs-dir '': must be a folder; is a variable of the shell unset?"
            )
        }
    }
}
