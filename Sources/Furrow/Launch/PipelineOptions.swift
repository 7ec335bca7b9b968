public import ArgumentParser
import Logging

/// The command-line options of every application.
public struct PipelineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration, in YAML.", valueName: "file"))
    var config: String

    /// How stages run.
    @OptionGroup public var runner: RunnerOptions

    /// For the argument parser.
    public init() {}
}
