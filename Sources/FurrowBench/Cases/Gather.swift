import ArgumentParser
import CBareMPI
import Furrow
import MPI

/// `furrow-bench gather`
struct Gather: CollectiveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bytes a second of the gather, beside a bare MPI_Gatherv of the same."
    )

    @Option(help: "The number of bytes of all workers together.")
    var bytes = 256_000_000

    @Option(help: "The number of rounds; the best counts.")
    var rounds = 5

    @OptionGroup var output: OutputOptions

    @MPIActor
    func run() async throws {
        let world = try MPISession.start()
        guard world.size > 1 else { throw UsageError("gather needs at least two ranks") }
        let share = bytes / (world.size - 1)
        guard share * (world.size - 1) < Int32.max else {
            throw UsageError(
                "--bytes must be less than 2³¹, the limit of MPI_Gatherv, but is \(bytes)"
            )
        }
        let mine = [UInt8](unsafeUninitializedCapacity: world.rank == 0 ? 0 : share) {
            for place in $0.indices { $0[place] = Self.byte(place, of: world.rank) }
            $1 = $0.count
        }
        var times: [Double] = []
        var bareTimes: [Double] = []
        for _ in 0..<rounds {
            try world.barrier()
            let start = ContinuousClock.now
            let blocks = try world.gatherBlocks([mine])
            times.append((ContinuousClock.now - start) / .seconds(1))
            if world.rank == 0 {
                let isRight = blocks.enumerated().allSatisfy { rank, block in
                    block.count == (rank == 0 ? 0 : share)
                        && block.enumerated().allSatisfy { $1 == Self.byte($0, of: rank) }
                }
                try WrongResult.unless(isRight, "other bytes than were sent")
            }
            bareTimes.append(try bare(mine, share, world))
        }
        guard world.rank == 0 else { return }
        let total = Double(share * (world.size - 1)) / 1e9
        try output.print(
            Measurement("gather", total / Sample(times).quantile(0), "GB/s")
                .with("MPI_Gatherv", total / Sample(bareTimes).quantile(0), "GB/s")
        )
    }

    @MPIActor
    private func bare(_ mine: [UInt8], _ share: Int, _ world: Communicator) throws -> Double {
        var nanoseconds: Int64 = 0
        var code: Int32 = 0
        let total = world.rank == 0 ? share * (world.size - 1) : 0
        let all = [UInt8](unsafeUninitializedCapacity: total) { memory, initialized in
            code = bare_gather(Int32(share), mine, memory.baseAddress, &nanoseconds)
            initialized = total
        }
        let last = all.last == Self.byte(share - 1, of: world.size - 1)
        try WrongResult.unless(
            code == 0 && (total == 0 || last),
            "MPI_Gatherv ended with \(code), or with other bytes"
        )
        return Double(nanoseconds) * 1e-9
    }

    private static func byte(_ place: Int, of rank: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: place &* 31 &+ rank)
    }
}
