/// What can stand in a command's places.
public struct CommandContext: Sendable {
    /// The job's parameters.
    public var parameters: Parameters
    /// The job's number, from 1.
    public var job: Int
    /// The task id of its worker; `nil` when serial.
    public var taskID: Int?
    /// The device it may use, as its runtime names it; empty where there is none.
    public var device = ""
    /// Which attempt it is, from 1.
    public var attempt = 1
    /// The run's directory.
    public var runDirectory = ""
    /// The results of the previous stage; empty in the first.
    public var previousResults = ""

    /// - Parameters:
    ///   - parameters: the job's parameters.
    ///   - job: the job's number, from 1.
    public init(parameters: Parameters, job: Int) {
        self.parameters = parameters
        self.job = job
    }
}
