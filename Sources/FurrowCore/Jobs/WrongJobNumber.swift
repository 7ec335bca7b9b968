/// A job whose `jobNumber` cannot be its number in the stage.
struct WrongJobNumber: Error, CustomStringConvertible {
    let number: Int
    /// Whether an earlier job has it.
    let isTaken: Bool

    var description: String {
        isTaken
            ? "two jobs have the number \(number); jobNumber must be another for each job"
            : "a job has the number \(number); jobNumber must be from 0 to 281474976710655"
    }
}
