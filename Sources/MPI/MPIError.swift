import CMPI

/// An MPI call that did not return `MPI_SUCCESS` (MPI 3.1, section 8.3).
public struct MPIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The MPI function that failed, for example `MPI_Isend`.
    public let function: String
    /// The implementation's own error code.
    public let code: Int
    /// The standard's error class of `code` (`MPI_Error_class`).
    public let errorClass: Int
    /// The text of `MPI_Error_string` for `code`.
    public let text: String

    public var description: String {
        "\(function) failed: \(text) (class \(errorClass), code \(code))"
    }

    init(function: String, code: Int32) {
        self.function = function
        self.code = Int(code)
        // Before MPI has started, and after its end, it explains nothing: asking would end the
        // process.
        var (isStarted, isOver): (Int32, Int32) = (0, 0)
        MPI_Initialized(&isStarted)
        MPI_Finalized(&isOver)
        guard isStarted != 0, isOver == 0 else {
            errorClass = 0
            text = isOver == 0 ? "MPI cannot be started" : "MPI did not end well"
            return
        }
        var errorClass: Int32 = 0
        MPI_Error_class(code, &errorClass)
        self.errorClass = Int(errorClass)
        self.text = string(capacity: CMPI_MAX_ERROR_STRING()) { MPI_Error_string(code, $0, $1) }
    }

    /// An error that Furrow found in the result of an MPI call.
    ///
    /// - Parameters:
    ///   - function: the MPI function.
    ///   - text: what was wrong.
    public init(function: String, text: String) {
        self.function = function
        self.code = 0
        self.errorClass = 0
        self.text = text
    }
}

/// Makes one MPI call, and throws if it returns an error.
@inline(__always)
func check(_ function: StaticString, _ call: () -> Int32) throws(MPIError) {
    let code = call()
    if code != CMPI_SUCCESS() {
        throw MPIError(function: function.description, code: code)
    }
}

/// The text written by an MPI function into a buffer of `capacity` bytes.
func string(
    capacity: Int32,
    _ fill: (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<Int32>) -> Int32
) -> String {
    var bytes = [CChar](repeating: 0, count: Int(capacity) + 1)
    var length: Int32 = 0
    guard bytes.withUnsafeMutableBufferPointer({ fill($0.baseAddress, &length) }) == CMPI_SUCCESS()
    else { return "" }
    return String(decoding: bytes.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
}
