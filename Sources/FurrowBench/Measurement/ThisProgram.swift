import Foundation

/// The running program.
enum ThisProgram {
    /// The path of its file.
    static var path: String {
        get throws { try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") }
    }
}
