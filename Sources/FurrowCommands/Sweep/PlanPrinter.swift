import Furrow
import Glibc

/// The forms of a plan.
public enum PlanFormat: String, Sendable, CaseIterable {
    /// Number, parameters and command, with tabs between.
    case table
    /// The commands alone, one a line, as one would type them.
    case commands
    /// An array of objects.
    case json
}

/// Writes what a sweep would run, job by job.
public struct PlanPrinter {
    private let sweep: Sweep

    /// - Parameter sweep: what to show.
    public init(_ sweep: Sweep) { self.sweep = sweep }

    /// Writes to standard output.
    ///
    /// - Throws: ``Furrow/FileError`` where that fails for another reason than a reader that left.
    public func write(as format: PlanFormat) throws(FileError) {
        var output = BufferedOutput()
        if format == .json { try output.write("[") }
        if format == .table {
            let stage = sweep.stages.count > 1 ? "stage\t" : ""
            try output.write("\(stage)job\tparameters\tcommand\n")
        }
        var isFirst = true
        for stage in sweep.stages {
            for (number, parameters) in stage.space.enumerated() {
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

/// Standard output for many small pieces, of which the first show at once.
public struct BufferedOutput {
    private var buffer: [UInt8] = []
    private var limit = 4096

    /// An empty buffer.
    public init() {}

    /// Writes a text.
    public mutating func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

    /// Writes bytes.
    public mutating func write(_ bytes: [UInt8]) throws(FileError) {
        buffer += bytes
        if buffer.count >= limit { try flush() }
    }

    /// Writes what is left.
    public mutating func flush() throws(FileError) {
        defer { buffer.removeAll(keepingCapacity: true) }
        limit = 1 << 16
        guard !writeAll(buffer, to: STDOUT_FILENO), errno != EPIPE else { return }
        throw FileError("standard output")
    }
}
