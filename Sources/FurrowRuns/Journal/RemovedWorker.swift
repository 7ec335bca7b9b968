/// A worker that was taken out of a stage.
package struct RemovedWorker: Codable, Sendable, Hashable, CustomStringConvertible {
    /// The stage's name.
    package var stage: String
    /// Its task id.
    package var taskID: Int
    /// Its host.
    package var host: String
    /// Why.
    package var reason: String

    enum CodingKeys: String, CodingKey {
        case stage
        case taskID = "task_id"
        case host, reason
    }

    /// - Parameters:
    ///   - stage: the stage's name.
    ///   - taskID: its task id.
    ///   - host: its host.
    ///   - reason: why.
    package init(stage: String, taskID: Int, host: String, reason: String) {
        self.stage = stage
        self.taskID = taskID
        self.host = host
        self.reason = reason
    }

    /// In one line.
    package var description: String { "task \(taskID) on \(host) was taken out: \(reason)" }
}
