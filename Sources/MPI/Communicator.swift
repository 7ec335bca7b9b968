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

    private let storage: CMPI_Comm
    var handle: MPI_Comm { storage.handle }

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
        self.rank = Int(rank)
        self.size = Int(size)
        self.host = string(capacity: CMPI_MAX_PROCESSOR_NAME()) { MPI_Get_processor_name($0, $1) }
    }

    /// The ranks of this communicator on this rank's node, which share its memory
    /// (`MPI_Comm_split_type` with `MPI_COMM_TYPE_SHARED`, section 6.4.2), in the order of their
    /// ranks here. Collective. The caller frees it.
    package func splitByNode() throws(MPIError) -> Communicator {
        var node = storage
        try check("MPI_Comm_split_type") {
            MPI_Comm_split_type(
                handle,
                CMPI_COMM_TYPE_SHARED(),
                Int32(rank),
                CMPI_INFO_NULL(),
                &node.handle
            )
        }
        return try Communicator(owning: node)
    }

    /// Frees the communicator (`MPI_Comm_free`, section 6.4.3). Collective; it must not be used
    /// afterwards.
    package func free() throws(MPIError) {
        var storage = storage
        try check("MPI_Comm_free") { MPI_Comm_free(&storage.handle) }
    }
}
