/// A command to run, in bytes as the system wants them.
struct ProcessRequest: Sendable, Hashable, Codable {
    /// The program and its arguments; a program without a slash is looked for in the `PATH` of the
    /// environment.
    @CStringList var arguments: [[UInt8]]
    /// The whole environment, as `NAME=value`.
    @CStringList var environment: [[UInt8]]
    /// Where to run it; `nil` for where the supervisor runs.
    var directory: [UInt8]?
    /// The files that take its standard output and error. They are appended to.
    var output: String
    var errors: String
    /// What these two files are called once the command has run for
    /// ``SupervisedCommand/namingDelay``; none, if they keep their names.
    var names: [String] = []
    /// How long it may take.
    var timeout: Duration?
    /// The most bytes it may write to both files.
    var outputLimit: Int?
    /// How long it may take to end after a SIGTERM before it is sent a SIGKILL.
    var grace: Duration
}
