package import FurrowSystem

/// The forms of a plan.
package enum PlanFormat: String, Sendable, CaseIterable {
    /// Number, parameters and command, separated by tabs.
    case table
    /// Only the commands, one per line, ready for a shell.
    case commands
    /// An array of objects.
    case json
}

/// Writes the jobs of a sweep without running them.
package struct PlanPrinter {
    private let sweep: Sweep

    /// - Parameter sweep: the sweep to show.
    package init(_ sweep: Sweep) { self.sweep = sweep }

    /// Writes to standard output.
    ///
    /// - Throws: ``FileError`` if that fails, unless the reader has closed its end.
    package func write(as format: PlanFormat) throws(FileError) {
        var output = BufferedOutput()
        if format == .json { try output.write("[") }
        if format == .table {
            let stage = sweep.stages.count > 1 ? "stage\t" : ""
            try output.write("\(stage)job\tparameters\tcommand\n")
        }
        var isFirst = true
        for stage in sweep.stages {
            for (number, parameters) in stage.jobs() {
                let command = stage.settings.command.commandLine(
                    CommandContext(parameters: parameters, job: number + 1)
                )
                switch format {
                case .table:
                    if sweep.stages.count > 1 { try output.write("\(stage.settings.name)\t") }
                    try output.write("\(number + 1)\t\(Self.words(parameters))\t")
                    try output.write(command.map { $0 == UInt8(ascii: "\n") ? 0x20 : $0 })
                    try output.write("\n")
                case .commands:
                    try output.write(command + [UInt8(ascii: "\n")])
                case .json:
                    let text = String(decoding: command, as: UTF8.self)
                    try output.write(
                        "\(isFirst ? "" : ",")\n  {\"stage\": "
                            + JSONString.encode(stage.settings.name)
                            + ", \"job\": \(number + 1), \"parameters\": \(parameters.json), "
                            + "\"command\": \(JSONString.encode(text))}"
                    )
                }
                isFirst = false
            }
        }
        if format == .json { try output.write(isFirst ? "]\n" : "\n]\n") }
        try output.flush()
    }

    private static func words(_ parameters: Parameters) -> String {
        parameters.all.map {
            "\($0.name)=\(String(decoding: ShellQuoting.quoted($0.value.bytes), as: UTF8.self))"
        }.joined(separator: " ")
    }
}
