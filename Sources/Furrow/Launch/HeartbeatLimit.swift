import ArgumentParser
import FurrowSystem

/// The value of `--heartbeat`: how long a worker's rank may go without a sign of life.
struct HeartbeatLimit: ExpressibleByArgument {
    /// `nil`: any time.
    var duration: Duration?

    init(duration: Duration?) { self.duration = duration }

    init?(argument: String) {
        if argument == "never" {
            duration = nil
        } else if let span = TimeSpan(argument: argument), span.duration >= .seconds(1) {
            duration = span.duration
        } else {
            return nil
        }
    }

    var defaultValueDescription: String {
        duration.map { TimeSpan($0).defaultValueDescription } ?? "never"
    }
}
