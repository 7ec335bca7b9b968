import CMPI

/// A group of ranks with messages of their own (MPI 3.1, chapter 6).
@MPIActor
package final class Communicator {
    /// This process's rank, 0 ..< ``size`` (`MPI_Comm_rank`).
    package nonisolated let rank: Int
    /// The number of ranks (`MPI_Comm_size`).
    package nonisolated let size: Int
    /// This process's host (`MPI_Get_processor_name`, section 8.1.1).
    package nonisolated let host: String

    /// The ranks that collective operations have, in order: all but the lost ones.
    package private(set) var members: [Int]

    /// What answers in the place of other ranks, in a process without MPI.
    let replay: (any Replay)?

    private let storage: CMPI_Comm
    /// Has the ranks of ``members`` only.
    private var collective: CMPI_Comm
    /// For messages between two ranks.
    var handle: MPI_Comm { storage.handle }
    /// For collective operations.
    var group: MPI_Comm { collective.handle }

    /// Whether ranks were lost.
    package var hasLost: Bool { members.count < size }

    /// A duplicate of another communicator (`MPI_Comm_dup`, section 6.4.2). Collective.
    convenience init(duplicating parent: CMPI_Comm) throws(MPIError) {
        var copy = parent
        try check("MPI_Comm_dup") { MPI_Comm_dup(parent.handle, &copy.handle) }
        try self.init(owning: copy)
    }

    private init(owning storage: CMPI_Comm) throws(MPIError) {
        let handle = storage.handle
        var rank: Int32 = 0
        var size: Int32 = 0
        try check("MPI_Comm_set_errhandler") {
            MPI_Comm_set_errhandler(handle, CMPI_ERRORS_RETURN())
        }
        try check("MPI_Comm_rank") { MPI_Comm_rank(handle, &rank) }
        try check("MPI_Comm_size") { MPI_Comm_size(handle, &size) }
        self.storage = storage
        self.collective = storage
        self.members = Array(0..<Int(size))
        replay = nil
        self.rank = Int(rank)
        self.size = Int(size)
        self.host = string(capacity: CMPI_MAX_PROCESSOR_NAME()) { MPI_Get_processor_name($0, $1) }
    }

    /// The ranks of a launch, in a process that stands in for one of them.
    init(_ replay: any Replay) {
        self.replay = replay
        storage = CMPI_COMM_WORLD()
        collective = storage
        (rank, size, host) = replay.place
        members = Array(0..<size)
    }

    /// Whether this process stands in for a rank.
    package var isReplayed: Bool { replay != nil }

    /// The ranks of this communicator on this rank's node, which share its memory
    /// (`MPI_Comm_split_type` with `MPI_COMM_TYPE_SHARED`, section 6.4.2), in the order of their
    /// ranks here. Collective. The caller frees it.
    package func splitByNode() throws(MPIError) -> Communicator {
        var node = storage
        try check("MPI_Comm_split_type") {
            MPI_Comm_split_type(
                group,
                CMPI_COMM_TYPE_SHARED(),
                Int32(rank),
                CMPI_INFO_NULL(),
                &node.handle
            )
        }
        return try Communicator(owning: node)
    }

    /// Goes on without ranks that have ended: from now on collective operations are those of the
    /// others, made by them alone (`MPI_Comm_create_group`, section 6.4.2). Collective among them.
    ///
    /// MPI says nothing of a dead rank, and an operation with it never completes. The parent is
    /// `MPI_COMM_WORLD`, because nobody probes it for messages: Open MPI 4 sends those of
    /// `MPI_Comm_create_group` in a form that `MPI_Improbe` for any tag takes.
    ///
    /// - Parameter lost: ranks of the launch, not rank 0.
    package func continueWithout(_ lost: Set<Int>) throws(MPIError) {
        let living = members.filter { !lost.contains($0) }
        let ranks = living.map(Int32.init)
        let world = CMPI_COMM_WORLD()
        var (all, some) = (CMPI_GROUP_NULL(), CMPI_GROUP_NULL())
        var survivors = storage
        try check("MPI_Comm_group") { MPI_Comm_group(world.handle, &all.handle) }
        try check("MPI_Group_incl") {
            MPI_Group_incl(all.handle, Int32(ranks.count), ranks, &some.handle)
        }
        try check("MPI_Comm_create_group") {
            MPI_Comm_create_group(world.handle, some.handle, 0, &survivors.handle)
        }
        try check("MPI_Comm_set_errhandler") {
            MPI_Comm_set_errhandler(survivors.handle, CMPI_ERRORS_RETURN())
        }
        try check("MPI_Group_free") { MPI_Group_free(&some.handle) }
        try check("MPI_Group_free") { MPI_Group_free(&all.handle) }
        collective = survivors
        members = living
    }

    /// Frees the communicator (`MPI_Comm_free`, section 6.4.3). Collective; it must not be used
    /// afterwards.
    package func free() throws(MPIError) {
        guard replay == nil else { return }
        var storage = storage
        try check("MPI_Comm_free") { MPI_Comm_free(&storage.handle) }
    }
}
