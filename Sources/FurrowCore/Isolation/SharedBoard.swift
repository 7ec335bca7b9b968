import CLinux
import FurrowRuns
import FurrowSystem
import Glibc

/// The memory that a rank shares with the process of its jobs: which job runs, and the messages of
/// both.
///
/// Safe to share: see ``Ring`` and `JobBoard`. It is mapped until the object goes.
final class SharedBoard: @unchecked Sendable {
    /// How many bytes of messages there are in each direction.
    private static let capacity = 4 << 20
    private static let page = 4096
    /// What it is, for messages.
    static let meaning = "memory shared with the process of jobs"
    private static var size: Int { page + 2 * capacity }

    private let memory: UnsafeMutableRawPointer

    /// The job that the process runs.
    let board: JobBoard
    /// What the rank says.
    let orders: Ring
    /// What the process says.
    let replies: Ring

    /// Maps the memory.
    ///
    /// - Parameter file: in memory; a new one gets its size.
    init(_ file: OpenFile) throws(FileError) {
        try file.resize(to: Self.size)
        memory = try file.map(Self.size)
        board = JobBoard(at: memory)
        let data = memory + Self.page
        orders = Ring(header: memory + 1024, data: data, capacity: Self.capacity)
        replies = Ring(
            header: memory + 2048,
            data: data + Self.capacity,
            capacity: Self.capacity
        )
    }

    deinit { munmap(memory, Self.size) }
}
