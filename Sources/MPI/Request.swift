import CMPI

/// A non-blocking operation and the memory it works on, which stays where it is until the
/// operation has completed (MPI 3.1, section 3.7).
@MPIActor
final class Request {
    let memory: UnsafeMutableRawBufferPointer
    private var request: CMPI_Request
    private(set) var isComplete = false

    /// Starts an operation on `count` bytes of new memory.
    ///
    /// - Parameter start: fills the memory if needed and makes the MPI call.
    init(
        _ function: StaticString,
        bytes count: Int,
        start: (UnsafeMutableRawBufferPointer, inout CMPI_Request) -> Int32
    ) throws(MPIError) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
        var request = CMPI_REQUEST_NULL()
        let code = start(UnsafeMutableRawBufferPointer(rebasing: memory[..<count]), &request)
        guard code == CMPI_SUCCESS() else {
            memory.deallocate()
            throw MPIError(function: function.description, code: code)
        }
        self.memory = UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
        self.request = request
    }

    /// Looks whether the operation has completed, and makes progress (`MPI_Test`).
    func test() throws(MPIError) -> Bool {
        guard !isComplete else { return true }
        var flag: Int32 = 0
        try check("MPI_Test") { MPI_Test(&request.handle, &flag, CMPI_STATUS_IGNORE()) }
        isComplete = flag != 0
        return isComplete
    }

    // An operation under way still uses its memory: better to keep that than to let MPI write
    // into somebody else's.
    isolated deinit {
        if isComplete { memory.baseAddress?.deallocate() }
    }
}
