import ArgumentParser
import Furrow
import MPI

/// What the operations of the MPI target bring to every rank: a line a rank for each case.
struct MPICases: FurrowProgram {
    static let configuration = CommandConfiguration(commandName: "mpi")

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        for (name, run) in Self.cases {
            FileOutput.write("rank \(world.rank): \(name): \(try run(world))\n")
        }
    }

    @MPIActor private static let cases: [(String, (Communicator) throws -> String)] = [
        ("gather", { try gathered($0, limit: Communicator.roundLimit) }),
        ("gather by 1", { try gathered($0, limit: 1) }),
        ("gather by 7", { try gathered($0, limit: 7) }),
        ("scatter", { try scattered($0, limit: Communicator.roundLimit) }),
        ("scatter by 1", { try scattered($0, limit: 1) }),
        ("scatter by 7", { try scattered($0, limit: 7) }),
        (
            "empty gather",
            { world in
                let blocks = try world.gatherBlocks([])
                return "\(blocks.map(\.count))"
            }
        ),
        ("broadcast", { "\(try $0.broadcast($0.rank == 0 ? [1, 2, 3] : [9]))" }),
        ("broadcast by 2", { "\(try $0.broadcast($0.rank == 0 ? [1, 2, 3] : [9], limit: 2))" }),
        ("empty broadcast", { "\(try $0.broadcast($0.rank == 0 ? [] : [9]))" }),
        ("sum", { "\(try $0.sum([Int64($0.rank), 1]))" }),
        ("maximum", { "\(try $0.maximum(-$0.rank))" }),
        (
            "numbers",
            { world in
                let all = try world.gather(10 * world.rank)
                return "\(all) \(try world.scatter(all.map { $0 + 1 }))"
            }
        ),
        ("channel", { try exchanged($0, limit: Communicator.roundLimit) }),
        ("channel by 3", { try exchanged($0, limit: 3) }),
        (
            "error",
            { world in
                do {
                    try Channel(world).send([1], to: world.size, tag: 0)
                    return "none"
                } catch let error as MPIError {
                    return "\(error.function), code \(error.code != 0), class \(error.errorClass), "
                        + "text \(!error.text.isEmpty), \(error)"
                }
            }
        ),
    ]

    /// Bytes of their own for each rank; none for the first.
    @MPIActor
    private static func bytes(of rank: Int) -> [UInt8] { (0..<5 * rank).map { UInt8($0 + rank) } }

    /// Whether rank 0 has every rank's bytes, which each sent in pieces.
    @MPIActor
    private static func gathered(_ world: Communicator, limit: Int) throws -> String {
        let mine = bytes(of: world.rank)
        let pieces = [Array(mine.prefix(2)), [], Array(mine.dropFirst(2))]
        let blocks = try world.gatherBlocks(pieces, limit: limit)
        guard world.rank == 0 else { return "\(blocks.count) blocks" }
        let wanted = (0..<world.size).map(bytes)
        return "\(blocks.count) blocks, intact \(blocks.map { Array($0) } == wanted)"
    }

    /// Whether this rank has its bytes from rank 0.
    @MPIActor
    private static func scattered(_ world: Communicator, limit: Int) throws -> String {
        let blocks = world.rank == 0 ? (0..<world.size).map(bytes) : []
        return "intact \(try world.scatterBlocks(blocks, limit: limit) == bytes(of: world.rank))"
    }

    /// Each rank sends to the next, itself where it is alone: in order, whatever the length.
    @MPIActor
    private static func exchanged(_ world: Communicator, limit: Int) throws -> String {
        let channel = Channel(world, limit: limit)
        let (next, previous) = ((world.rank + 1) % world.size, (world.rank - 1) + world.size)
        let messages: [(Int32, [UInt8])] = [
            (0, []), (1, [1, 2, 3]), (2, Array(0..<100)), (3, [4]),
        ]
        for (tag, bytes) in messages { try channel.send(bytes, to: next, tag: tag) }
        var arrived: [Channel.Message] = []
        while arrived.count < messages.count {
            if let message = try channel.receive() { arrived.append(message) }
        }
        try channel.flush()
        // The next case must not find a message of this one.
        try world.barrier()
        let isIntact = zip(arrived, messages).allSatisfy {
            $0.tag == $1.0 && $0.bytes == $1.1 && $0.source == previous % world.size
        }
        return "\(arrived.count) messages, intact \(isIntact), busy \(channel.isBusy)"
    }
}
