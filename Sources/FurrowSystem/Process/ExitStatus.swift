/// The exit statuses of Furrow's programs; 64 and above as in `sysexits.h`.
package enum ExitStatus: Int32, Sendable {
    /// All jobs succeeded.
    case success = 0
    /// Jobs failed.
    case jobsFailed = 1
    /// The command line is wrong.
    case usage = 64
    /// The configuration or other input is wrong.
    case input = 65
    /// Something other than a job failed.
    case internalError = 70
    /// The run ended early and can be resumed.
    case interrupted = 75
}
