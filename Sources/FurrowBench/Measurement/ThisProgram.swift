import Foundation

/// The program that runs.
enum ThisProgram {
    /// Its file.
    static var path: String {
        get throws { try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") }
    }
}
