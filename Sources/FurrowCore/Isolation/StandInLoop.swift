import FurrowScheduling
import FurrowSystem
import MPI

/// The part in a stage of a process that runs jobs for its rank: what ``WorkerLoop`` is in a rank.
@MPIActor
struct StandInLoop<Work: Job> {
    /// How often a long job is looked for, and reports that are not urgent are sent.
    private static var interval: Duration { .milliseconds(50) }

    private let queue: WorkerQueue<Work>
    private let outbox: Outbox
    private var policy: StopPolicy
    private var hasStopped = false
    /// Whether the rank has ended the stage.
    private(set) var isOver = false

    init(_ queue: WorkerQueue<Work>, _ outbox: Outbox, grace: Duration) {
        self.queue = queue
        self.outbox = outbox
        policy = StopPolicy(grace: grace, runsJobs: true)
    }

    /// Handles a message of the rank.
    mutating func handle(_ message: JobMessage, _ bytes: [UInt8]) async {
        switch message {
        case .deal:
            queue.add(JobFrames(message: bytes))
        case .recall:
            outbox.report(queue, always: true)
            outbox.send(.returned, queue.revoke().flatMap(\.message))
        case .resume:
            queue.resume()
        case .hold:
            queue.hold()
        case .stop:
            policy.handle(.ordered(bytes.first.flatMap(StopMode.init) ?? .abort), at: .now)
        case .end:
            let problem = await queue.close()
            var bytes: [UInt8] = []
            do {
                try WireEncoder().encode(problem, into: &bytes)
            } catch {
                preconditionFailure("a problem has no wire form: \(error)")
            }
            outbox.send(.closed, bytes)
            isOver = true
        case .begin, .result, .sum, .shown, .emitted, .report, .returned, .stopped, .stuck,
            .closed:
            preconditionFailure("a process for jobs was sent '\(message)'")
        }
    }

    /// Does what is due.
    mutating func look() {
        guard !isOver else { return }
        while let action = policy.nextAction() {
            // The rank ends this process when it gives up a job.
            if action != .abandon { queue.obey(action) }
        }
        // Read before the report is taken: a job that ends in between is reported next time.
        let isAtEnd = !policy.mayStart && !hasStopped && !queue.isRunning
        outbox.report(queue, always: true)
        if isAtEnd {
            hasStopped = true
            outbox.send(.stopped, [])
        }
    }

    /// How long to wait for the rank's next message.
    var pause: Duration? {
        queue.isRunning || !policy.mayStart && !hasStopped ? Self.interval : nil
    }
}
