/// The values for a command's placeholders.
package struct CommandContext: Sendable {
    /// The job's parameters.
    package var parameters: Parameters
    /// The job's number, from 1.
    package var job: Int
    /// The task id of its worker; `nil` when serial.
    package var taskID: Int?
    /// The name of its device in the runtime's variable; empty if it has none.
    package var device = ""
    /// The number of the attempt, from 1.
    package var attempt = 1
    /// The run's directory.
    package var runDirectory = ""
    /// The results of the previous stage; empty in the first.
    package var previousResults = ""

    /// - Parameters:
    ///   - parameters: the job's parameters.
    ///   - job: the job's number, from 1.
    package init(parameters: Parameters, job: Int) {
        self.parameters = parameters
        self.job = job
    }
}
