import CMPI

/// A non-blocking operation and its memory, which does not move until the operation completes (MPI
/// 3.1, section 3.7).
@MPIActor
final class Request {
    let memory: UnsafeMutableRawBufferPointer
    private var request: CMPI_Request
    private(set) var isComplete = false

    /// Starts an operation on `count` new bytes.
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

    /// Whether the operation has completed; makes progress (`MPI_Test`).
    func test() throws(MPIError) -> Bool {
        guard !isComplete else { return true }
        var flag: Int32 = 0
        try check("MPI_Test") { MPI_Test(&request.handle, &flag, CMPI_STATUS_IGNORE()) }
        isComplete = flag != 0
        return isComplete
    }

    // A running operation still uses its memory. Leaking it is better than letting MPI write into
    // memory that was reused.
    isolated deinit {
        if isComplete { memory.baseAddress?.deallocate() }
    }
}
