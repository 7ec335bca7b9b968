import ArgumentParser
import Furrow
import MPI

/// `furrow-bench message`
struct Messages: CollectiveCommand {
    static let configuration = CommandConfiguration(
        commandName: "message",
        abstract: "Rank 0's cost to receive a waiting message, and to send one."
    )

    @Option(help: "The number of messages at once, fewer than MPI buffers for a busy rank.")
    var burst = 200

    @Option(help: "How often.")
    var rounds = 100

    @Option(help: "How long they are, in bytes.")
    var bytes = 64

    @OptionGroup var output: OutputOptions

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        guard world.size > 1 else { throw UsageError("message needs at least two ranks") }
        let channel = Channel(world)
        let message = [UInt8](repeating: 7, count: bytes)
        var (takes, sends): ([Double], [Double]) = ([], [])
        for _ in 0..<rounds {
            if world.rank == 1 {
                for _ in 0..<burst { try channel.send(message, to: 0, tag: 0) }
                try channel.flush()
            }
            try world.barrier()
            if world.rank == 0 { takes.append(try time { try drain(channel, message) }) }
            try world.barrier()
            if world.rank == 0 {
                sends.append(
                    try time {
                        for _ in 0..<burst { try channel.send(message, to: 1, tag: 1) }
                        try channel.flush()
                    }
                )
            }
            if world.rank == 1 { try drain(channel, message) }
            try world.barrier()
        }
        guard world.rank == 0 else { return }
        let (take, send) = (Sample(takes).median, Sample(sends).median)
        try output.print(
            Measurement("message", (take + send) / 2, "µs")
                .with("to take", take, "µs")
                .with("to send", send, "µs")
        )
    }

    /// Microseconds per message.
    @MPIActor
    private func time(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .microseconds(1) / Double(burst)
    }

    @MPIActor
    private func drain(_ channel: Channel, _ expected: [UInt8]) throws {
        var count = 0
        while count < burst {
            guard let message = try channel.receive() else { continue }
            try WrongResult.unless(message.bytes == expected, "another message than was sent")
            count += 1
        }
    }
}
